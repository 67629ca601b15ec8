//! RSA signatures (RFC 8017 section 8.2, PKCS #1 v1.5): the check, and the making of samples.
//!
//! The encoded message is made anew and compared as a whole; nothing is parsed out of what a
//! signature decrypts to, which is where checks of this kind go wrong. Everything that is checked is
//! public, so that time may depend on it. Why it is not a library: `docs/adr/0010-rsa-over-big-integers.md`.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd, Resize as _};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};

/// The hash under the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

/// A public key of 2048 to 8192 bits.
#[derive(Clone, Debug)]
pub(super) struct RsaKey {
    modulus: Odd<BoxedUint>,
    exponent: BoxedUint,
    len: usize,
}

const LENGTHS: std::ops::RangeInclusive<usize> = 256..=1024;

/// As much as anybody uses; a longer exponent only costs time.
const LONGEST_EXPONENT: usize = 4;

impl RsaKey {
    /// A key of its modulus and exponent, both big-endian.
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let len = modulus.len();
        let usable = LENGTHS.contains(&len) && (1..=LONGEST_EXPONENT).contains(&exponent.len());
        let odd = exponent.last().is_some_and(|last| last & 1 == 1) && exponent != [1];
        if !usable || !odd {
            return None;
        }
        let modulus = Odd::new(BoxedUint::from_be_slice_vartime(modulus)).into_option()?;
        Some(Self { modulus, exponent: BoxedUint::from_be_slice_vartime(exponent), len })
    }

    /// A key in the form of RFC 8017, appendix A.1.1.
    pub(super) fn from_pkcs1(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let parts = reader.sequence(|inner| {
            Ok::<_, x509_cert::der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?))
        });
        let (modulus, exponent) = parts.ok()?;
        Self::new(modulus.as_bytes(), exponent.as_bytes())
    }

    /// Whether a signature is one of the content, which comes in pieces.
    pub(super) fn verify<'p>(
        &self,
        hash: Hash,
        content: impl Iterator<Item = &'p [u8]>,
        signature: &[u8],
    ) -> bool {
        if signature.len() != self.len {
            return false;
        }
        let expected = encoded(hash.info(content), self.len);
        let claimed = BoxedUint::from_be_slice_vartime(signature);
        let claimed = claimed.resize(self.modulus.bits_precision());
        if claimed >= *self.modulus {
            return false;
        }
        let params = BoxedMontyParams::new_vartime(self.modulus.clone());
        let opened = BoxedMontyForm::new(claimed, &params).pow(&self.exponent).retrieve();
        let expected = BoxedUint::from_be_slice_vartime(&expected);
        opened == expected.resize(opened.bits_precision())
    }
}

/// A private key, for samples alone: no attempt is made to hide it from who measures time.
pub(super) struct RsaPrivateKey {
    public: RsaKey,
    exponent: BoxedUint,
}

impl RsaPrivateKey {
    /// A key in the form of RFC 8017, appendix A.1.2. Its primes are not looked at.
    pub(super) fn from_pkcs1(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let parts = reader.sequence(|inner| {
            let [_version, modulus, public, private] = [
                UintRef::decode(inner)?,
                UintRef::decode(inner)?,
                UintRef::decode(inner)?,
                UintRef::decode(inner)?,
            ];
            inner.drain(inner.remaining_len())?;
            Ok::<_, x509_cert::der::Error>((modulus, public, private))
        });
        let (modulus, public, private) = parts.ok()?;
        let public = RsaKey::new(modulus.as_bytes(), public.as_bytes())?;
        let exponent = BoxedUint::from_be_slice_vartime(private.as_bytes());
        Some(Self { public, exponent })
    }

    /// The signature of a content.
    pub(super) fn sign(&self, hash: Hash, content: &[u8]) -> Vec<u8> {
        let message = encoded(hash.info(std::iter::once(content)), self.public.len);
        let message = BoxedUint::from_be_slice_vartime(&message);
        let message = message.resize(self.public.modulus.bits_precision());
        let params = BoxedMontyParams::new_vartime(self.public.modulus.clone());
        let signature = BoxedMontyForm::new(message, &params).pow(&self.exponent).retrieve();
        let bytes = signature.to_be_bytes().to_vec();
        // The precision is one of whole words, a modulus need not be.
        let surplus = bytes.len().saturating_sub(self.public.len);
        bytes.get(surplus..).unwrap_or_default().to_vec()
    }

    /// Modulus and exponent of the public half, both big-endian.
    pub(super) fn public(&self) -> (Vec<u8>, Vec<u8>) {
        let bytes = |number: &BoxedUint| without_zeros(&number.to_be_bytes()).to_vec();
        (bytes(&self.public.modulus), bytes(&self.public.exponent))
    }
}

