//! Signatures that only the provider can make, checked with its public key.

use super::mac::Encoding;
use ed25519_dalek as ed25519;
use p256::ecdsa::signature::Verifier as _;
use p256::pkcs8::DecodePublicKey as _;

/// The bytes of a signature and a little more, so that a longer text is seen to be longer.
const LONGEST: usize = 96;

/// Whether a text is an ed25519 signature of the content. Strict: no signature has a second form
/// (RFC 8032 section 5.1.7), and no weak key is taken.
pub(super) fn ed25519(encoding: Encoding, key: &[u8], content: &[u8], text: &[u8]) -> Option<bool> {
    let signature = ed25519::Signature::from_slice(&encoding.decode(text, LONGEST)?).ok()?;
    let Ok(key) = <[u8; 32]>::try_from(key) else { return Some(false) };
    let Ok(key) = ed25519::VerifyingKey::from_bytes(&key) else { return Some(false) };
    Some(key.verify_strict(content, &signature).is_ok())
}

/// Whether a text is an ECDSA signature (DER) of the content under a key (SPKI in DER).
pub(super) fn ecdsa_p256(
    encoding: Encoding,
    key: &[u8],
    content: &[u8],
    text: &[u8],
) -> Option<bool> {
    let signature = p256::ecdsa::Signature::from_der(&encoding.decode(text, LONGEST)?).ok()?;
    let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(key) else { return Some(false) };
    Some(key.verify(content, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 section 7.1, test 2.
    #[test]
    fn the_example_of_rfc_8032() {
        let key = hex::decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let key = key.expect("hex");
        let text = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        let check =
            |content: &[u8], text: &str| ed25519(Encoding::Hex, &key, content, text.as_bytes());
        assert_eq!(check(&[0x72], text), Some(true));
        assert_eq!(check(&[0x73], text), Some(false));
        assert_eq!(check(&[0x72], &text.replace("92a0", "92a1")), Some(false));
        for wrong in ["", "00", &format!("{text}00"), text.get(2..).expect("ascii")] {
            assert_eq!(check(&[0x72], wrong), None, "{wrong}");
        }
        let zero = "0".repeat(128);
        assert_ne!(ed25519(Encoding::Hex, &[0; 32], b"", zero.as_bytes()), Some(true));
    }
}
