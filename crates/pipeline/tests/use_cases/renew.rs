//! What a renewal reports, how often it passes, and where it goes on.

use super::stores::{Stores, in_time};
use holdfast_domain::record::{BodyRef, Event, READ_SHARDS, Record, RecordKey, Room};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::operate::discard;
use holdfast_pipeline::ports::{DocumentStore, Ports};
use holdfast_pipeline::renew::{Report, renew};
use holdfast_testkit::builders::{NOW, dead, later, stranded, unique_key, waiting};
use holdfast_testkit::faults::{Fault, Operation};
use std::collections::BTreeSet;

const KEEP: Span = Span::from_days(60);

async fn renewed(stores: &Stores, deadline: Timestamp) -> Report {
    renew(stores.ports.as_ref(), KEEP, deadline).await.expect("memory answers")
}

/// A record whose body expires in so many days.
fn expiring(record: Record, days: u64) -> Record {
    let body = BodyRef { kept_until: later(Span::from_days(days)), ..record.event.body.clone() };
    Record { event: Event { body, ..record.event }, ..record }
}

fn soon(key: &RecordKey) -> Record {
    expiring(stranded(key), 3)
}

#[tokio::test]
async fn everything_is_counted_and_kept_longer() {
    let stores = Stores::new();
    let key = stores.store(soon(&unique_key())).await;
    stores.store_many(1, |key| expiring(waiting(key, Room::Later), 3)).await;
    stores.store_many(2, |key| expiring(dead(key), 3)).await;
    stores.store_many(3, |key| expiring(stranded(key), 30)).await;
    let lost = stores.store(soon(&unique_key())).await;
    stores.memory.bodies.lose(&stores.record(&lost).event.body.key);
    let report = renewed(&stores, in_time()).await;
    let wanted = Report { looked_at: 8, renewed: 4, gone: 1, failed: 0, complete: true };
    assert_eq!(report, wanted);
    let told = Fact::Renewed { looked_at: 8, renewed: 4, gone: 1, failed: 0, complete: true };
    assert_eq!(stores.fact(), told);
    assert_eq!(stores.record(&key).event.body.kept_until, NOW.plus(KEEP));
    // The body itself too, not just the note of it.
    stores.memory.bodies.expire(later(Span::from_days(59)));
    stores.clock.advance(Span::from_days(59));
    assert_eq!(renewed(&stores, in_time().plus(KEEP)).await.gone, 1 + 3);
}

#[tokio::test]
async fn it_passes_once_in_twenty_hours() {
    let stores = Stores::new();
    stores.store_many(2, soon).await;
    assert_eq!(renewed(&stores, in_time()).await.looked_at, 2);
    let hours = Span::from_mins(20 * 60);
    stores.clock.advance(hours.minus(Span::from_millis(1)));
    let idle = Report { complete: true, ..Report::default() };
    assert_eq!(renewed(&stores, in_time()).await, idle);
    stores.clock.advance(Span::from_millis(1));
    assert_eq!(renewed(&stores, in_time()).await.looked_at, 2);
}

/// A pass that runs out of time is gone on with by the next run, not begun anew: or the last room
/// would never be reached.
#[tokio::test]
async fn a_pass_in_pieces_looks_at_everything_once() {
    let stores = Stores::new();
    stores.store_many(20, soon).await;
    stores.store_many(20, |key| expiring(dead(key), 3)).await;
    let (mut looked_at, mut runs, mut complete) = (0, 0, false);
    while !complete {
        let report = renewed(&stores, NOW.plus(Span::from_millis(4999))).await;
        (looked_at, runs, complete) = (looked_at + report.looked_at, runs + 1, report.complete);
        assert!(runs < 30, "it gets on");
    }
    assert!(runs > 2, "in pieces");
    assert_eq!(looked_at, 40);
    let after = renewed(&stores, in_time()).await;
    assert_eq!((after.looked_at, after.complete), (0, true), "the pass is over");
}

#[tokio::test]
async fn a_record_that_fails_is_counted() {
    let stores = Stores::new();
    stores.store_many(3, soon).await;
    renewed(&stores, in_time()).await;
    let calls = stores.faults.trace();
    let first =
        calls.iter().find(|call| call.operation == Operation::RenewBody).expect("it renews");

    let stores = Stores::new();
    stores.store_many(3, soon).await;
    stores.faults.arm(first.number, Fault::ErrorBefore);
    let report = renewed(&stores, in_time()).await;
    let wanted = Report { looked_at: 3, renewed: 2, gone: 0, failed: 1, complete: true };
    assert_eq!(report, wanted);
    assert!(matches!(stores.facts.take().first(), Some(Fact::RenewFailed { .. })));
}

/// A room that could not be read is passed over again; the others are done with.
#[tokio::test]
async fn a_room_that_cannot_be_read_is_come_back_to() {
    let stores = Stores::new();
    stores.store_many(16, soon).await;
    stores.store_many(5, |key| expiring(dead(key), 30)).await;
    // The first reading of the index, after its memory.
    stores.faults.arm(2, Fault::ErrorBefore);
    let first = renew(stores.ports.as_ref(), KEEP, in_time()).await;
    assert!(first.is_err(), "somebody has to hear of it");
    let second = renewed(&stores, in_time()).await;
    assert_eq!((second.looked_at, second.complete), (16, true), "the dead were passed over before");
}

