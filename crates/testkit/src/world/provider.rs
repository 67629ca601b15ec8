use super::settings::SECRET;
use super::{Functions, World, events};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::headers::Headers;
use holdfast_domain::identity::EventKey;
use holdfast_domain::record::RecordKey;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::{Span, Timestamp};

/// How often a provider that retries does so.
const RETRIES: usize = 4;

/// An event as its provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The source it is posted to.
    pub source: &'static str,
    /// Its id at the provider.
    pub id: String,
    /// The ids of the events behind the first, where the request is a list of them.
    others: Vec<String>,
    headers: Vec<(String, String)>,
    /// What is posted.
    pub body: String,
    /// Whether the provider comes again when it is not answered with a 2xx.
    is_retried: bool,
}

impl Webhook {
    /// An event of Stripe's. It is retried.
    pub fn stripe(id: &str, kind: &str, object: &str, created: i64) -> Self {
        let body = serde_json::json!({
            "id": id, "object": "event", "type": kind, "created": created,
            "data": { "object": { "id": object } }, "pending_webhooks": 2,
        });
        let (source, id, body) = ("stripe", id.to_owned(), body.to_string());
        Self { source, id, others: Vec::new(), headers: Vec::new(), body, is_retried: true }
    }

    /// An event of GitHub's, which posts once and never again.
    pub fn github(delivery: &str, kind: &str) -> Self {
        let headers = [("X-GitHub-Delivery", delivery), ("X-GitHub-Event", kind)];
        Self {
            source: "github",
            id: delivery.to_owned(),
            others: Vec::new(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: serde_json::json!({ "repository": { "node_id": "R_1" } }).to_string(),
            is_retried: false,
        }
    }

    /// A list of events of LINE's. It is redelivered.
    ///
    /// # Panics
    /// Without an event.
    pub fn line(ids: &[&str]) -> Self {
        let event = |id: &&str| {
            serde_json::json!({
                "type": "message", "webhookEventId": id, "timestamp": 1_780_000_000_000_i64,
                "message": { "id": id },
            })
        };
        let events: Vec<_> = ids.iter().map(event).collect();
        let (id, others) = ids.split_first().expect("an event");
        Self {
            source: "chats",
            id: (*id).to_owned(),
            others: others.iter().map(|id| (*id).to_owned()).collect(),
            headers: Vec::new(),
            body: serde_json::json!({ "destination": "U0", "events": events }).to_string(),
            is_retried: true,
        }
    }

    /// The same event at another source.
    #[must_use]
    pub fn at(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// The same event in another delivery: Stripe counts down in the body.
    #[must_use]
    pub fn delivered_again(mut self) -> Self {
        self.body = self.body.replace(r#""pending_webhooks":2"#, r#""pending_webhooks":1"#);
        self
    }

    /// The key of its record.
    pub fn key(&self) -> RecordKey {
        RecordKey::event(&self.source_name(), &EventKey::new(&self.id))
    }

    /// The keys of all its records.
    pub fn keys(&self) -> Vec<RecordKey> {
        let other = |id: &String| RecordKey::event(&self.source_name(), &EventKey::new(id));
        [self.key()].into_iter().chain(self.others.iter().map(other)).collect()
    }

    /// The key of its record where another event came first under the same id.
    pub fn key_beside(&self) -> RecordKey {
        let hash = BodyHash::of(self.body.as_bytes());
        RecordKey::event(&self.source_name(), &EventKey::new(&self.id).beside(&hash))
    }

    /// The headers of a request, signed at a time with [`SECRET`].
    ///
    /// # Panics
    /// When the configuration has no such source.
    pub fn signed(&self, configuration: &Configuration, at: Timestamp) -> Vec<(String, String)> {
        let source = configuration.source(self.source).expect("a source");
        let headers: Headers = self.headers.iter().map(|(name, value)| (name, value)).collect();
        let message = Message { id: &self.id, at, headers: &headers, body: self.body.as_bytes() };
        let signed = source.provider.scheme().sign(&[Secret::new(SECRET)], &message);
        let mut headers = self.headers.clone();
        headers.extend(signed.expect("signed"));
        headers
    }

    fn source_name(&self) -> SourceName {
        SourceName::new(self.source).expect("a name")
    }
}

impl<F: Functions> World<F> {
    /// Something happens at the provider; its API lists it from now on.
    pub fn happens(&self, webhook: &Webhook) {
        self.listing.add(webhook);
    }

    /// The provider posts an event until it is answered with a 2xx, or as often as it does that.
    pub async fn provider_sends(&mut self, webhook: &Webhook) {
        let most = if webhook.is_retried { 1 + RETRIES } else { 1 };
        for _ in 0..most {
            if matches!(self.post(webhook).await, Some(200..=299)) {
                return;
            }
            self.clock.advance(Span::from_secs(10));
        }
    }

    /// One request, signed now; its status, or none if the receiver died over it.
    pub async fn post(&mut self, webhook: &Webhook) -> Option<u16> {
        self.posts += 1;
        let event = self.signed(webhook);
        let receiver = self.receiver.clone();
        let answer = self.run(F::receive(&receiver, &event)).await;
        let status = answer.map(|answer| events::status(&answer.expect("the receiver answers")));
        if matches!(status, Some(200..=299)) {
            self.accepted.push(webhook.clone());
            self.check_durable(webhook, "when it was answered 2xx").await;
        } else if status.is_some() {
            self.failures += 1;
        }
        status
    }

    /// Any HTTP event, and the status of its answer.
    ///
    /// # Panics
    /// When the receiver does not answer it.
    pub async fn post_event(&mut self, event: &str) -> u16 {
        events::status(&self.answer(event).await)
    }

    /// Any event, and the receiver's whole answer.
    ///
    /// # Panics
    /// When the receiver does not answer it.
    pub async fn answer(&mut self, event: &str) -> String {
        let receiver = self.receiver.clone();
        let answer = self.run(F::receive(&receiver, event)).await;
        answer.expect("the receiver lives").expect("the receiver answers")
    }

    /// The HTTP event of a webhook, signed now.
    pub fn signed(&self, webhook: &Webhook) -> String {
        let headers = webhook.signed(&self.configuration, self.now());
        events::http(&format!("/hooks/{}", webhook.source), &headers, &webhook.body)
    }
}
