//! Signing by a scheme: samples for a source, and deliveries to a destination.

use super::content::{Piece, Signed};
use super::key::Key;
use super::proof::Proof;
use super::rejection::SignedPart;
use super::scheme::Scheme;
use super::stamp::{Stamp, StampPlace};
use crate::expression::Facts;
use crate::headers::Headers;
use crate::inbound::Inbound;
use crate::json;
use crate::moment::Unit;
use crate::secret::Secret;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

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
    /// Only the provider can make this signature: it has a private key, or signs in the body.
    #[error("only the provider can make this signature")]
    OnlyByItsProvider,
}

impl Scheme {
    /// Signs a message under every usable secret (only the first where the header has no list) and
    /// gives the headers to send with it: signature, and timestamp and id where the scheme has
    /// them.
    ///
    /// # Errors
    /// [`Unsignable`] for a message or secrets that do not fit the scheme.
    pub fn sign(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
    ) -> Result<Vec<(String, String)>, Unsignable> {
        let Some(name) = self.carrier.header_name() else {
            return Err(Unsignable::OnlyByItsProvider);
        };
        match &self.proof {
            Proof::Token | Proof::Basic => return self.credentials(secrets),
            Proof::Jwt(jwt) => {
                let key = self.first_key(secrets)?;
                let url = self.public_url.as_deref();
                let token = jwt.issue(key.bytes(), message.body, url, message.at);
                let token = token.ok_or(Unsignable::OnlyByItsProvider)?;
                return Ok(vec![(name, format!("{}{token}", self.format.prefix))]);
            }
            _ => {}
        }
        let timestamp = self.timestamp(message.at);
        let signatures = self.signatures(secrets, message, &timestamp)?;
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
    ) -> Result<String, Unsignable> {
        if matches!(&self.proof, Proof::Token) {
            let secret = secrets.iter().find(|one| self.can_use(one));
            return Ok(secret.ok_or(Unsignable::NoUsableSecret)?.expose().to_owned());
        }
        let mut signatures = self.signatures(secrets, message, &self.timestamp(message.at))?;
        Ok(signatures.swap_remove(0))
    }

    /// What is signed of a document: the whole, or the first item of its list.
    pub(crate) fn signed_part<'d>(&self, document: &'d [u8]) -> &'d [u8] {
        let items = self.each.as_ref().and_then(|list| json::items_at(document, list));
        items.and_then(|items| items.first().copied()).map_or(document, str::as_bytes)
    }

    fn timestamp(&self, at: Timestamp) -> String {
        self.timestamp.as_ref().map_or(Unit::Seconds, |stamp| stamp.unit).write(at)
    }

    fn first_key<'s>(&self, secrets: &'s [Secret]) -> Result<Key<'s>, Unsignable> {
        secrets.iter().find_map(|one| self.key_of(one)).ok_or(Unsignable::NoUsableSecret)
    }

    /// One for each secret that can be used, at least one.
    fn signatures(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
        timestamp: &str,
    ) -> Result<Vec<String>, Unsignable> {
        let Proof::Mac(algorithm, encoding) = &self.proof else {
            return Err(Unsignable::OnlyByItsProvider);
        };
        // The body is only copied for schemes that sign single values of it.
        let content = self.contents.first().ok_or(Unsignable::OnlyByItsProvider)?;
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
        let facts = Facts::read(&inbound, self.pointers());
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
            secret: b"",
        };
        let pieces = content.pieces(&signed).map_err(Unsignable::from)?;
        let signatures: Vec<String> = secrets
            .iter()
            .filter_map(|secret| {
                let mut mac = algorithm.start(self.key_of(secret)?.bytes())?;
                pieces.iter().for_each(|piece| mac.update(piece));
                Some(mac.finish().encode(*encoding))
            })
            .collect();
        if signatures.is_empty() { Err(Unsignable::NoUsableSecret) } else { Ok(signatures) }
    }

    /// The first secret that can be used, as it is sent.
    fn credentials(&self, secrets: &[Secret]) -> Result<Vec<(String, String)>, Unsignable> {
        let name = self.carrier.header_name().ok_or(Unsignable::OnlyByItsProvider)?;
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
        let name = self.carrier.header_name().ok_or(Unsignable::OnlyByItsProvider)?;
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
}
