//! What to send to a provider's API: a URL, fixed headers, and how the key is shown. Never the key.

use std::fmt::Write as _;

/// How the API key is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer <key>` (RFC 6750).
    Bearer,
}

impl Auth {
    /// The words for the ways in a definition.
    pub const WORDS: [(&'static str, Self); 1] = [("bearer", Self::Bearer)];
}

/// A GET to a provider's API. Holds no secret: it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// The whole URL.
    pub url: String,
    /// Headers beside the one that shows the key.
    pub headers: Vec<(String, String)>,
    /// How the key is shown.
    pub auth: Auth,
}

/// A query of names and values, percent-encoded (RFC 3986, section 2) but for the unreserved
/// characters.
pub(super) fn query<'q>(pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        query.push(if query.is_empty() { '?' } else { '&' });
        encode(name, &mut query);
        query.push('=');
        encode(value, &mut query);
    }
    query
}

fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_ends_it() {
        let pairs = [("created[gte]", "17"), ("after", "a&b=c#d é%")];
        assert_eq!(query(pairs), "?created%5Bgte%5D=17&after=a%26b%3Dc%23d%20%C3%A9%25");
        assert_eq!(query([]), "");
    }
}