impl Hash {
    /// The DER of a `DigestInfo` (RFC 8017 section 9.2, note 1).
    fn info<'p>(self, content: impl Iterator<Item = &'p [u8]>) -> Vec<u8> {
        const SHA1: [u8; 15] =
            [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0, 0x04, 0x14];
        const SHA256: [u8; 19] = [
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x01, 0x05, 0, 0x04, 0x20,
        ];
        match self {
            Self::Sha1 => {
                let hashed = content.fold(Sha1::new(), |hash, piece| hash.chain_update(piece));
                [&SHA1[..], &hashed.finalize()].concat()
            }
            Self::Sha256 => {
                let hashed = content.fold(Sha256::new(), |hash, piece| hash.chain_update(piece));
                [&SHA256[..], &hashed.finalize()].concat()
            }
        }
    }
}

/// `00 01 FF … FF 00` and the digest, as long as the modulus.
fn encoded(info: Vec<u8>, len: usize) -> Vec<u8> {
    let mut message = vec![0xff; len.saturating_sub(info.len())];
    for (at, byte) in [(0, 0), (1, 1), (message.len().saturating_sub(1), 0)] {
        if let Some(place) = message.get_mut(at) {
            *place = byte;
        }
    }
    message.extend(info);
    message
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::key_text::{PublicKey, keys_in};
    use crate::time::Timestamp;

    const CONTENT: &[u8] = b"what do ya want for nothing?";
    const PEM: &str = include_str!("../../fixtures/rsa.pem");

    /// Made with the Python package `cryptography`.
    fn signature(text: &str) -> Vec<u8> {
        hex::decode(text.trim()).expect("hex")
    }

    fn key() -> RsaKey {
        let keys = keys_in(PEM, Timestamp::EPOCH);
        match keys.into_iter().next().map(|named| named.key) {
            Some(PublicKey::Rsa(key)) => key,
            other => panic!("no RSA key: {other:?}"),
        }
    }

    fn verify(hash: Hash, content: &[u8], signature: &[u8]) -> bool {
        key().verify(hash, content.chunks(3), signature)
    }

    #[test]
    fn signatures_of_another_library() {
        let (sha1, sha256) = (
            signature(include_str!("../../fixtures/sha1.hex")),
            signature(include_str!("../../fixtures/sha256.hex")),
        );
        assert!(verify(Hash::Sha1, CONTENT, &sha1));
        assert!(verify(Hash::Sha256, CONTENT, &sha256));
        assert!(!verify(Hash::Sha256, CONTENT, &sha1), "the hash is not the signature's to choose");
        assert!(!verify(Hash::Sha1, CONTENT, &sha256));
        assert!(!verify(Hash::Sha256, b"what do ya want for nothing", &sha256));
    }

    #[test]
    fn no_changed_signature_fits() {
        let good = signature(include_str!("../../fixtures/sha256.hex"));
        for at in [0, 1, 100, 255] {
            let mut changed = good.clone();
            changed[at] ^= 1;
            assert!(!verify(Hash::Sha256, CONTENT, &changed), "{at}");
        }
        let longer = [&[0][..], &good].concat();
        let modulus = key().modulus.to_be_bytes().to_vec();
        let empty: &[u8] = &[];
        for wrong in [empty, &[0; 256], &[0xff; 256], &good[1..], &longer, &modulus] {
            assert!(!verify(Hash::Sha256, CONTENT, wrong), "{} bytes", wrong.len());
        }
    }

    /// The digest is right and stands where a parser of what was decrypted would look for it; the
    /// bytes behind it are free (Bleichenbacher 2006).
    #[test]
    fn a_short_padding_is_no_padding() {
        let lax = signature(include_str!("../../fixtures/lax.hex"));
        assert!(!verify(Hash::Sha256, CONTENT, &lax));
    }

    #[test]
    fn weak_and_absurd_keys_are_none() {
        let modulus = key().modulus.to_be_bytes().to_vec();
        assert!(RsaKey::new(&modulus, &[1, 0, 1]).is_some());
        let even = [&modulus[..255], &[0]].concat();
        let half = &modulus[..128];
        let cases: [(&[u8], &[u8]); 7] = [
            (&modulus, &[]),
            (&modulus, &[1]),
            (&modulus, &[2]),
            (&modulus, &[1, 0, 0, 0, 1]),
            (&even, &[1, 0, 1]),
            (half, &[1, 0, 1]),
            (&[0; 300], &[1, 0, 1]),
        ];
        for (modulus, exponent) in cases {
            assert!(RsaKey::new(modulus, exponent).is_none(), "{} {exponent:?}", modulus.len());
        }
    }
}
