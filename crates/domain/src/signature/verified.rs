//! A proved request. The only way to one is [`verify`](super::verify()), so whoever holds one need
//! not ask whether the check was made.

use crate::body_hash::BodyHash;
use crate::identity::Identified;
use crate::inbound::Inbound;
use crate::provider::{Provider, Reply};
use crate::time::Timestamp;
use bytes::Bytes;

/// A request whose signature held and whose timestamp was fresh.
#[derive(Clone, Debug)]
pub struct Verified<'r> {
    pub(super) provider: &'r Provider,
    pub(super) inbound: &'r Inbound,
    pub(super) signed_at: Option<Timestamp>,
    pub(super) reply: Option<Reply>,
}

impl<'r> Verified<'r> {
    /// The answer to give at once, if the request is a handshake and not an event. It must then not
    /// be stored.
    pub fn handshake(&self) -> Option<Reply> {
        self.reply.clone()
    }

    /// Who the event is. Total: whatever was signed has an identity. `now` matters only for a body
    /// without anything to tell it from an equal one.
    pub fn identify(&self, now: Timestamp) -> Identified {
        let document = self.provider.document(self.inbound);
        self.provider.rules().identify(self.inbound, &document, self.signed_at, now)
    }

    /// The body's bytes, shared and not copied.
    pub fn body(&self) -> &'r Bytes {
        &self.inbound.body
    }

    /// The hash of the body.
    pub fn body_hash(&self) -> BodyHash {
        BodyHash::of(&self.inbound.body)
    }

    /// The headers to store: those on the provider's list, at most 4 KB in all.
    pub fn kept_headers(&self) -> Vec<(String, String)> {
        self.provider.kept_headers(&self.inbound.headers)
    }

    /// The provider whose signature it bears.
    pub fn provider(&self) -> &'r Provider {
        self.provider
    }

    /// The timestamp that the signature covers.
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.signed_at
    }
}
