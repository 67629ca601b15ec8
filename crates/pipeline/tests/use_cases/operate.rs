//! What an operator is answered, and what an order leaves behind.

use super::stores::{BODY, Stores};
use bytes::Bytes;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::{Ending, Outcome};
use holdfast_domain::record::{BodyKey, BodyPlace, Origin, RecordKey, State};
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::operate::{Answer, Done, discard, replay, replay_processed};
use holdfast_pipeline::ports::{BodyStore, EventStore};
use holdfast_testkit::builders::{
    DEDUPE_WINDOW, NOW, claim, dead, processed, received, request, terms, unique_key,
};
use holdfast_testkit::faults::{Fault, Operation};

const KEEP: Span = Span::from_days(60);

fn done(key: &RecordKey) -> Answer {
    Answer::Done(Done { key: key.clone(), awaits_sweep: false })
}

fn ordered(key: &RecordKey, order: &'static str) -> Fact {
    Fact::Ordered { key: key.clone(), order }
}

async fn replayed(stores: &Stores, key: &RecordKey) -> Answer {
    replay(stores.ports.as_ref(), key).await.expect("memory answers")
}

async fn run_once_more(stores: &Stores, key: &RecordKey) -> Answer {
    replay_processed(stores.ports.as_ref(), key, KEEP).await.expect("memory answers")
}

async fn discarded(stores: &Stores, key: &RecordKey) -> Answer {
    discard(stores.ports.as_ref(), key, "not needed", DEDUPE_WINDOW).await.expect("memory answers")
}

/// The number of the first call of an operation, from a look at an undisturbed order.
fn number(stores: &Stores, operation: Operation) -> usize {
    let calls = stores.faults.trace();
    calls.iter().find(|call| call.operation == operation).expect("it is called").number
}

#[tokio::test]
async fn the_dead_are_brought_back_and_nothing_else_is() {
    let stores = Stores::new();
    let missing = unique_key();
    assert_eq!(replayed(&stores, &missing).await, Answer::Missing);
    for (record, state) in
        [(received(&unique_key()), State::Received), (processed(&unique_key()), State::Processed)]
    {
        let key = stores.store(record).await;
        assert_eq!(replayed(&stores, &key).await, Answer::WrongState(state));
    }
    assert_eq!(stores.facts.take(), []);
    let key = stores.store(dead(&unique_key())).await;
    assert_eq!(replayed(&stores, &key).await, done(&key));
    assert_eq!((stores.fact(), stores.memory.queue.len()), (ordered(&key, "replay"), (1, 0)));
    assert_eq!(stores.record(&key).state, State::Received);
}

#[tokio::test]
async fn a_replay_whose_ticket_could_not_be_sent_awaits_the_sweep() {
    let stores = Stores::new();
    let key = stores.store(dead(&unique_key())).await;
    replayed(&stores, &key).await;
    let send = number(&stores, Operation::SendTicket);

    let stores = Stores::new();
    let key = stores.store(dead(&unique_key())).await;
    stores.faults.arm(send, Fault::ErrorBefore);
    let awaits = Answer::Done(Done { key: key.clone(), awaits_sweep: true });
    assert_eq!(replayed(&stores, &key).await, awaits);
}

#[tokio::test]
async fn a_processed_event_runs_again_as_another() {
    let stores = Stores::new();
    let key = stores.store(processed(&unique_key())).await;
    let before = stores.record(&key);
    for number in [1, 2] {
        let (again, now) = (key.replay(number), NOW.plus(Span::from_secs(u64::from(number))));
        stores.clock.set(now);
        assert_eq!(run_once_more(&stores, &key).await, done(&again));
        assert_eq!(stores.fact(), ordered(&again, "replay"));
        let made = stores.record(&again).event;
        assert_eq!((made.origin, made.received_at), (Origin::Replay, now));
        let body_key = BodyKey::new(&again, &before.event.body.hash);
        assert_eq!((&made.body.key, made.body.kept_until), (&body_key, now.plus(KEEP)));
        assert_eq!((&made.kind, &made.entity), (&before.event.kind, &before.event.entity));
        // Its body is its own: it outlives the other's.
        let read = stores.memory.bodies.read(&made.body).await.expect("memory answers");
        assert_eq!(read, Some(Bytes::from_static(BODY)));
    }
    assert_eq!(stores.record(&key), before, "PROCESSED stays PROCESSED");
    assert_eq!(stores.memory.queue.len(), (2, 0));
}

/// An earlier version may have thought another size to be large.
#[tokio::test]
async fn the_body_of_what_runs_again_is_looked_for_where_it_was_written() {
    let stores = Stores::new();
    let mut record = processed(&unique_key());
    record.event.body.place = BodyPlace::Bucket;
    let key = stores.store(record).await;
    assert_eq!(run_once_more(&stores, &key).await, done(&key.replay(1)));
    assert_eq!(stores.record(&key.replay(1)).event.body.place, BodyPlace::Table);
}

