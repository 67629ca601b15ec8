//! Message authentication codes and their text forms. Decoding is strict: every code has exactly
//! one text, so a signature cannot be varied and still be accepted.

use crate::secret::Secret;
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

/// The hash under the HMAC (RFC 2104).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA1, for the providers that offer nothing newer.
    Sha1,
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

/// The text form of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Lower-case hex digits.
    Hex,
    /// Hex digits in either case.
    HexAnyCase,
    /// Base64 with the standard alphabet and padding (RFC 4648 section 4).
    Base64,
    /// Base64 with the URL-safe alphabet, padded or not (RFC 4648 section 5).
    Base64Url,
}

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest code, that of SHA-512.
const LONGEST: usize = 64;

/// A code, computed or claimed.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    bytes: [u8; LONGEST],
    len: usize,
}

/// A code being computed over content that arrives in pieces.
pub(super) enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Box<Hmac<Sha512>>),
}

impl Algorithm {
    /// The words for the algorithms in a definition.
    #[cfg(test)]
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("sha1", Self::Sha1), ("sha256", Self::Sha256), ("sha512", Self::Sha512)];

    const fn tag_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Starts a code; `None` for a key that the algorithm cannot take (HMAC takes any).
    pub(super) fn start(self, key: &[u8]) -> Option<Mac> {
        match self {
            Self::Sha1 => Hmac::new_from_slice(key).ok().map(Mac::Sha1),
            Self::Sha256 => Hmac::new_from_slice(key).ok().map(Mac::Sha256),
            Self::Sha512 => Hmac::new_from_slice(key).ok().map(|mac| Mac::Sha512(Box::new(mac))),
        }
    }

    /// A claimed code of bytes; `None` unless there are as many as it has.
    pub(super) fn tag(self, bytes: &[u8]) -> Option<Tag> {
        (bytes.len() == self.tag_len()).then(|| Tag::of(bytes))
    }

    /// Reads a claimed code; `None` unless it is the one text of a code of the right length.
    pub(super) fn decode(self, encoding: Encoding, text: &[u8]) -> Option<Tag> {
        let mut tag = Tag { bytes: [0; LONGEST], len: self.tag_len() };
        let room = tag.bytes.get_mut(..tag.len)?;
        match encoding {
            Encoding::Hex if text.iter().any(u8::is_ascii_uppercase) => return None,
            Encoding::Hex | Encoding::HexAnyCase => hex::decode_to_slice(text, room).ok()?,
            Encoding::Base64 => decode_base64(&STANDARD, text, room)?,
            Encoding::Base64Url => decode_base64(&URL_SAFE, text, room)?,
        }
        Some(tag)
    }
}

/// Decodes into exactly the room there is.
fn decode_base64(engine: &GeneralPurpose, text: &[u8], room: &mut [u8]) -> Option<()> {
    // A little longer than any code, so that a longer text is seen to be longer.
    let mut decoded = [0; LONGEST + 8];
    let len = engine.decode_slice(text, &mut decoded).ok()?;
    if len != room.len() {
        return None;
    }
    room.copy_from_slice(decoded.get(..len)?);
    Some(())
}

/// The HMAC-SHA256 of a text under a secret's text, for answers to handshakes.
pub(crate) fn code(secret: &Secret, text: &[u8], base64: bool) -> String {
    let encoding = if base64 { Encoding::Base64 } else { Encoding::Hex };
    let mac = Algorithm::Sha256.start(secret.expose().as_bytes());
    let tag = mac.map(|mut mac| {
        mac.update(text);
        mac.finish()
    });
    tag.map(|tag| tag.encode(encoding)).unwrap_or_default()
}

impl Mac {
    pub(super) fn update(&mut self, piece: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(piece),
            Self::Sha256(mac) => mac.update(piece),
            Self::Sha512(mac) => mac.update(piece),
        }
    }

    pub(super) fn finish(self) -> Tag {
        match self {
            Self::Sha1(mac) => Tag::of(&mac.finalize().into_bytes()),
            Self::Sha256(mac) => Tag::of(&mac.finalize().into_bytes()),
            Self::Sha512(mac) => Tag::of(&mac.finalize().into_bytes()),
        }
    }
}

impl Tag {
    fn of(computed: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        bytes.iter_mut().zip(computed).for_each(|(to, from)| *to = *from);
        Self { bytes, len: computed.len().min(LONGEST) }
    }

