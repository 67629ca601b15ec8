//! Signing by a scheme: samples for a source, and deliveries to a destination.

use super::content::{Piece, Signed};
use super::key_name::KeyName;
use super::private_key::PrivateKey;
use super::proof::Proof;
use super::rejection::SignedPart;
use super::scheme::Scheme;
use super::stamp::{Stamp, StampPlace};
use super::token::{Issuer, JwtAlgorithm};
use crate::expression::Facts;
use crate::headers::Headers;
use crate::inbound::Inbound;
use crate::json::{self, Pointer};
use crate::moment::Unit;
use crate::secret::Secret;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::borrow::Cow;

/// A message to sign: a POST.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    /// The message's id, for schemes that sign one.
    pub id: &'m str,
    /// The time to sign for.
    pub at: Timestamp,
    /// Its other headers, for schemes that sign some of them.
    pub headers: &'m Headers,
    /// Its body.
    pub body: &'m [u8],
}

/// Why a message could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsignable {
    /// None of the secrets has the format of the scheme's keys.
    #[error("no secret can be used as a key of this scheme")]
    NoUsableSecret,
    /// The message lacks something that is to be signed.
    #[error("the {0}, which is to be signed, is missing")]
    PartMissing(SignedPart),
    /// A private key makes this signature, and none of the secrets is one of its kind.
    #[error("a private key of the right kind is needed to sign: PKCS #8 in PEM")]
    NoPrivateKey,
    /// The signature stands in the body, where this message has no place for it.
    #[error("the signature stands in the body, which has no place for it")]
    NoPlace,
}

impl Scheme {
    /// Signs a message under every usable secret (only the first where the header has no list) and
    /// gives the headers to send with it: signature, and timestamp and id where the scheme has
    /// them. Where the provider signs with a private key, one has to be among the secrets.
    ///
    /// # Errors
    /// [`Unsignable`] for a message or secrets that do not fit the scheme.
    pub fn sign(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
    ) -> Result<Vec<(String, String)>, Unsignable> {
        self.sign_claiming(secrets, message, &[])
    }

    /// As [`Self::sign`]; a token claims some more.
    pub(crate) fn sign_claiming(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
        claims: &[(Pointer, String)],
    ) -> Result<Vec<(String, String)>, Unsignable> {
        let name = self.carrier.header_name().ok_or(Unsignable::NoPlace)?;
        match &self.proof {
            Proof::Token | Proof::Basic => return self.credentials(secrets),
            Proof::Jwt(jwt) => {
                let issuer = self.issuer(jwt.algorithm(), secrets)?;
                let url = self.public_url.as_deref();
                let token = jwt.issue(&issuer, message.body, url, message.at, claims);
                let token = token.ok_or(Unsignable::PartMissing(SignedPart::Url))?;
                return Ok(vec![(name, format!("{}{token}", self.format.prefix))]);
            }
            _ => {}
        }
        let timestamp = self.timestamp(message.at);
        let signatures = self.signatures(secrets, message, message.body, &timestamp)?;
        self.headers_of(message.id, &timestamp, &signatures)
    }

    /// The signature of a message that carries it in its body: made of the document there, or of an
    /// item of its list.
    ///
    /// # Errors
    /// [`Unsignable`] for a document or secrets that do not fit the scheme.
    pub(crate) fn sign_document(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
        document: &[u8],
    ) -> Result<String, Unsignable> {
        if matches!(&self.proof, Proof::Token) {
            let secret = secrets.iter().find(|one| self.can_use(one));
            return Ok(secret.ok_or(Unsignable::NoUsableSecret)?.expose().to_owned());
        }
        let (part, timestamp) = (self.signed_part(document), self.timestamp(message.at));
        let mut signatures = self.signatures(secrets, message, part, &timestamp)?;
        Ok(signatures.swap_remove(0))
    }