#[tokio::test]
async fn only_a_processed_event_with_a_body_runs_again() {
    let stores = Stores::new();
    assert_eq!(run_once_more(&stores, &unique_key()).await, Answer::Missing);
    let key = stores.store(dead(&unique_key())).await;
    assert_eq!(run_once_more(&stores, &key).await, Answer::WrongState(State::Dead));
    let key = stores.store(processed(&unique_key())).await;
    stores.memory.bodies.lose(&stores.record(&key).event.body.key);
    assert_eq!(run_once_more(&stores, &key).await, Answer::BodyGone);
    assert_eq!(stores.facts.take(), []);
}

/// The answer to the put is lost and the SDK puts again: it is one's own record, not a taken key.
#[tokio::test]
async fn a_repeated_put_makes_one_record() {
    let stores = Stores::new();
    let key = stores.store(processed(&unique_key())).await;
    run_once_more(&stores, &key).await;
    let put = number(&stores, Operation::CreateRecord);

    let stores = Stores::new();
    let key = stores.store(processed(&unique_key())).await;
    stores.faults.arm(put, Fault::Repeat);
    assert_eq!(run_once_more(&stores, &key).await, done(&key.replay(1)));
    assert_eq!((stores.memory.events.all().len(), stores.memory.queue.len()), (2, (1, 0)));
}

#[tokio::test]
async fn the_dead_are_let_go_and_nothing_else_is() {
    let stores = Stores::new();
    assert_eq!(discarded(&stores, &unique_key()).await, Answer::Missing);
    let key = stores.store(received(&unique_key())).await;
    assert_eq!(discarded(&stores, &key).await, Answer::WrongState(State::Received));
    assert_eq!(stores.facts.take(), []);
    let key = stores.store(dead(&unique_key())).await;
    assert_eq!(discarded(&stores, &key).await, done(&key));
    assert_eq!((stores.fact(), stores.memory.queue.len()), (ordered(&key, "discard"), (0, 0)));
    let ended = stores.record(&key).processed.expect("it is processed");
    assert_eq!((ended.ending, ended.reason.as_deref()), (Ending::Discarded, Some("not needed")));
    assert_eq!(ended.expires_at, NOW.plus(DEDUPE_WINDOW));
}

#[tokio::test]
async fn a_discard_whose_answer_was_lost_is_done() {
    let stores = Stores::new();
    let key = stores.store(dead(&unique_key())).await;
    // Read, then written.
    stores.faults.arm(2, Fault::Repeat);
    assert_eq!(discarded(&stores, &key).await, done(&key));
    assert_eq!(stores.faults.struck().len(), 1);
}

/// What an order and a replay answer when the order's write is held until the replay is done.
async fn beside_a_replay(
    stores: &Stores,
    key: &RecordKey,
    written: Transition,
    order: impl Future<Output = Answer>,
) -> (Answer, Answer) {
    let told = stores.faults.hold_next(Operation::Update(written));
    let replay = async {
        stores.until_held().await;
        let answer = replayed(stores, key).await;
        told.notify_one();
        answer
    };
    tokio::join!(order, replay)
}

/// Two operators look at the same death: one replays it, the other's discard comes too late.
#[tokio::test]
async fn an_order_for_what_moved_on_is_overtaken() {
    let stores = Stores::new();
    let key = stores.store(dead(&unique_key())).await;
    let late = beside_a_replay(&stores, &key, Transition::Discard, discarded(&stores, &key));
    assert_eq!(late.await, (Answer::Overtaken, done(&key)));
    assert_eq!(stores.record(&key).state, State::Received);
}

/// A delivery is not what a discard wanted, though the record is finished either way.
#[tokio::test]
async fn a_discard_that_a_delivery_overtook_is_overtaken() {
    let stores = Stores::new();
    let key = stores.store(dead(&unique_key())).await;
    let told = stores.faults.hold_next(Operation::Update(Transition::Discard));
    let deliver = async {
        stores.until_held().await;
        replayed(&stores, &key).await;
        let events = &stores.memory.events;
        let claimed = request(&key, "claim").update();
        events.update(&claimed).await.expect("memory answers");
        let delivered =
            claim(&stores.record(&key)).settle(&Outcome::done(Ending::Delivered), &terms());
        events.update(&delivered.update).await.expect("memory answers");
        told.notify_one();
    };
    let (answer, ()) = tokio::join!(discarded(&stores, &key), deliver);
    assert_eq!((answer, stores.record(&key).state), (Answer::Overtaken, State::Processed));
}

#[tokio::test]
async fn two_replays_of_one_death_are_one() {
    let stores = Stores::new();
    let key = stores.store(dead(&unique_key())).await;
    let late = beside_a_replay(&stores, &key, Transition::Replay, replayed(&stores, &key));
    assert_eq!(late.await, (Answer::Overtaken, done(&key)));
    assert_eq!((stores.record(&key).replays, stores.memory.queue.len()), (1, (1, 0)));
}