    /// Compares in a time that does not depend on the bytes.
    pub(super) fn equals(&self, other: &Self) -> Choice {
        self.bytes.ct_eq(&other.bytes) & Choice::from(u8::from(self.len == other.len))
    }

    pub(super) fn encode(&self, encoding: Encoding) -> String {
        encoding.encode(self.bytes.get(..self.len).unwrap_or_default())
    }
}

impl Encoding {
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex | Self::HexAnyCase => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE.encode(bytes),
        }
    }

    /// Reads bytes of any length up to a bound; `None` unless the text is their one text.
    pub(super) fn decode(self, text: &[u8], most: usize) -> Option<Vec<u8>> {
        if text.len() > most.saturating_mul(2) {
            return None;
        }
        match self {
            Self::Hex if text.iter().any(u8::is_ascii_uppercase) => None,
            Self::Hex | Self::HexAnyCase => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64Url => URL_SAFE.decode(text).ok(),
        }
    }

    /// The words for the encodings in a definition.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("hex", Self::Hex),
        ("hex-any-case", Self::HexAnyCase),
        ("base64", Self::Base64),
        ("base64url", Self::Base64Url),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(algorithm: Algorithm, key: &[u8], content: &[u8]) -> Tag {
        let mut mac = algorithm.start(key).expect("any key");
        content.chunks(3).for_each(|piece| mac.update(piece));
        mac.finish()
    }

    #[test]
    fn codes_of_rfc_2202_and_rfc_4231() {
        let of = |algorithm| {
            tag(algorithm, b"Jefe", b"what do ya want for nothing?").encode(Encoding::Hex)
        };
        assert_eq!(of(Algorithm::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            of(Algorithm::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(
            of(Algorithm::Sha512).starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6")
        );
    }

    #[test]
    fn every_encoding_reads_what_it_writes() {
        for (_, algorithm) in Algorithm::WORDS {
            let tag = tag(algorithm, b"k", b"content");
            for (_, encoding) in Encoding::WORDS {
                let text = tag.encode(encoding);
                let read = algorithm.decode(encoding, text.as_bytes()).expect("its own text");
                assert!(bool::from(read.equals(&tag)), "{text}");
            }
        }
    }

    #[test]
    fn no_second_text_is_read() {
        let tag = tag(Algorithm::Sha256, b"k", b"content");
        for (_, encoding) in Encoding::WORDS {
            let text = tag.encode(encoding);
            let shorter = text.get(..text.len() - 2).expect("ascii").to_owned();
            let blank = format!(" {text}");
            for wrong in [
                shorter,
                format!("{text}00"),
                format!("{text}AA"),
                blank,
                format!("{text}\n"),
                format!("é{text}"),
                String::new(),
            ] {
                assert!(
                    Algorithm::Sha256.decode(encoding, wrong.as_bytes()).is_none(),
                    "{wrong:?}"
                );
            }
        }
        let upper = tag.encode(Encoding::Hex).to_uppercase();
        assert!(Algorithm::Sha256.decode(Encoding::Hex, upper.as_bytes()).is_none());
        assert!(Algorithm::Sha256.decode(Encoding::HexAnyCase, upper.as_bytes()).is_some());
        let unpadded = tag.encode(Encoding::Base64).replace('=', "");
        assert!(Algorithm::Sha256.decode(Encoding::Base64, unpadded.as_bytes()).is_none());
    }

    #[test]
    fn the_last_bits_of_base64_must_be_zero() {
        let text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=";
        assert!(Algorithm::Sha256.decode(Encoding::Base64, text.as_bytes()).is_none());
    }

    #[test]
    fn codes_of_different_length_differ() {
        let short = Tag { bytes: [0; LONGEST], len: 20 };
        let long = Tag { bytes: [0; LONGEST], len: 32 };
        assert!(!bool::from(short.equals(&long)));
    }

    #[test]
    fn hex_is_read_in_its_case_and_up_to_a_bound() {
        assert_eq!(Encoding::Hex.decode(b"0a", 1), Some(vec![10]));
        assert_eq!(Encoding::Hex.decode(b"0a0b", 1), None, "more than may be");
        assert_eq!(Encoding::Hex.decode(b"0A", 1), None);
        assert_eq!(Encoding::HexAnyCase.decode(b"0A", 1), Some(vec![10]));
    }
}
