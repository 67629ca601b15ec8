//! Deliveries to send, and secrets to sign them with.

use bytes::Bytes;
use holdfast_destinations::secrets::SigningSecrets;
use holdfast_destinations::{Destination, Destinations};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::configuration::{self, Http, Network, SecretName, Target};
use holdfast_domain::identity::{Entity, EventKey, Kind};
use holdfast_domain::outcome::{Class, Failure, Outcome};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Event, Nonce, Origin, Record, RecordKey,
};
use holdfast_domain::retry::Policy;
use holdfast_domain::secret::Secret;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::deliver::{Deliver, Delivery};
use holdfast_pipeline::ports;
use std::sync::Arc;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What a test says of an event; everything else is as it always is.
pub(crate) struct Given<'a> {
    pub(crate) key: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) entity: Option<&'a str>,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
    pub(crate) left: Span,
}

impl Default for Given<'_> {
    fn default() -> Self {
        Self {
            key: "evt_1",
            kind: "invoice.paid",
            entity: None,
            headers: &[],
            body: b"{}",
            left: Span::from_secs(30),
        }
    }
}

impl Given<'_> {
    pub(crate) fn delivery(&self) -> Delivery {
        let source = SourceName::new("stripe").unwrap();
        let key = RecordKey::event(&source, &EventKey::new(self.key));
        let hash = BodyHash::of(self.body);
        let event = Event {
            key: key.clone(),
            source,
            kind: Kind::new(self.kind),
            entity: self.entity.map(Entity::new),
            version: None,
            source_time: None,
            origin: Origin::Webhook,
            received_at: NOW.minus(Span::from_secs(2)),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            body: BodyRef {
                place: BodyPlace::Table,
                key: BodyKey::new(&key, &hash),
                hash,
                kept_until: NOW.plus(Span::from_days(60)),
            },
        };
        let mut record = Record::new(event, Nonce::from_random([0; 16]), NOW);
        record.attempts = 1;
        Delivery {
            idempotency_key: key.idempotency_key(),
            record: Arc::new(record),
            body: Bytes::copy_from_slice(self.body),
            now: NOW,
            deadline: NOW.plus(self.left),
        }
    }
}

/// The values of the secret `destinations.billing`, or none that can be had.
pub(crate) struct Values(pub(crate) Option<Vec<&'static str>>);

impl SigningSecrets for Values {
    async fn signing_secrets(&self, name: &str) -> ports::Result<Vec<Secret>> {
        assert_eq!(name, "destinations.billing");
        let values = self.0.as_ref().ok_or_else(|| ports::Error::new("load", "unreachable"))?;
        Ok(values.iter().copied().map(Secret::new).collect())
    }
}

/// An endpoint on this machine.
pub(crate) fn endpoint(url: &str) -> Destination {
    endpoint_with(url, Span::from_secs(10), &["127.0.0.0/8"])
}

pub(crate) fn endpoint_with(url: &str, timeout: Span, allow_private: &[&str]) -> Destination {
    let allow_private = allow_private.iter().map(|it| Network::parse(it).unwrap()).collect();
    let secret = SecretName::new("destinations.billing").unwrap();
    open(Target::Http(Http { url: url.to_owned(), timeout, allow_private, secret }))
}

pub(crate) fn open(target: Target) -> Destination {
    let name = "billing".to_owned();
    let configured = configuration::Destination { name, target, retry: Policy::default() };
    Destination::open(&configured).unwrap()
}

pub(crate) async fn deliver(to: &Destination, given: &Given<'_>) -> Outcome {
    Destinations::without_queues(Values(Some(vec![SECRET]))).deliver(to, &given.delivery()).await
}

/// The failure of an outcome that asks for another attempt.
pub(crate) fn retried(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Retry { failure, .. } => failure,
        other => panic!("expected a retry, got {other:?}"),
    }
}

pub(crate) fn class_of_retry(outcome: Outcome) -> Class {
    retried(outcome).class
}
