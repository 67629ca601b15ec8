//! Names of secrets. The configuration never holds a secret: it is packaged, committed and shown.

use crate::reading::Table;
use std::fmt;

/// What a secret is called in the stack's secret store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(String);

/// How well-known secrets begin. A name never does.
const SECRETS_BEGIN: [&str; 13] = [
    "whsec_",
    "whsk_",
    "whpk_",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "shpss_",
    "shpat_",
    "ghp_",
    "github_pat_",
    "xoxb-",
    "AKIA",
];

impl SecretName {
    /// A name of 1–64 characters of `A–Z`, `a–z`, `0–9`, `.`, `-` and `_` that does not look like a
    /// secret itself.
    pub fn new(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let named = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        (named && !looks_secret(text)).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Reads a name, if present. What was written instead is never repeated in the problem: it may well
/// be the secret.
pub(super) fn optional(table: &mut Table<'_>, key: &'static str) -> Option<SecretName> {
    let line = table.line_of(key);
    let text = table.optional_string(key)?;
    let name = SecretName::new(&text);
    if name.is_none() && looks_secret(&text) {
        table.problem_on_line(
            line,
            format!(
                "`{key}` looks like a secret itself: write its name here and the secret into the \
                 stack's secret store, and revoke it if this file was ever shared"
            ),
        );
    } else if name.is_none() {
        table.problem_on_line(
            line,
            format!("`{key}` must be a name of 1 to 64 characters of A-Z, a-z, 0-9, `.`, `-`, `_`"),
        );
    }
    name
}

fn looks_secret(text: &str) -> bool {
    let long_hex = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    long_hex || SECRETS_BEGIN.iter().any(|begin| text.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for good in ["stripe", "destinations.billing", "Stripe_API-key", &"x".repeat(64)] {
            assert_eq!(SecretName::new(good).map(|name| name.0), Some(good.to_owned()));
        }
        for bad in ["", "a b", "a/b", "é", &"x".repeat(65)] {
            assert_eq!(SecretName::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_no_name() {
        for secret in ["whsec_abc", "sk_live_1", "shpss_1", "8f742231b10e8888abcd99yyyzzz85a5"] {
            let hex = secret.replace(['y', 'z'], "0");
            assert_eq!(SecretName::new(&hex), None, "{hex}");
        }
    }
}
