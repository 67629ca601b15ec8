//! Writes whose answers are lost on the way back: the SDK asks again, meets its own write, and the
//! domain recognises it. Without that, an event would be taken for a duplicate and its ticket
//! never sent, or a claim and its attempt would be wasted.

use crate::local_aws::proxy::{Fault, Proxy, proxy};
use crate::local_aws::sandbox::Sandbox;
use holdfast_aws::stack::Stack;
use holdfast_domain::effect::{Effect, Value, Write};
use holdfast_domain::lifecycle::accept::{Taken, taken};
use holdfast_domain::lifecycle::claim::Answer;
use holdfast_domain::lifecycle::operator::{Ordered, Replay};
use holdfast_domain::lifecycle::settle::{Refusal, TicketFate};
use holdfast_domain::outcome::{Ending, Outcome};
use holdfast_domain::record::State;
use holdfast_pipeline::ports::{
    Completed, Created, DocumentStore, EventStore, Ports, TicketSender,
};
use holdfast_testkit::builders::{
    NOW, claim, dead, nonce, processing, received, request, terms, ticket, unique_key,
};
use holdfast_testkit::contract::events::EffectReader;
use holdfast_testkit::wait::until;
use std::collections::BTreeMap;

/// A sandbox behind a network that is about to lose answers.
struct Journey {
    sandbox: Sandbox,
    proxy: &'static Proxy,
    stack: Stack,
}

impl Journey {
    async fn new() -> Self {
        let (sandbox, proxy) = (Sandbox::new().await, proxy());
        let stack = sandbox.stack_at(&proxy.endpoint).await;
        Self { sandbox, proxy, stack }
    }

    /// Loses the answer to the next such operation on the events table.
    fn lose_next_answer(&self, operation: &str) -> Fault {
        self.proxy.lose_next_answer(operation, &self.sandbox.resources.table)
    }
}

#[tokio::test]
async fn a_put_is_known_as_ones_own() {
    let journey = Journey::new().await;
    let record = received(&unique_key());
    let loss = journey.lose_next_answer("PutItem");
    let created = journey.stack.events().create(&record).await.expect("an answer");
    loss.assert_happened();
    let Created::Taken(stored) = created else { panic!("the second put is refused") };
    assert_eq!(*stored, record);
    assert_eq!(taken(&record, &stored, NOW), Taken::Mine);
}

#[tokio::test]
async fn a_claim_is_known_as_ones_own() {
    let journey = Journey::new().await;
    let (events, record) = (journey.stack.events(), received(&unique_key()));
    events.create(&record).await.expect("stored");
    let request = request(record.key(), "worker");
    let loss = journey.lose_next_answer("UpdateItem");
    let updated = events.update(&request.update()).await.expect("an answer");
    loss.assert_happened();
    let Answer::Claimed(claim) = request.answer(updated, &ticket(&record), NOW) else {
        panic!("the claim is one's own")
    };
    assert_eq!((claim.token(), claim.attempt()), (1, 1), "one claim, one attempt");
    assert_eq!(events.read(record.key()).await.expect("an answer").as_ref(), Some(claim.record()));
}

#[tokio::test]
async fn a_completion_is_known_as_ones_own() {
    let journey = Journey::new().await;
    let (events, record) = (journey.stack.events(), processing(&unique_key()));
    events.create(&record).await.expect("stored");
    let claim = claim(&record);
    let settlement = claim.settle(&Outcome::done(Ending::Delivered), &terms());
    let loss = journey.lose_next_answer("UpdateItem");
    let completed = events
        .complete(&settlement.update, &Effect::default(), &claim.once())
        .await
        .expect("an answer");
    loss.assert_happened();
    let Completed::Refused(stored) = completed else { panic!("the second one is refused") };
    let refusal = settlement.refused(claim.token(), stored.as_deref());
    assert_eq!(refusal, Refusal::Held(TicketFate::Ack));
}

#[tokio::test]
async fn an_effect_lands_once() {
    let journey = Journey::new().await;
    let (events, record) = (journey.stack.events(), processing(&unique_key()));
    events.create(&record).await.expect("stored");
    let claim = claim(&record);
    let settlement = claim.settle(&Outcome::done(Ending::Applied), &terms());
    let key = BTreeMap::from([("pk".to_owned(), Value::Text("counter".to_owned()))]);
    let add = Write::Add {
        table: journey.sandbox.handler_table.clone(),
        key,
        attribute: "count".to_owned(),
        amount: 1,
    };
    let effect = Effect { writes: vec![add], version_guard: None };
    let loss = journey.lose_next_answer("TransactWriteItems");
    let completed = events.complete(&settlement.update, &effect, &claim.once()).await;
    assert_eq!(completed.expect("an answer"), Completed::Applied);
    loss.assert_happened();
    let counter = journey.sandbox.item("counter").await.expect("it was written");
    assert_eq!(counter.get("count"), Some(&Value::Number(1)));
    let stored = events.read(record.key()).await.expect("an answer").expect("it is stored");
    assert_eq!(stored.state, State::Processed);
}

#[tokio::test]
async fn an_operators_order_is_known_as_ones_own() {
    let journey = Journey::new().await;
    let (events, record) = (journey.stack.events(), dead(&unique_key()));
    events.create(&record).await.expect("stored");
    let replay = Replay::of(&record, nonce("operator"), NOW).expect("it is dead");
    let loss = journey.lose_next_answer("UpdateItem");
    let updated = events.update(replay.update()).await.expect("an answer");
    loss.assert_happened();
    let Ordered::Done(replayed) = replay.answer(updated) else { panic!("it was carried out") };
    assert_eq!((replayed.replays, replayed.state), (1, State::Received));
}

#[tokio::test]
async fn a_saved_document_is_known_as_ones_own() {
    let journey = Journey::new().await;
    let documents = journey.stack.documents();
    for seen in 0..2 {
        let loss = journey.lose_next_answer("PutItem");
        assert!(documents.save("S#sweep", "{}", seen).await.expect("an answer"), "revision {seen}");
        loss.assert_happened();
    }
    assert_eq!(documents.load("S#sweep").await.expect("an answer").revision, 2);
}

/// Nothing recognises a doubled ticket, and nothing has to: the claim takes care of it.
#[tokio::test]
async fn a_ticket_may_be_sent_twice() {
    let journey = Journey::new().await;
    let name = journey.sandbox.resources.queue_url.rsplit('/').next().expect("a name").to_owned();
    let loss = journey.proxy.lose_next_answer("SendMessage", &name);
    let tickets = journey.stack.tickets();
    tickets.send(&ticket(&received(&unique_key()))).await.expect("it is sent");
    loss.assert_happened();
    until("two tickets are visible", async || {
        (tickets.visible().await.expect("an answer") == 2).then_some(())
    })
    .await;
}
