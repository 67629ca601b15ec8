//! What proves a request: a code, a public key's signature, or nothing but a shared token. Which of
//! them is a matter of configuration, never of the request.

use super::mac::{Algorithm, Encoding};
use super::rsa::Hash;
use super::token::{Jwt, JwtAlgorithm};
use crate::expression::{Facts, Place};
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
    /// RSA (PKCS #1 v1.5) over the content.
    Rsa(RsaHash, Encoding),
    /// The secret itself. The request's content is not covered.
    Token,
    /// HTTP Basic credentials; the secret is `user:password`.
    Basic,
    /// A JWT (RFC 7519).
    Jwt(Jwt),
}

/// Which hash an RSA signature has: one, or the one that the configuration gives a version that the
/// request names. A version that is not listed is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RsaHash {
    Fixed(Hash),
    ByVersion(Place, Vec<(String, Hash)>),
}

impl RsaHash {
    pub(super) fn of(&self, facts: &Facts<'_>) -> Option<Hash> {
        match self {
            Self::Fixed(hash) => Some(*hash),
            Self::ByVersion(place, versions) => {
                let named = facts.at(place)?;
                let found = versions.iter().find(|(version, _)| version.as_bytes() == named);
                found.map(|(_, hash)| *hash)
            }
        }
    }

    pub(super) const fn place(&self) -> Option<&Place> {
        match self {
            Self::Fixed(_) => None,
            Self::ByVersion(place, _) => Some(place),
        }
    }

    fn read_versions(table: &mut Table<'_>) -> Option<Self> {
        let line = table.line_of("version");
        let place = table.string("version").and_then(|text| Place::parse(&text));
        let mut versions = Vec::new();
        let mut inner = table.required_table("versions")?;
        for (version, word) in inner.texts() {
            match word.as_str() {
                "rsa-sha1" => versions.push((version, Hash::Sha1)),
                "rsa-sha256" => versions.push((version, Hash::Sha256)),
                _ => inner.problem(format!("`{version}` must be \"rsa-sha1\" or \"rsa-sha256\"")),
            }
        }
        inner.finish();
        if place.is_none() {
            table.problem_on_line(line, "`version` must be a place like \"/SignatureVersion\"");
        }
        Some(Self::ByVersion(place?, versions))
    }
}

#[derive(Clone, Copy)]
enum Word {
    Mac(Algorithm),
    Ed25519,
    EcdsaP256,
    Rsa,
    RsaSha256,
    Token,
    Basic,
    Jwt(JwtAlgorithm),
}

const WORDS: [(&str, Word); 12] = [
    ("sha1", Word::Mac(Algorithm::Sha1)),
    ("sha256", Word::Mac(Algorithm::Sha256)),
    ("sha512", Word::Mac(Algorithm::Sha512)),
    ("ed25519", Word::Ed25519),
    ("ecdsa-p256", Word::EcdsaP256),
    ("token", Word::Token),
    ("basic", Word::Basic),
    ("rsa", Word::Rsa),
    ("rsa-sha256", Word::RsaSha256),
    ("jwt-hs256", Word::Jwt(JwtAlgorithm::Hs256)),
    ("jwt-rs256", Word::Jwt(JwtAlgorithm::Rs256)),
    ("jwt-es256", Word::Jwt(JwtAlgorithm::Es256)),
];

impl Proof {
    /// Reads `algorithm` and the keys that belong to it; `None` after reporting what is wrong.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let word = table.one_of("algorithm", &WORDS);
        // Without an algorithm, an encoding is known all the same.
        let encoded =
            word.is_none_or(|word| !matches!(word, Word::Token | Word::Basic | Word::Jwt(_)));
        let encoding = if encoded { table.one_of("encoding", &Encoding::WORDS) } else { None };
        Some(match word? {
            Word::Mac(algorithm) => Self::Mac(algorithm, encoding?),
            Word::Ed25519 => Self::Ed25519(encoding?),
            Word::EcdsaP256 => Self::EcdsaP256(encoding?),
            Word::Rsa => Self::Rsa(RsaHash::read_versions(table)?, encoding?),
            Word::RsaSha256 => Self::Rsa(RsaHash::Fixed(Hash::Sha256), encoding?),
            Word::Token => Self::Token,
            Word::Basic => Self::Basic,
            Word::Jwt(algorithm) => Self::Jwt(Jwt::read(algorithm, table)),
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
            Self::Rsa(RsaHash::Fixed(_), _) => "rsa-sha256",
            Self::Rsa(RsaHash::ByVersion(..), _) => "rsa",
            Self::Jwt(jwt) => jwt.algorithm().word(),
        }
    }

    /// Whether it covers content, so that a scheme must say which.
    pub(super) const fn signs(&self) -> bool {
        matches!(self, Self::Mac(..) | Self::Ed25519(_) | Self::EcdsaP256(_) | Self::Rsa(..))
    }

    /// Whether it is checked with a public key, written as PEM or JWK.
    pub(super) const fn takes_key_text(&self) -> bool {
        match self {
            Self::Rsa(..) => true,
            Self::Jwt(jwt) => !matches!(jwt.algorithm(), JwtAlgorithm::Hs256),
            _ => false,
        }
    }

    /// Whether it covers the whole body by itself.
    pub(super) const fn covers_body(&self) -> bool {
        matches!(self, Self::Jwt(jwt) if jwt.covers_body())
    }
}
