//! What proves a request: a code, a public key's signature, or nothing but a shared token. Which of
//! them is a matter of configuration, never of the request.

use super::mac::{Algorithm, Encoding};
use super::token::Jwt;
use crate::reading::Table;

/// A kind of proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// An HMAC over the content.
    Mac(Algorithm, Encoding),
    /// Ed25519 (RFC 8032) over the content, checked strictly.
    Ed25519(Encoding),
    /// ECDSA over P-256 and SHA-256, the signature in DER, the key as base64 of its SPKI.
    EcdsaP256(Encoding),
    /// The secret itself. The request's content is not covered.
    Token,
    /// HTTP Basic credentials; the secret is `user:password`.
    Basic,
    /// A JWT (RFC 7519) signed with HS256.
    Jwt(Jwt),
}

#[derive(Clone, Copy)]
enum Word {
    Mac(Algorithm),
    Ed25519,
    EcdsaP256,
    Token,
    Basic,
    Jwt,
}

const WORDS: [(&str, Word); 8] = [
    ("sha1", Word::Mac(Algorithm::Sha1)),
    ("sha256", Word::Mac(Algorithm::Sha256)),
    ("sha512", Word::Mac(Algorithm::Sha512)),
    ("ed25519", Word::Ed25519),
    ("ecdsa-p256", Word::EcdsaP256),
    ("token", Word::Token),
    ("basic", Word::Basic),
    ("jwt-hs256", Word::Jwt),
];

impl Proof {
    /// Reads `algorithm` and the keys that belong to it; `None` after reporting what is wrong.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let word = table.one_of("algorithm", &WORDS);
        // Without an algorithm, an encoding is known all the same.
        let encoded =
            word.is_none_or(|word| matches!(word, Word::Mac(_) | Word::Ed25519 | Word::EcdsaP256));
        let encoding = if encoded { table.one_of("encoding", &Encoding::WORDS) } else { None };
        Some(match word? {
            Word::Mac(algorithm) => Self::Mac(algorithm, encoding?),
            Word::Ed25519 => Self::Ed25519(encoding?),
            Word::EcdsaP256 => Self::EcdsaP256(encoding?),
            Word::Token => Self::Token,
            Word::Basic => Self::Basic,
            Word::Jwt => Self::Jwt(Jwt::read(table)),
        })
    }

    /// The word for it.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Mac(Algorithm::Sha1, _) => "sha1",
            Self::Mac(Algorithm::Sha256, _) => "sha256",
            Self::Mac(Algorithm::Sha512, _) => "sha512",
            Self::Ed25519(_) => "ed25519",
            Self::EcdsaP256(_) => "ecdsa-p256",
            Self::Token => "token",
            Self::Basic => "basic",
            Self::Jwt(_) => "jwt-hs256",
        }
    }

    /// Whether it covers content, so that a scheme must say which.
    pub(super) const fn signs(&self) -> bool {
        matches!(self, Self::Mac(..) | Self::Ed25519(_) | Self::EcdsaP256(_))
    }

    /// Whether it covers the whole body by itself.
    pub(super) const fn covers_body(&self) -> bool {
        matches!(self, Self::Jwt(jwt) if jwt.covers_body())
    }
}
