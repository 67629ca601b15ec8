//! Private keys, to stand in for a provider that signs with one: samples are made with them, on the
//! machine of whoever tries a source out. No part of verifying, and in no function that is deployed.

use super::key::KeyFormat;
use super::mac::Encoding;
use super::rsa::{Hash, RsaPrivateKey};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use p256::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef};
use x509_cert::der::asn1::{Any, BitString, Null, OctetStringRef, UintRef};
use x509_cert::der::pem::{self, LineEnding};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// A private key.
pub(super) enum PrivateKey {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
    Rsa(RsaPrivateKey),
}

/// RFC 8410 section 3.
const ED25519: &str = "1.3.101.112";
/// RFC 8017, appendix C.
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";

/// What stands before the point in the SPKI of a P-256 key (RFC 5480 section 2).
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

impl PrivateKey {
    /// The key in a secret: PKCS #8 (RFC 5958) in PEM.
    pub(super) fn of(secret: &Secret) -> Option<Self> {
        let (label, der) = pem::decode_vec(secret.expose().trim().as_bytes()).ok()?;
        if label != "PRIVATE KEY" {
            return None;
        }
        let info = PrivateKeyInfoRef::from_der(&der).ok()?;
        let inside = info.private_key.as_bytes();
        match info.algorithm.oid.to_string().as_str() {
            ED25519 => {
                let seed = <&OctetStringRef>::from_der(inside).ok()?.as_bytes();
                Some(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed.try_into().ok()?)))
            }
            RSA_ENCRYPTION => RsaPrivateKey::from_pkcs1(inside).map(Self::Rsa),
            _ => p256::ecdsa::SigningKey::from_pkcs8_der(&der).ok().map(Self::P256),
        }
    }

    /// The ed25519 signature of a content.
    pub(super) fn ed25519(&self, content: &[u8]) -> Option<Vec<u8>> {
        let Self::Ed25519(key) = self else { return None };
        Some(key.sign(content).to_bytes().to_vec())
    }

    /// The ECDSA signature of a content: in DER, or both numbers as they are.
    pub(super) fn ecdsa_p256(&self, content: &[u8], in_der: bool) -> Option<Vec<u8>> {
        let Self::P256(key) = self else { return None };
        let signature: p256::ecdsa::Signature = key.sign(content);
        let bare = || signature.to_bytes().to_vec();
        Some(if in_der { signature.to_der().as_bytes().to_vec() } else { bare() })
    }

    /// The RSA signature of a content.
    pub(super) fn rsa(&self, hash: Hash, content: &[u8]) -> Option<Vec<u8>> {
        let Self::Rsa(key) = self else { return None };
        Some(key.sign(hash, content))
    }

    /// Its public half in PEM, as a page that a request names has it.
    pub(super) fn public_pem(&self) -> Option<String> {
        let Self::Rsa(key) = self else { return None };
        let (modulus, exponent) = key.public();
        let pkcs1 = vec![UintRef::new(&modulus).ok()?, UintRef::new(&exponent).ok()?];
        let spki = SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: RSA_ENCRYPTION.parse().ok()?,
                parameters: Some(Any::from(Null)),
            },
            subject_public_key: BitString::from_bytes(&pkcs1.to_der().ok()?).ok()?,
        };
        pem::encode_string("PUBLIC KEY", LineEnding::LF, &spki.to_der().ok()?).ok()
    }

    /// Its public half as a JSON Web Key (RFC 7517), where there is one for our schemes.
    pub(super) fn public_jwk(&self) -> Option<String> {
        let text =
            |bytes: &[u8]| Encoding::Base64Url.encode(bytes).trim_end_matches('=').to_owned();
        let key = match self {
            Self::Ed25519(_) => return None,
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = (point.x()?, point.y()?);
                serde_json::json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Self::Rsa(key) => {
                let (modulus, exponent) = key.public();
                serde_json::json!({ "kty": "RSA", "n": text(&modulus), "e": text(&exponent) })
            }
        };
        Some(key.to_string())
    }

    /// Its public half as bytes, as the secret of a scheme has it: bare, or SPKI in DER.
    pub(super) fn public_text(&self, format: KeyFormat) -> Option<String> {
        let bytes = match self {
            Self::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                [&P256_SPKI[..], point.as_bytes()].concat()
            }
            Self::Rsa(_) => return None,
        };
        match format {
            KeyFormat::Hex => Some(hex::encode(bytes)),
            KeyFormat::Base64 => Some(STANDARD.encode(bytes)),
            KeyFormat::Whpk => Some(format!("whpk_{}", STANDARD.encode(bytes))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410 section 10.3, with the public half that its second example has.
    const ED25519_PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    const ED25519_PUBLIC: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn the_key_of_rfc_8410() {
        let key = PrivateKey::of(&Secret::new(ED25519_PEM)).expect("a key");
        assert!(matches!(key, PrivateKey::Ed25519(_)));
        assert_eq!(key.public_text(KeyFormat::Base64).as_deref(), Some(ED25519_PUBLIC));
        let whpk = key.public_text(KeyFormat::Whpk);
        assert_eq!(whpk, Some(format!("whpk_{ED25519_PUBLIC}")));
        assert_eq!(key.public_text(KeyFormat::Hex).map(|hex| hex.len()), Some(64));
        assert_eq!(key.public_text(KeyFormat::Text), None);
    }

    #[test]
    fn what_is_no_private_key() {
        let cut = &ED25519_PEM[..60];
        let relabelled = ED25519_PEM.replace("PRIVATE", "PUBLIC");
        for text in ["", "whsec_YWI=", cut, &relabelled, "-----BEGIN PRIVATE KEY-----"] {
            assert!(PrivateKey::of(&Secret::new(text)).is_none(), "{text}");
        }
    }
}
