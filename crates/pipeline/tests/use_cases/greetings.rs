//! Handshakes that nobody signs, and what else is noticed of a source beside its events.

use super::stores::Stores;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::headers::Headers;
use holdfast_domain::identity::EventKey;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::record::{RecordKey, State};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::offers;
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::Definitions;
use holdfast_testkit::builders::{NOW, dead, source};
use holdfast_testkit::faults::{Fault, Faulty, Operation};
use std::sync::Arc;

const SECRET: &str = "whsec_long_enough_for_anybody";

const SOURCES: &str = "[sources.asana]\nprovider = \"asana\"\n[sources.github]\nprovider = \"github\"\n\
    [sources.x]\nprovider = \"x\"\n[sources.meta]\nprovider = \"meta\"\nverify_token = \"meta-token\"\n\
    [sources.again]\nprovider = \"stripe\"\nreplay_dead = true\n\
    [sources.once]\nprovider = \"stripe\"\n";

struct Door {
    stores: Stores,
    receiver: Receiver<Faulty<Memory>>,
    configuration: Arc<Configuration>,
}

fn door() -> Door {
    let stores = Stores::new();
    for name in ["github", "x", "meta", "again", "once", "meta-token"] {
        stores.memory.secrets.set(name, &[SECRET]);
    }
    stores.memory.secrets.set("asana", &[]);
    let read = Configuration::read(SOURCES, &Definitions);
    let configuration = Arc::new(read.unwrap_or_else(|problems| panic!("{problems}")));
    let receiver = Receiver::new(stores.ports.clone(), configuration.clone());
    Door { stores, receiver, configuration }
}

impl Door {
    /// A request that is signed by its source's scheme.
    fn signed(&self, name: &str, others: &[(&str, &str)], body: &str) -> Inbound {
        let provider = &self.configuration.source(name).expect("a source").provider;
        let headers: Headers = others.iter().copied().collect();
        let message = Message { id: "1", at: NOW, headers: &headers, body: body.as_bytes() };
        let signature = provider.sign(&[Secret::new(SECRET)], &message).expect("signed");
        let signature = signature.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = others.iter().copied().chain(signature).collect();
        Inbound::post(format!("/hooks/{name}"), headers, body.to_owned())
    }

    async fn status(&self, inbound: &Inbound) -> u16 {
        self.receiver.receive(inbound).await.status
    }

    async fn offer(&self, secret: &str) -> u16 {
        let headers = [("X-Hook-Secret", secret)].into_iter().collect();
        self.status(&Inbound::post("/hooks/asana", headers, "{}")).await
    }
}

fn asked(path: &str, query: &str) -> Inbound {
    let inbound = Inbound::post(path, Headers::default(), "");
    Inbound { method: "GET".to_owned(), query: query.to_owned(), ..inbound }
}

#[tokio::test]
async fn who_knows_the_token_is_greeted() {
    let door = door();
    let query = |token| format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=7");
    let answer = door.receiver.receive(&asked("/hooks/meta", &query(SECRET))).await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"7"[..]));
    assert_eq!(door.stores.fact(), Fact::Handshake { source: "meta".to_owned() });
    assert_eq!(door.status(&asked("/hooks/meta", &query("guessed"))).await, 401);
    assert_eq!(door.stores.memory.events.all().len(), 0);
}

/// What a handshake may be sent as, an event may not.
#[tokio::test]
async fn an_event_comes_as_its_provider_sends_it() {
    let door = door();
    let signed = door.signed("x", &[], "");
    let get = Inbound { method: "GET".to_owned(), ..signed };
    assert_eq!(door.status(&get).await, 405);
    let expected = Fact::Rejected { source: Some("x".to_owned()), reason: "method" };
    assert_eq!(door.stores.fact(), expected);
    assert_eq!(door.status(&door.signed("x", &[], "{\"for_user_id\":\"1\"}")).await, 200);
}

