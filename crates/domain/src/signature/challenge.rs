//! Texts that anybody may have a code made of, at a handshake that nobody signs. As anybody has their
//! codes, a code of such a text proves nothing: no request is believed for one.

use std::ops::RangeInclusive;

/// What the texts look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// A short word without the punctuation of JSON, of forms, or of signed content such as `v0:17:{}`.
    Word,
    /// So many lower-case hex digits.
    HexDigits(RangeInclusive<usize>),
}

/// No challenge is longer.
const LONGEST: usize = 128;

impl Challenge {
    /// Whether a text is one of them.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        let hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+/=".contains(byte);
        match self {
            Self::Word => (1..=LONGEST).contains(&text.len()) && text.iter().all(harmless),
            Self::HexDigits(digits) => digits.contains(&text.len()) && text.iter().all(hex),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_code_is_made_of() {
        for text in ["1", "abc_1", "a+b/c=", &"x".repeat(128)] {
            assert!(Challenge::Word.is(text.as_bytes()), "{text}");
        }
        for text in ["", "{}", "v0:1:x", "a b", "a.b", "a&b", &"x".repeat(129)] {
            assert!(!Challenge::Word.is(text.as_bytes()), "{text}");
        }
        let digits = Challenge::HexDigits(20..=32);
        for text in ["a", "A0A0A0A0A0A0A0A0A0A0", "g0a0a0a0a0a0a0a0a0a0", &"a".repeat(33)] {
            assert!(!digits.is(text.as_bytes()), "{text}");
        }
        assert!(digits.is(b"a0a0a0a0a0a0a0a0a0a0"));
    }
}
