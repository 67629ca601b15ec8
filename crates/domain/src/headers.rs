//! The headers of a request: lower-case names, values as bytes.
//!
//! A header that was sent several times is kept as one value joined with a comma, because that is
//! all that API Gateway's HTTP API and function URLs let us see. The receiver behaves the same
//! whichever way a repeated header arrives.

use std::borrow::Cow;
use std::fmt;

/// The headers of one request. The methods are total: no name and no value makes them fail.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value; joins it with a comma to what stands under the same name already.
    pub fn add(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        match self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, present)) => {
                present.push(b',');
                present.extend_from_slice(value);
            }
            None => self.0.push((name.to_ascii_lowercase(), value.to_vec())),
        }
    }

    /// The value of a header, whatever the case of its name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The value of a header as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// Names and values in the order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::new();
        for (name, value) in pairs {
            headers.add(name.as_ref(), value);
        }
        headers
    }
}

impl fmt::Debug for Headers {
    /// Names only: values may be credentials.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case() {
        let headers: Headers = [("X-Acme-Signature", "abc")].into_iter().collect();
        assert_eq!(headers.get("x-acme-signature"), Some(&b"abc"[..]));
        assert_eq!(headers.get("X-ACME-SIGNATURE"), Some(&b"abc"[..]));
        assert_eq!(headers.iter().next().map(|(name, _)| name), Some("x-acme-signature"));
        assert_eq!(headers.get("x-acme"), None);
    }

    #[test]
    fn repeated_headers_look_as_behind_api_gateway() {
        let headers: Headers = [("A", "1"), ("b", "2"), ("a", "3")].into_iter().collect();
        assert_eq!(headers.get("a"), Some(&b"1,3"[..]));
    }

    #[test]
    fn any_bytes_are_a_value() {
        let headers: Headers = [("é\u{0}", &[0xff, 0x00, 0xe9][..])].into_iter().collect();
        assert_eq!(headers.get("é\u{0}"), Some(&[0xff, 0x00, 0xe9][..]));
        assert_eq!(headers.text("é\u{0}").as_deref(), Some("\u{fffd}\u{0}\u{fffd}"));
    }

    #[test]
    fn values_are_not_shown() {
        let headers: Headers = [("Authorization", "Bearer hunter2")].into_iter().collect();
        assert_eq!(format!("{headers:?}"), r#"["authorization"]"#);
    }
}
