//! Secret values in memory: wiped when dropped, never shown, never compared except in constant
//! time. Does not own where they come from.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// One secret text: a signing secret, an API key, a token.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over. The caller's own copies, if any, are not wiped.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that must send it or derive a key from it. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether these bytes are the secret; the time taken depends only on the lengths. An empty
    /// secret matches nothing.
    pub fn matches(&self, candidate: &[u8]) -> bool {
        !self.is_empty() && bool::from(self.0.as_bytes().ct_eq(candidate))
    }

    /// Whether there is no text at all. Such a secret proves nothing: anybody has it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_shown() {
        let secret = Secret::new("whsec_abc");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(…) Some(Secret(…))");
    }

    #[test]
    fn matches_itself_alone() {
        let secret = Secret::new("token");
        assert!(secret.matches(b"token"));
        for other in [&b""[..], b"toke", b"token ", b"Token", "tokén".as_bytes()] {
            assert!(!secret.matches(other));
        }
        assert!(!Secret::new("").matches(b""));
    }
}
