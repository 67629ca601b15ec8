//! From the text of a secret to the bytes of a key. The same text means different keys to different
//! providers: Stripe takes a whole `whsec_…` as text, Standard Webhooks decodes what follows it.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use icu_normalizer::DecomposingNormalizerBorrowed;
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

/// How a secret's text is made into a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum KeyFormat {
    /// Its UTF-8 bytes.
    #[default]
    Text,
    /// Base64 after an optional `whsec_`, padded or not.
    Whsec,
    /// Base64, padded or not.
    Base64,
    /// Hex digits.
    Hex,
    /// Base64 after an optional `whpk_`: a public key of Standard Webhooks.
    Whpk,
    /// The SHA-1 of its UTF-8 bytes.
    Sha1,
    /// Its UTF-8 bytes in normalisation form KD (Unicode annex 15).
    Nfkd,
}

/// Console pages show secrets with and without padding, and it makes no difference to the key.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key, wiped when dropped if it is a copy.
pub(super) enum Key<'s> {
    Text(&'s [u8]),
    Decoded(Zeroizing<Vec<u8>>),
}

impl Key<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(bytes) => bytes,
            Self::Decoded(bytes) => bytes,
        }
    }
}

impl KeyFormat {
    pub(super) const WORDS: [(&'static str, Self); 7] = [
        ("text", Self::Text),
        ("whsec", Self::Whsec),
        ("base64", Self::Base64),
        ("hex", Self::Hex),
        ("whpk", Self::Whpk),
        ("sha1", Self::Sha1),
        ("nfkd", Self::Nfkd),
    ];

    /// The key; `None` when the text is not in this format. An empty key is none: anybody could
    /// sign with it.
    pub(super) fn key(self, text: &str) -> Option<Key<'_>> {
        let key = match self {
            Self::Text => Key::Text(text.as_bytes()),
            Self::Whsec => Key::Decoded(base64(text.strip_prefix("whsec_").unwrap_or(text))?),
            Self::Base64 => Key::Decoded(base64(text)?),
            Self::Whpk => Key::Decoded(base64(text.strip_prefix("whpk_").unwrap_or(text))?),
            Self::Sha1 if text.is_empty() => return None,
            Self::Sha1 => Key::Decoded(Zeroizing::new(Sha1::digest(text).to_vec())),
            Self::Nfkd if text.is_ascii() => Key::Text(text.as_bytes()),
            Self::Nfkd => {
                let form = DecomposingNormalizerBorrowed::new_nfkd();
                Key::Decoded(Zeroizing::new(form.normalize(text).as_bytes().to_vec()))
            }
            Self::Hex => Key::Decoded(Zeroizing::new(hex::decode(text).ok()?)),
        };
        if key.bytes().is_empty() { None } else { Some(key) }
    }
}

fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    FORGIVING.decode(text).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(format: KeyFormat, text: &str) -> Option<Vec<u8>> {
        format.key(text).map(|key| key.bytes().to_vec())
    }

    #[test]
    fn formats() {
        assert_eq!(key(KeyFormat::Text, "whsec_YWI="), Some(b"whsec_YWI=".to_vec()));
        for text in ["whsec_YWI=", "whsec_YWI", "YWI=", "YWI"] {
            assert_eq!(key(KeyFormat::Whsec, text), Some(b"ab".to_vec()), "{text}");
        }
        assert_eq!(key(KeyFormat::Base64, "YWI="), Some(b"ab".to_vec()));
        assert_eq!(key(KeyFormat::Hex, "6162"), Some(b"ab".to_vec()));
    }

    #[test]
    fn what_is_not_a_key() {
        for (_, format) in KeyFormat::WORDS {
            assert_eq!(key(format, ""), None);
        }
        assert_eq!(key(KeyFormat::Whsec, "whsec_"), None);
        assert_eq!(key(KeyFormat::Whsec, "whpk_YWI="), None, "a public key is no HMAC key");
        assert_eq!(key(KeyFormat::Base64, "whsec_YWI="), None);
        assert_eq!(key(KeyFormat::Hex, "616"), None);
        assert_eq!(key(KeyFormat::Hex, "é"), None);
    }

    #[test]
    fn a_password_is_one_key_however_it_was_typed() {
        let form = Some("fie\u{301}".as_bytes().to_vec());
        for typed in ["\u{fb01}\u{e9}", "fi\u{e9}", "fie\u{301}"] {
            assert_eq!(key(KeyFormat::Nfkd, typed), form, "{typed}");
        }
        assert_eq!(key(KeyFormat::Nfkd, "plain"), Some(b"plain".to_vec()));
    }
}
