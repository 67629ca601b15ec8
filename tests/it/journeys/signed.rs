//! Webhooks as their providers send them: signed, each with an id of its own.

use bytes::Bytes;
use holdfast_aws::clock::SystemClock;
use holdfast_aws::random::SystemRandom;
use holdfast_domain::headers::Headers;
use holdfast_domain::identity::EventKey;
use holdfast_domain::provider::Provider;
use holdfast_domain::record::RecordKey;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_domain::source::SourceName;
use holdfast_pipeline::ports::{Clock, Random};
use holdfast_providers::find;

/// The signing secret of every Stripe source here.
pub(crate) const STRIPE_SECRET: &str = "whsec_journeys_stripe";
/// The signing secret of every GitHub source here.
pub(crate) const GITHUB_SECRET: &str = "journeys-github";

/// A request, and the record that it is to become.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    /// The source it is posted to.
    pub(crate) source: &'static str,
    /// Its headers, the signature among them.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: Bytes,
    /// The key of its record.
    pub(crate) key: RecordKey,
}

/// An id that no other event has.
pub(crate) fn unique_id() -> String {
    SystemRandom.nonce().as_str().to_owned()
}

/// A Stripe event, by default `invoice.paid`.
pub(crate) fn stripe() -> Webhook {
    let (id, secret) = (unique_id(), Secret::new(STRIPE_SECRET));
    let sample = provider("stripe").signed_sample(&[secret], &id, SystemClock.now());
    let sample = sample.expect("the secret is usable");
    let key = record_key("stripe", &format!("evt_{id}"));
    Webhook { source: "stripe", headers: sample.headers, body: sample.body, key }
}

/// A Stripe event of that kind, with nothing in it but what has to be.
pub(crate) fn stripe_of(kind: &str) -> Webhook {
    let (id, now) = (format!("evt_{}", unique_id()), SystemClock.now());
    let body =
        format!(r#"{{"id":"{id}","object":"event","created":{},"type":"{kind}"}}"#, now.secs());
    let headers = [("content-type", "application/json; charset=utf-8")];
    signed("stripe", STRIPE_SECRET, &id, &headers, body.into())
}

/// A GitHub delivery with that body: id and kind stand in headers, so that the body may be anything.
pub(crate) fn github(content_type: &str, body: Bytes) -> Webhook {
    let id = unique_id();
    let headers =
        [("content-type", content_type), ("x-github-delivery", &id), ("x-github-event", "push")];
    signed("github", GITHUB_SECRET, &id, &headers, body)
}

fn signed(
    source: &'static str,
    secret: &str,
    id: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Webhook {
    let sent: Headers = headers.iter().copied().collect();
    let message = Message { id, at: SystemClock.now(), headers: &sent, body: &body };
    let signature = provider(source).scheme().sign(&[Secret::new(secret)], &message);
    let mut headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    headers.extend(signature.expect("the secret is usable"));
    Webhook { source, headers, body, key: record_key(source, id) }
}

fn provider(name: &str) -> &'static Provider {
    find(name).expect("the provider is defined")
}

/// The key of the record of an event.
pub(crate) fn record_key(source: &str, event_key: &str) -> RecordKey {
    let source = SourceName::new(source).expect("a source's name");
    RecordKey::event(&source, &EventKey::new(event_key))
}
