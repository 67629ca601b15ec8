//! What a provider is answered, and what is told of it.

use super::stores::Stores;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::receive::Receiver;
use holdfast_testkit::builders::NOW;
use holdfast_testkit::faults::{Fault, Faulty, Operation};

const OLD: &str = "whsec_old_and_long_enough";
const NEW: &str = "whsec_new_and_long_enough";

struct Door {
    stores: Stores,
    receiver: Receiver<Faulty<Memory>>,
}

fn door() -> Door {
    let stores = Stores::new();
    for source in ["stripe", "strict", "slack"] {
        stores.memory.secrets.set(source, &[OLD]);
    }
    let receiver = Receiver::new(stores.ports.clone(), stores.configuration.clone());
    Door { stores, receiver }
}

fn event(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"type\":\"invoice.paid\",\"created\":1767225600}}")
}

impl Door {
    fn signed(&self, path: &str, secret: &str, body: &str) -> Inbound {
        let name = path.rsplit('/').next().expect("a name");
        let provider = &self.stores.configuration.source(name).expect("a source").provider;
        let (headers, body) = (Headers::new(), body.as_bytes());
        let message = Message { id: "1", at: NOW, headers: &headers, body };
        let signature = provider.scheme().sign(&[Secret::new(secret)], &message).expect("signed");
        Inbound::post(path, signature.into_iter().collect(), body.to_vec())
    }

    async fn status(&self, inbound: &Inbound) -> u16 {
        self.receiver.receive(inbound).await.status
    }

    /// Posts an event of Stripe's, signed with the old secret.
    async fn post(&self, path: &str, id: &str) -> u16 {
        self.status(&self.signed(path, OLD, &event(id))).await
    }

    /// The number that a call will have in an undisturbed post.
    async fn number(operation: Operation) -> usize {
        let door = door();
        door.post("/hooks/stripe", "evt_1").await;
        let calls = door.stores.faults.trace();
        calls.iter().find(|call| call.operation == operation).expect("it is called").number
    }
}

fn rejected(source: Option<&str>, reason: &'static str) -> Fact {
    Fact::Rejected { source: source.map(str::to_owned), reason }
}

#[tokio::test]
async fn what_is_believed_is_answered_ok() {
    let door = door();
    let answer = door.receiver.receive(&door.signed("/hooks/stripe", OLD, &event("evt_1"))).await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
    assert_eq!(answer.headers, [("content-type".to_owned(), "text/plain".to_owned())]);
    let facts = door.stores.facts.take();
    assert!(matches!(facts.as_slice(), [Fact::Accepted { .. }]), "{facts:?}");
    assert_eq!(door.stores.memory.queue.len(), (1, 0));
    assert!(std::ptr::eq(door.receiver.ports(), door.stores.ports.as_ref()));
}

/// A stage or a base path may stand before `/hooks`; nothing else may.
#[tokio::test]
async fn a_source_is_named_by_the_end_of_the_path() {
    let door = door();
    for path in ["/hooks/stripe", "/prod/hooks/stripe"] {
        assert_eq!(door.post(path, path).await, 200, "{path}");
    }
    door.stores.facts.take();
    for path in ["/stripe", "/webhooks/stripe", "/hooks/x/stripe", "hooks/stripe", "stripe"] {
        assert_eq!(door.post(path, path).await, 401, "{path}");
        assert_eq!(door.stores.fact(), rejected(None, "unknown_source"), "{path}");
    }
}

#[tokio::test]
async fn a_body_may_be_as_long_as_configured() {
    let door = door();
    let padded = |length: usize| {
        let body = event("evt_1");
        let padding = " ".repeat(length - body.len());
        door.signed("/hooks/strict", OLD, &(body + &padding))
    };
    assert_eq!(door.status(&padded(200)).await, 200);
    door.stores.facts.take();
    assert_eq!(door.status(&padded(201)).await, 413);
    assert_eq!(door.stores.fact(), rejected(Some("strict"), "too_large"));
}

#[tokio::test]
async fn only_a_post_brings_an_event() {
    let door = door();
    for method in ["GET", "PUT", "DELETE"] {
        let signed = door.signed("/hooks/stripe", OLD, &event("evt_1"));
        assert_eq!(door.status(&Inbound { method: method.to_owned(), ..signed }).await, 405);
        assert_eq!(door.stores.fact(), rejected(Some("stripe"), "method"), "{method}");
    }
    assert_eq!(door.stores.memory.events.all().len(), 0);
}

