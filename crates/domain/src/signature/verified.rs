//! A proved request. The only way to one is [`verify`](super::verify()), so whoever holds one need
//! not ask whether the check was made.

use crate::body_hash::BodyHash;
use crate::identity::{Contents, Found, Identified};
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

    /// The events that it holds: one, or those of its list, if that has at most so many items.
    /// Total: whatever was signed has an identity. `now` matters only for what has nothing to tell
    /// it from its equal.
    pub fn contents(&self, now: Timestamp, max_items: usize) -> Contents {
        let document = self.provider.document(self.inbound);
        let when = (self.signed_at, now);
        self.provider.rules().contents(self.inbound, &document, when, max_items)
    }

    /// Who its first event is, or the request as a whole where its list is empty.
    pub fn identify(&self, now: Timestamp) -> Identified {
        let document = self.provider.document(self.inbound);
        let rules = self.provider.rules();
        let contents = rules.contents(self.inbound, &document, (self.signed_at, now), usize::MAX);
        contents.events.into_iter().next().map_or_else(
            || rules.identify(self.inbound, &document, self.signed_at, now),
            |found| found.identity,
        )
    }

    /// The body's bytes, shared and not copied.
    pub fn body(&self) -> &'r Bytes {
        &self.inbound.body
    }

    /// The headers to store with one of its events: those of the request that are kept, with the
    /// content type of the event's own bytes; for an item also what it alone does not say, and
    /// `batch-item`, which item of how many it was.
    pub fn headers_of(&self, found: &Found) -> Vec<(String, String)> {
        let mut headers = self.kept_headers();
        if let Some(own) = &found.content_type {
            headers.retain(|(name, _)| name != "content-type");
            headers.push(("content-type".to_owned(), own.clone()));
        }
        headers.extend(found.context.iter().cloned());
        headers.extend(found.position.map(|position| {
            ("batch-item".to_owned(), format!("{}/{}", position.number, position.of))
        }));
        headers
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::signature::verify;

    #[test]
    fn an_event_has_the_kept_headers_of_its_request() {
        let provider = Provider::from_toml(
            "name = \"acme\"\ntitle = \"Acme\"\nkeep_headers = [\"X-Topic\"]\n[scheme]\nheader = \"S\"\n\
             algorithm = \"token\"\n[event]\neach = \"/events\"\nitem_type = \"application/item\"\n\
             key = \"/id\"\ncontext = { Of = \"root:/of\" }\n",
        );
        let provider = provider.expect("a valid definition");
        let body = "{\"of\":\"shop\",\"events\":[{\"id\":1},{\"id\":2}]}";
        let headers =
            [("S", "hunter2"), ("X-Topic", "orders"), ("Content-Type", "application/json")];
        let inbound = Inbound::post("/", headers.into_iter().collect(), body);
        let secrets = [Secret::new("hunter2")];
        let verified = verify(&provider, &inbound, &secrets, Timestamp::EPOCH).expect("proved");
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        let kept = pairs(&[("content-type", "application/json"), ("x-topic", "orders")]);
        assert_eq!(verified.kept_headers(), kept);
        assert_eq!(verified.body(), &inbound.body);
        let contents = verified.contents(Timestamp::EPOCH, 10);
        let [_, second] = &contents.events[..] else { panic!("two events") };
        let own = pairs(&[
            ("x-topic", "orders"),
            ("content-type", "application/item"),
            ("of", "shop"),
            ("batch-item", "2/2"),
        ]);
        assert_eq!(verified.headers_of(second), own);
    }
}