    /// What is signed of a document: the whole, or the first item of its list.
    fn signed_part<'d>(&self, document: &'d [u8]) -> &'d [u8] {
        let items = self.each.as_ref().and_then(|list| json::items_at(document, list));
        items.and_then(|items| items.first().copied()).map_or(document, str::as_bytes)
    }

    fn timestamp(&self, at: Timestamp) -> String {
        self.timestamp.as_ref().map_or(Unit::Seconds, |stamp| stamp.unit).write(at)
    }

    fn issuer<'s>(
        &self,
        algorithm: JwtAlgorithm,
        secrets: &'s [Secret],
    ) -> Result<Issuer<'s>, Unsignable> {
        match algorithm {
            JwtAlgorithm::Hs256 => {
                let key = secrets.iter().find_map(|one| self.key_of(one));
                key.map(Issuer::Shared).ok_or(Unsignable::NoUsableSecret)
            }
            JwtAlgorithm::Rs256 | JwtAlgorithm::Es256 => {
                let mut keys = secrets.iter().filter_map(PrivateKey::of);
                let key = keys.find(|key| self.takes(key));
                key.map(Box::new).map(Issuer::Private).ok_or(Unsignable::NoPrivateKey)
            }
        }
    }

    /// The token that proves a message beside its signature; `None` where there is no second proof.
    pub(crate) fn second_token(
        &self,
        secrets: &[Secret],
        at: Timestamp,
        claims: &[(Pointer, String)],
    ) -> Result<Option<String>, Unsignable> {
        let Some(second) = &self.also else { return Ok(None) };
        let Proof::Jwt(jwt) = &second.proof else { return Err(Unsignable::NoPlace) };
        let issuer = second.issuer(jwt.algorithm(), secrets)?;
        Ok(jwt.issue(&issuer, b"", None, at, claims))
    }

    /// One for each secret that can be used, at least one.
    fn signatures(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
        document: &[u8],
        timestamp: &str,
    ) -> Result<Vec<String>, Unsignable> {
        // The body is only copied for schemes that sign single values of it.
        let content = self.contents.first().ok_or(Unsignable::NoPlace)?;
        let body = if content.places().next().is_some() || content.contains(&Piece::FormSorted) {
            Bytes::copy_from_slice(message.body)
        } else {
            Bytes::new()
        };
        let mut headers = message.headers.clone();
        if let Some(name) = self.timestamp.as_ref().and_then(Stamp::header)
            && headers.get(name).is_none()
        {
            headers.add(name, timestamp);
        }
        let inbound = Inbound::post("", headers, body);
        let facts = Facts::read_in(&inbound, document, self.pointers());
        let own = || secrets.iter().find(|one| PrivateKey::of(one).is_none());
        let own = if self.any_contains(&Piece::Secret) { own() } else { None };
        let signed = Signed {
            method: "POST",
            url: self.public_url.as_deref(),
            query: "",
            unescaped: &self.unescaped,
            facts: &facts,
            timestamp: Some(timestamp.as_bytes()),
            timestamp_name: self.timestamp.as_ref().and_then(Stamp::header),
            id: Some(message.id.as_bytes()),
            body: message.body,
            body_hashed: self.body_hash.is_some(),
            secret: own.map(|secret| secret.expose().as_bytes()).unwrap_or_default(),
        };
        let pieces = content.pieces(&signed).map_err(Unsignable::from)?;
        let sign = |secret| self.signature(secret, &pieces, &facts);
        let signatures: Vec<String> = secrets.iter().filter_map(sign).collect();
        match signatures.is_empty() {
            true if self.has_public_key() => Err(Unsignable::NoPrivateKey),
            true => Err(Unsignable::NoUsableSecret),
            false => Ok(signatures),
        }
    }

    /// The signature under one secret; `None` where that is no key to sign with.
    fn signature(
        &self,
        secret: &Secret,
        pieces: &[Cow<'_, [u8]>],
        facts: &Facts<'_>,
    ) -> Option<String> {
        if let Proof::Mac(algorithm, encoding) = &self.proof {
            let mut mac = algorithm.start(self.key_of(secret)?.bytes())?;
            pieces.iter().for_each(|piece| mac.update(piece));
            let code = mac.finish().encode(*encoding);
            return Some(match &self.key_name {
                Some(KeyName::Before(separator)) => {
                    format!("{}{separator}{code}", self.key_name_of(secret).unwrap_or_default())
                }
                _ => code,
            });
        }
        let (key, content) = (PrivateKey::of(secret)?, pieces.concat());
        let (signature, encoding) = match &self.proof {
            Proof::Ed25519(encoding) => (key.ed25519(&content)?, encoding),
            Proof::EcdsaP256(encoding) => (key.ecdsa_p256(&content, true)?, encoding),
            Proof::Rsa(hash, encoding) => (key.rsa(hash.of(facts)?, &content)?, encoding),
            Proof::Mac(..) | Proof::Token | Proof::Basic | Proof::Jwt(_) => return None,
        };
        Some(encoding.encode(&signature))
    }

    /// The first secret that can be used, as it is sent.
    fn credentials(&self, secrets: &[Secret]) -> Result<Vec<(String, String)>, Unsignable> {
        let name = self.carrier.header_name().ok_or(Unsignable::NoPlace)?;
        let secret = secrets.iter().find(|one| self.can_use(one));
        let secret = secret.ok_or(Unsignable::NoUsableSecret)?.expose();
        let value = match &self.proof {
            Proof::Basic => format!("Basic {}", STANDARD.encode(secret)),
            _ => format!("{}{secret}", self.format.prefix),
        };
        Ok(vec![(name, value)])
    }

    fn headers_of(
        &self,
        id: &str,
        timestamp: &str,
        signatures: &[String],
    ) -> Result<Vec<(String, String)>, Unsignable> {
        let name = self.carrier.header_name().ok_or(Unsignable::NoPlace)?;
        let mut headers = Vec::new();
        let mut add = |names: &[String], value: &str| {
            headers.extend(names.first().map(|name| (name.clone(), value.to_owned())));
        };
        add(&self.id, id);
        if let Some(StampPlace::Headers(names)) = self.timestamp.as_ref().map(|stamp| &stamp.place)
        {
            add(names, timestamp);
        }
        add(&[name], &self.format.write(timestamp, signatures));
        Ok(headers)
    }
}