#[tokio::test]
async fn a_handshake_is_answered_and_stored_nowhere() {
    let door = door();
    let body = r#"{"type":"url_verification","challenge":"abc"}"#;
    let answer = door.receiver.receive(&door.signed("/hooks/slack", OLD, body)).await;
    assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).contains("abc")), (200, true));
    assert_eq!(door.stores.fact(), Fact::Handshake { source: "slack".to_owned() });
    assert_eq!(door.stores.memory.events.all().len(), 0);
}

#[tokio::test]
async fn a_wrong_signature_is_refused_with_its_reason() {
    let door = door();
    let forged = door.signed("/hooks/stripe", "whsec_of_somebody_else", &event("evt_1"));
    assert_eq!(door.status(&forged).await, 401);
    assert_eq!(door.stores.fact(), rejected(Some("stripe"), "mismatch"));
    let unsigned = Inbound::post("/hooks/stripe", Headers::new(), event("evt_1"));
    assert_eq!(door.status(&unsigned).await, 401);
    assert!(matches!(door.stores.fact(), Fact::Rejected { source: Some(_), .. }));
}

/// A signature that does not fit may be one of a secret that was rotated a moment ago.
#[tokio::test]
async fn a_new_secret_is_heard_of_within_a_minute() {
    let door = door();
    assert_eq!(door.post("/hooks/stripe", "evt_1").await, 200);
    door.stores.memory.secrets.set("stripe", &[NEW]);
    let new = |id| door.signed("/hooks/stripe", NEW, &event(id));
    assert_eq!(door.status(&new("evt_2")).await, 401, "too early to ask again");
    door.stores.clock.advance(Span::from_mins(1));
    assert_eq!(door.status(&new("evt_2")).await, 200);
    assert_eq!(door.post("/hooks/stripe", "evt_3").await, 401, "the old one is gone");
}

#[tokio::test]
async fn without_a_secret_nothing_is_judged() {
    let door = door();
    door.stores.memory.secrets.remove("stripe");
    assert_eq!(door.post("/hooks/stripe", "evt_1").await, 503);
    let told =
        |fact: &Fact| matches!(fact, Fact::SecretUnavailable { source, .. } if source == "stripe");
    assert!(told(&door.stores.fact()));
    assert_eq!(door.post("/hooks/strict", "evt_1").await, 200, "the others go on");

    let door = self::door();
    door.stores.memory.secrets.set_unreachable(true);
    assert_eq!(door.post("/hooks/stripe", "evt_1").await, 503);
    assert!(told(&door.stores.fact()));
}

#[tokio::test]
async fn the_first_request_finds_the_secrets_loaded() {
    let door = door();
    door.receiver.warm_up().await.expect("memory answers");
    let made = door.stores.faults.made();
    assert_eq!(door.post("/hooks/stripe", "evt_1").await, 200);
    assert_eq!(door.stores.faults.calls_since(made).count(Operation::LoadSecrets), 0);
    assert_eq!(door.stores.faults.trace().len() - made, 3, "body, record, ticket");
}

/// What is durable is accepted, whether its ticket was sent or not, unless its source says else.
#[tokio::test]
async fn a_ticket_that_could_not_be_sent_is_the_sources_choice() {
    let send = Door::number(Operation::SendTicket).await;
    for (path, status) in [("/hooks/stripe", 200), ("/hooks/strict", 503)] {
        let door = door();
        door.stores.faults.arm(send, Fault::ErrorBefore);
        assert_eq!(door.post(path, "evt_1").await, status, "{path}");
        assert_eq!(door.stores.memory.events.all().len(), 1, "it is stored either way");
        assert_eq!(door.post(path, "evt_2").await, 200, "the next one is sent");
    }
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_accepted() {
    for operation in [Operation::WriteBody, Operation::CreateRecord] {
        let number = Door::number(operation).await;
        let door = door();
        door.stores.faults.arm(number, Fault::ErrorBefore);
        assert_eq!(door.post("/hooks/stripe", "evt_1").await, 503, "{operation:?}");
        let fact = door.stores.fact();
        assert!(matches!(&fact, Fact::NotStored { source, .. } if source == "stripe"), "{fact:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_stored_or_refused_as_configured() {
    let door = door();
    assert_eq!(door.status(&door.signed("/hooks/stripe", OLD, "no json")).await, 200);
    let facts = door.stores.facts.take();
    assert!(
        matches!(facts.as_slice(), [Fact::Unparsable { .. }, Fact::Accepted { .. }]),
        "{facts:?}"
    );
    assert_eq!(door.status(&door.signed("/hooks/strict", OLD, "no json")).await, 400);
    assert_eq!(door.stores.fact(), rejected(Some("strict"), "unparsable"));
    assert_eq!(door.stores.memory.events.all().len(), 1);
}
