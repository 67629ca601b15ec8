//! The other side of signing: what a source has to have so that it believes what was signed with some
//! secrets. For samples, whose private keys are known.

use super::key_page::KeyPlace;
use super::private_key::PrivateKey;
use super::proof::Proof;
use super::scheme::Scheme;
use super::token::JwtAlgorithm;
use crate::secret::Secret;
use bytes::Bytes;

/// What verifies a message that was signed.
#[derive(Clone, Debug, Default)]
pub struct VerifiedBy {
    /// The secrets that the source has to have.
    pub secrets: Vec<Secret>,
    /// The page of keys, for schemes whose keys lie elsewhere.
    pub page: Option<Bytes>,
}

impl Scheme {
    /// What verifies what is signed with these secrets: they themselves, or the public halves of the
    /// private keys among them.
    pub fn verified_by(&self, secrets: &[Secret]) -> VerifiedBy {
        if !self.has_public_key() {
            return VerifiedBy { secrets: secrets.to_vec(), page: None };
        }
        let own = || secrets.iter().filter(|one| PrivateKey::of(one).is_none()).cloned().collect();
        if let Some(second) = &self.also {
            return VerifiedBy { secrets: own(), page: second.verified_by(secrets).page };
        }
        let key = |secret: &Secret| PrivateKey::of(secret).filter(|key| self.takes(key));
        let keys = secrets.iter().filter_map(key);
        match &self.keys {
            None if self.proof.takes_key_text() => {
                let halves = keys.filter_map(|key| key.public_jwk());
                VerifiedBy { secrets: halves.map(Secret::new).collect(), page: None }
            }
            None => {
                let halves = keys.filter_map(|key| key.public_text(self.key));
                VerifiedBy { secrets: halves.map(Secret::new).collect(), page: None }
            }
            Some(KeyPlace::Named { .. }) => {
                let page = keys.filter_map(|key| key.public_pem()).next();
                VerifiedBy { secrets: own(), page: page.map(Bytes::from) }
            }
            Some(KeyPlace::Fixed(_)) => {
                let set: Vec<String> = keys.filter_map(|key| key.public_jwk()).collect();
                let page = format!("{{\"keys\":[{}]}}", set.join(","));
                VerifiedBy { secrets: own(), page: Some(page.into()) }
            }
        }
    }

    /// Whether a private key is of the kind that it is signed with.
    pub(super) fn takes(&self, key: &PrivateKey) -> bool {
        match (&self.proof, key) {
            (Proof::Ed25519(_), PrivateKey::Ed25519(_))
            | (Proof::EcdsaP256(_), PrivateKey::P256(_))
            | (Proof::Rsa(..), PrivateKey::Rsa(_)) => true,
            (Proof::Jwt(jwt), key) => matches!(
                (jwt.algorithm(), key),
                (JwtAlgorithm::Rs256, PrivateKey::Rsa(_))
                    | (JwtAlgorithm::Es256, PrivateKey::P256(_))
            ),
            _ => false,
        }
    }
}
