//! RSA signatures (RFC 8017 section 8.2, PKCS #1 v1.5): the check alone.
//!
//! The encoded message is made anew and compared as a whole; nothing is parsed out of what a
//! signature decrypts to, which is where checks of this kind go wrong. Everything here is public, so
//! that time may depend on it. Why it is not a library: `docs/adr/0010-rsa-over-big-integers.md`.

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