/// However long it cannot: what lies in the others would expire meanwhile.
#[tokio::test]
async fn a_room_that_cannot_be_read_keeps_no_other_from_its_passes() {
    let stores = Stores::new();
    let died = stores.store(expiring(dead(&unique_key()), 30)).await;
    for day in 0..100 {
        // The first reading of the index, after its memory: a shard of the first room.
        stores.faults.arm(stores.faults.made() + 2, Fault::ErrorBefore);
        assert!(renew(stores.ports.as_ref(), KEEP, later(Span::from_days(400))).await.is_err());
        let body = &stores.record(&died).event.body;
        assert!(body.kept_until > later(Span::from_days(day)), "expired after {day} days");
        stores.clock.advance(Span::from_days(1));
    }
}

#[tokio::test]
async fn a_memory_that_nobody_can_read_stops_no_pass() {
    let stores = Stores::new();
    stores.store_many(2, soon).await;
    let documents = &stores.memory.documents;
    assert!(documents.save("S#renew", "not JSON", 0).await.expect("memory answers"));
    assert_eq!(renewed(&stores, in_time()).await.renewed, 2);
}

/// What one run could not read is not forgotten by the next, which goes on behind it: otherwise a shard
/// that takes all the time would take it from all that follow, in every run.
#[tokio::test]
async fn a_pass_that_lacks_something_is_no_pass() {
    let stores = Stores::new();
    stores.store_many(64, soon).await;
    let shards_left = || {
        let records = stores.memory.events.all().into_iter();
        let left = records.filter(|record| record.event.body.kept_until < NOW.plus(KEEP));
        left.map(|record| record.key().shard()).collect::<BTreeSet<u8>>()
    };
    let all = shards_left();
    // The first reading of the index, after its memory; and there is time for one page.
    stores.faults.arm(2, Fault::ErrorBefore);
    let first = renew(stores.ports.as_ref(), KEEP, NOW.plus(Span::from_millis(4999))).await;
    assert!(first.is_err(), "somebody has to hear of it");
    assert_eq!(shards_left(), all);
    stores.clock.advance(Span::from_mins(60));
    let second = renewed(&stores, in_time()).await;
    assert!(!second.complete, "it went on behind what it could not read");
    assert_eq!(shards_left(), all.into_iter().take(1).collect(), "what it could not read");
    stores.clock.advance(Span::from_mins(60));
    assert!(renewed(&stores, in_time()).await.complete);
    assert_eq!(shards_left(), BTreeSet::new());
}

/// The count is of all rooms: or a run in which another room is due would give the all-clear.
#[tokio::test]
async fn what_is_gone_stays_gone_until_a_pass_through_its_room_finds_it() {
    let stores = Stores::new();
    let lost = stores.store(expiring(dead(&unique_key()), 3)).await;
    stores.memory.bodies.lose(&stores.record(&lost).event.body.key);
    stores.store_many(16, soon).await;
    // A shard of the first room cannot be read.
    stores.faults.arm(2, Fault::ErrorBefore);
    assert!(renew(stores.ports.as_ref(), KEEP, in_time()).await.is_err());
    let gone = |fact| matches!(fact, Fact::Renewed { gone: 1, .. });
    assert!(stores.facts.take().into_iter().any(gone));
    stores.clock.advance(Span::from_mins(60));
    assert_eq!(renewed(&stores, in_time()).await.gone, 1, "only the first room was due");
    discard(stores.ports.as_ref(), &lost, "its body is gone", KEEP).await.expect("memory answers");
    stores.clock.advance(Span::from_days(1));
    assert_eq!(renewed(&stores, in_time().plus(KEEP)).await.gone, 0);
}

/// A shard that takes all the time is come back to in the next pass; this one has seen the others.
#[tokio::test]
async fn a_last_shard_that_cannot_be_read_ends_the_pass_all_the_same() {
    let stores = Stores::new();
    let lost = stores.store(soon(&unique_key())).await;
    stores.memory.bodies.lose(&stores.record(&lost).event.body.key);
    // There is time for one page: that of the shard where it is.
    let hurried = || stores.ports.now().plus(Span::from_millis(4999));
    assert!(!renewed(&stores, hurried()).await.complete);
    // Its memory, then the shards from there on; the last one fails.
    let shards = usize::from(READ_SHARDS - lost.shard());
    stores.faults.arm(stores.faults.made() + 1 + shards, Fault::ErrorBefore);
    stores.facts.take();
    assert!(renew(stores.ports.as_ref(), KEEP, hurried()).await.is_err());
    assert!(matches!(stores.fact(), Fact::Renewed { gone: 1, complete: false, .. }));
    let report = renewed(&stores, in_time()).await;
    let wanted = Report { looked_at: 1, gone: 1, complete: true, ..Report::default() };
    assert_eq!(report, wanted, "a pass of its own, which counts anew");
}

#[tokio::test]
async fn a_shard_of_more_than_a_page_is_read_to_its_end() {
    let stores = Stores::new();
    let keys = std::iter::repeat_with(unique_key).filter(|key| key.shard() == 3);
    for key in keys.take(101) {
        stores.store(soon(&key)).await;
    }
    assert_eq!(renewed(&stores, in_time()).await.renewed, 101);
}