impl From<super::Rejection> for Unsignable {
    fn from(rejection: super::Rejection) -> Self {
        match rejection {
            super::Rejection::PartMissing(part) => Self::PartMissing(part),
            _ => Self::NoUsableSecret,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_webhooks_libraries() {
        let message = Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at: Timestamp::from_secs(1_614_265_330),
            headers: &Headers::new(),
            body: br#"{"test": 2432232314}"#,
        };
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = Scheme::standard_webhooks().sign(&[secret], &message).expect("signed");
        let expected = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        assert_eq!(signed, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let message =
            Message { id: "m", at: Timestamp::EPOCH, headers: &Headers::new(), body: b"" };
        let secrets = ["whsec_YQ==", "whsec_Yg=="].map(Secret::new);
        let signed = Scheme::standard_webhooks().sign(&secrets, &message).expect("signed");
        let (_, signature) = signed.last().expect("a signature");
        assert_eq!(signature.split(' ').count(), 2);
    }

    #[test]
    fn what_cannot_be_signed() {
        let message =
            Message { id: "m", at: Timestamp::EPOCH, headers: &Headers::new(), body: b"" };
        let scheme = Scheme::standard_webhooks();
        assert_eq!(scheme.sign(&[], &message), Err(Unsignable::NoUsableSecret));
        let public = Secret::new("whpk_YWJj");
        assert_eq!(scheme.sign(&[public], &message), Err(Unsignable::NoUsableSecret));
    }

    #[test]
    fn people_are_told_why_nothing_can_be_signed() {
        let scheme = |lines: &str| {
            let text = format!("header = \"S\"\nencoding = \"hex\"\n{lines}");
            crate::reading::read(&text, Scheme::read).expect("valid")
        };
        let message =
            Message { id: "m", at: Timestamp::EPOCH, headers: &Headers::new(), body: b"{}" };
        let public = scheme("algorithm = \"ed25519\"\ncontent = \"{body}\"\n");
        assert_eq!(public.sign(&[], &message), Err(Unsignable::NoPrivateKey));
        let named = scheme("algorithm = \"sha256\"\ncontent = \"{header:x-a}{body}\"\n");
        let missing = Unsignable::PartMissing(crate::signature::SignedPart::Header);
        assert_eq!(named.sign(&[Secret::new("s")], &message), Err(missing));
    }
}
