//! Calls to AWS that fail while a provider waits for its answer.

use super::eventually::{SOON, eventually_so};
use super::faults::Faults;
use super::journey::Journey;
use super::signed::stripe;
use super::world::{Setting, World};
use holdfast_domain::record::State;
use std::sync::OnceLock;

/// The world of these journeys. Rules replace each other, so one journey at a time.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        World::deploy("faults", Setting { with_faults: true, ..Setting::default() })
    })
}

/// One at a time, whatever became of the one before.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The event is durable, so the provider hears 200; the sweep sends the ticket.
#[tokio::test]
async fn an_event_whose_ticket_could_not_be_sent_is_delivered_by_the_sweep() {
    let (_turn, journey) = (TURN.lock().await, Journey::through(world()).await);
    let (faults, webhook) = (Faults::of(world()), stripe());
    let fault = faults.fail("SendMessage", webhook.key.event_key()).await;
    assert_eq!(journey.post(&webhook).await, 200);
    assert!(fault.end().await > 0, "the send failed");

    let record = journey.record(&webhook.key).await.expect("it is stored");
    assert_eq!((record.state, record.attempts), (State::Received, 0));
    journey.invoke_reconciler("sweep").await;
    assert_eq!(journey.record(&webhook.key).await, Some(record), "too early for the sweep");

    journey.let_ten_minutes_pass_for(&webhook.key).await;
    let report = journey.invoke_reconciler("sweep").await;
    assert_eq!(report["resent"], 1, "{report}");
    let record = journey.wait_until_processed(&webhook.key).await;
    assert_eq!(record.attempts, 1);
    assert_eq!(journey.deliveries(&webhook.key).len(), 1);
}

/// Nothing durable, no 2xx; the provider comes again.
#[tokio::test]
async fn an_event_that_cannot_be_stored_is_refused_until_it_can() {
    let (_turn, journey) = (TURN.lock().await, Journey::through(world()).await);
    let (faults, webhook) = (Faults::of(world()), stripe());
    let fault = faults.fail("PutItem", webhook.key.event_key()).await;
    assert_eq!(journey.post(&webhook).await, 503);
    assert!(fault.end().await > 0, "the put failed");
    assert_eq!(journey.record(&webhook.key).await, None);

    journey.post_accepted(&webhook).await;
    journey.wait_until_processed(&webhook.key).await;
    assert_eq!(journey.deliveries(&webhook.key).len(), 1);
}

/// The SDK asks again, meets its own write, and must not take it for a duplicate: then nobody
/// would send the ticket.
#[tokio::test]
async fn an_event_whose_put_was_answered_into_the_void_gets_its_ticket() {
    let (_turn, journey) = (TURN.lock().await, Journey::through(world()).await);
    let (faults, webhook) = (Faults::of(world()), stripe());
    let fault = faults.lose_one_answer("PutItem", webhook.key.as_str()).await;
    assert_eq!(journey.post(&webhook).await, 200);
    assert_eq!(fault.end().await, 1, "one answer was lost");
    let record = journey.wait_until_processed(&webhook.key).await;
    assert_eq!(record.attempts, 1);
    assert_eq!(journey.deliveries(&webhook.key).len(), 1);
}

/// The SDK sends again, so there are two tickets: the claim lets one of them work.
#[tokio::test]
async fn an_event_whose_send_was_answered_into_the_void_is_delivered_once() {
    let (_turn, journey) = (TURN.lock().await, Journey::through(world()).await);
    let (faults, webhook) = (Faults::of(world()), stripe());
    let fault = faults.lose_one_answer("SendMessage", webhook.key.as_str()).await;
    assert_eq!(journey.post(&webhook).await, 200);
    assert_eq!(fault.end().await, 1, "one answer was lost");
    let record = journey.wait_until_processed(&webhook.key).await;
    wait_for_an_empty_queue(&journey).await;
    assert_eq!((record.attempts, record.token), (1, 1));
    assert_eq!(journey.deliveries(&webhook.key).len(), 1);
}

async fn wait_for_an_empty_queue(journey: &Journey<'_>) {
    let empty = async || journey.tickets_in_the_queue().await == 0;
    eventually_so("the queue is empty", SOON, empty).await;
}