#[tokio::test]
async fn an_offered_secret_is_kept_for_an_operator() {
    let door = door();
    assert_eq!(door.offer("one").await, 200);
    let facts = door.stores.facts.take();
    let name = || "asana".to_owned();
    let expected = [Fact::SecretOffered { source: name() }, Fact::Handshake { source: name() }];
    assert_eq!(facts, expected);
    let kept = offers::list(door.stores.ports.as_ref(), &source("asana")).await.expect("memory");
    assert_eq!(kept.len(), 1);
    for number in 0..20 {
        let expected = if number < 9 { 200 } else { 503 };
        assert_eq!(door.offer(&format!("secret-{number}")).await, expected, "{number}");
    }
    let kept = offers::list(door.stores.ports.as_ref(), &source("asana")).await.expect("memory");
    assert_eq!(kept.len(), 10, "strangers fill no table");
}

#[tokio::test]
async fn an_offer_that_could_not_be_kept_is_not_answered() {
    let calls = {
        let door = door();
        door.offer("one").await;
        door.stores.faults.trace()
    };
    let write = calls.iter().find(|call| call.operation == Operation::SaveDocument);
    let number = write.expect("it is kept").number;
    let door = door();
    door.stores.faults.arm(number, Fault::ErrorBefore);
    assert_eq!(door.offer("one").await, 503);
    assert!(matches!(door.stores.fact(), Fact::NotStored { .. }));
}

/// GitHub signs the body and not the delivery's id.
#[tokio::test]
async fn a_body_that_comes_again_under_another_key_is_noticed() {
    let door = door();
    let delivery = |id: &str| {
        let headers = [("X-GitHub-Delivery", id), ("X-GitHub-Event", "push")];
        door.signed("github", &headers, "{\"ref\":\"main\"}")
    };
    for id in ["one", "one"] {
        assert_eq!(door.status(&delivery(id)).await, 200);
        let facts = door.stores.facts.take();
        assert!(!facts.iter().any(|fact| matches!(fact, Fact::EqualBody { .. })), "{facts:?}");
    }
    assert_eq!(door.status(&delivery("two")).await, 200, "it may be another event");
    let key = |id: &str| RecordKey::event(&source("github"), &EventKey::new(id));
    let expected = Fact::EqualBody { key: key("two"), other: key("one") };
    assert_eq!(door.stores.facts.take().first(), Some(&expected));
    assert_eq!(door.stores.memory.events.all().len(), 2);
}

/// The ids of Stripe's events are signed: one body has one key.
#[tokio::test]
async fn where_keys_are_signed_nothing_is_remembered_of_bodies() {
    let door = door();
    for path in ["/hooks/again", "/hooks/once"] {
        let signed = door.signed("again", &[], "{\"no\":\"id\"}");
        assert_eq!(door.status(&Inbound { path: path.to_owned(), ..signed }).await, 200);
        let facts = door.stores.facts.take();
        assert!(!facts.iter().any(|fact| matches!(fact, Fact::EqualBody { .. })), "{facts:?}");
    }
}

#[tokio::test]
async fn a_dead_event_that_comes_again_is_replayed_where_its_source_says_so() {
    let created = NOW.minus(Span::from_secs(3)).secs();
    let body = format!(
        "{{\"id\":\"evt_1\",\"type\":\"invoice.paid\",\"created\":{created},\
         \"data\":{{\"object\":{{\"id\":\"in_1\"}}}}}}"
    );
    for (name, expected) in [("again", State::Received), ("once", State::Dead)] {
        let door = door();
        let key = RecordKey::event(&source(name), &EventKey::new("evt_1"));
        door.stores.store(dead(&key)).await;
        assert_eq!(door.status(&door.signed(name, &[], &body)).await, 200);
        assert_eq!(door.stores.record(&key).state, expected, "{name}");
        assert_eq!(door.stores.memory.events.all().len(), 1, "{name}");
    }
}
