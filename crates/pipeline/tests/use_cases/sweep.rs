//! What a sweep reports, when it holds back, and where it goes on.

use super::stores::{Stores, in_time, placed};
use holdfast_domain::identity::Kind;
use holdfast_domain::record::{Record, Room, State};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::ports::DocumentStore;
use holdfast_pipeline::sweep::{Report, sweep};
use holdfast_pipeline::switches::{self, Off};
use holdfast_testkit::builders::{
    NOW, ago, dead, later, processing, stranded, unique_key, waiting,
};
use holdfast_testkit::faults::{Fault, Operation};

async fn swept(stores: &Stores, deadline: Timestamp) -> Report {
    sweep(stores.ports.as_ref(), &stores.configuration, deadline).await.expect("memory answers")
}

fn visible(stores: &Stores) -> usize {
    let (main, _) = stores.memory.queue.len();
    main
}

#[tokio::test]
async fn everything_is_counted() {
    let stores = Stores::new();
    stores.store_many(3, stranded).await;
    stores.store_many(4, |key| waiting(key, Room::Later)).await;
    stores.store_many(2, |key| waiting(key, Room::Parked)).await;
    stores.store_many(5, dead).await;
    // Listed, but nothing is to be done for it: its worker is at work.
    let working = |key: &_| placed(processing(key), Room::Open, ago(Span::from_mins(1)));
    stores.store_many(6, working).await;
    let report = swept(&stores, in_time()).await;
    let wanted =
        Report { looked_at: 15, resent: 3, released: 6, failed: 0, dead: 5, complete: true };
    assert_eq!(report, wanted);
    assert_eq!(visible(&stores), 9);
    let told = Fact::Swept {
        looked_at: 15,
        resent: 3,
        released: 6,
        failed: 0,
        visible: 0,
        lag: Span::ZERO,
        dead: 5,
        complete: true,
    };
    assert_eq!(stores.fact(), told);
    let again = swept(&stores, in_time()).await;
    assert_eq!((again.resent, again.released), (0, 0), "each was helped once");
}

#[tokio::test]
async fn a_record_that_fails_is_counted_and_the_others_are_helped() {
    let stores = Stores::new();
    stores.store_many(3, stranded).await;
    swept(&stores, in_time()).await;
    let reads =
        stores.faults.trace().into_iter().filter(|call| call.operation == Operation::ReadRecord);
    let first = reads.map(|call| call.number).min().expect("it reads");

    let stores = Stores::new();
    stores.store_many(3, stranded).await;
    stores.faults.arm(first, Fault::ErrorBefore);
    let report = swept(&stores, in_time()).await;
    assert_eq!(stores.faults.struck().len(), 1);
    assert_eq!((report.looked_at, report.resent, report.failed), (3, 2, 1));
    assert!(report.complete, "it was looked at, and will be again");
    assert!(matches!(stores.facts.take().first(), Some(Fact::SweepFailed { .. })));
}

/// A hundred visible tickets are a backlog, ninety-nine are none.
#[tokio::test]
async fn a_backlog_of_a_hundred_holds_the_sweep_back() {
    for (backlog, resent) in [(99, 1), (100, 0)] {
        let stores = Stores::new();
        swept(&stores, in_time()).await;
        (0..backlog).for_each(|_| stores.memory.queue.put("a ticket that nobody receives"));
        stores.clock.advance(Span::from_mins(10));
        // Sent two minutes after the queue was last seen to be short: eight minutes ago.
        let record = stranded(&unique_key());
        stores.store(Record { last_sent_at: NOW.plus(Span::from_mins(2)), ..record }).await;
        assert_eq!(swept(&stores, in_time()).await.resent, resent, "{backlog}");
    }
}

#[tokio::test]
async fn a_long_queue_gets_two_hundred_tickets_and_then_the_others() {
    let stores = Stores::new();
    stores.store_many(230, stranded).await;
    (0..100).for_each(|_| stores.memory.queue.put("a ticket that nobody receives"));
    let first = swept(&stores, in_time()).await;
    assert!((200..=215).contains(&first.resent), "the budget, and what was at work: {first:?}");
    assert!(!first.complete);
    let second = swept(&stores, in_time()).await;
    assert_eq!(first.resent + second.resent, 230);
    assert!(second.complete);
    assert_eq!(visible(&stores), 330);
}

#[tokio::test]
async fn a_queue_that_does_not_tell_its_length_is_taken_for_long() {
    let stores = Stores::new();
    stores.store_many(230, stranded).await;
    swept(&Stores::new(), in_time()).await;
    let calls = stores.faults.made();
    // Its memory, the switches, then the queue.
    stores.faults.arm(calls + 3, Fault::ErrorBefore);
    let report = swept(&stores, in_time()).await;
    let struck = stores.faults.struck();
    assert_eq!(struck.first().map(|(call, _)| call.operation), Some(Operation::CountTickets));
    assert!(!report.complete && report.resent < 230);
}

/// It stops five seconds before its process is killed, and the next one goes on from there.
#[tokio::test]
async fn a_sweep_ends_in_time_and_the_next_goes_on() {
    let five = Span::from_secs(5);
    let stores = Stores::new();
    stores.store_many(60, stranded).await;
    let (mut looked_at, mut runs) = (0, 0);
    loop {
        let report = swept(&stores, NOW.plus(five.minus(Span::from_millis(1)))).await;
        (looked_at, runs) = (looked_at + report.looked_at, runs + 1);
        assert!(runs < 20, "it gets on");
        if report.complete {
            break;
        }
    }
    assert!(runs > 2, "a shard at a time");
    assert_eq!(
        (looked_at, visible(&stores)),
        (60, 60),
        "none is passed over, none is helped twice"
    );

    let stores = Stores::new();
    stores.store_many(60, stranded).await;
    let report = swept(&stores, NOW.plus(five)).await;
    assert_eq!((report.resent, report.complete), (60, true), "five seconds are enough");
}

/// Those who wait have half of the time, however long the open room is.
#[tokio::test]
async fn a_long_open_room_does_not_take_all_the_time() {
    let stores = Stores::new();
    stores.store_many(600, stranded).await;
    stores.store_many(400, |key| waiting(key, Room::Later)).await;
    let clock = stores.clock.clone();
    stores.faults.observe(move |call| {
        if call.operation == Operation::ReadRecord {
            clock.advance(Span::from_millis(100));
        }
    });
    let report = swept(&stores, later(Span::from_secs(55))).await;
    // A room stops at the end of a page.
    assert!((250..=350).contains(&report.resent), "{report:?}");
    assert!((150..=250).contains(&report.released), "{report:?}");
}

/// A shard that cannot be read costs the sweep that shard; at the end of its time, all the rest.
#[tokio::test]
async fn a_shard_that_cannot_be_read_does_not_stop_the_others() {
    for (left, resent) in [(5000, 40), (4999, 0)] {
        let stores = Stores::new();
        stores.store_many(40, stranded).await;
        let mut index = 0;
        // The first reading of the index: after its memory, the switches and the queue.
        let first = stores.faults.made() + 4;
        stores.faults.arm(first, Fault::ErrorBefore);
        let deadline = NOW.plus(Span::from_millis(left));
        let swept = sweep(stores.ports.as_ref(), &stores.configuration, deadline).await;
        assert!(swept.is_err(), "somebody has to hear of it");
        let struck = stores.faults.struck();
        index += struck.iter().filter(|(call, _)| call.operation == Operation::ReadIndex).count();
        assert_eq!(index, 1);
        let of_the_shard = stores.memory.events.all();
        let missed = of_the_shard.iter().filter(|record| record.key().shard() == 0).count();
        let helped = visible(&stores);
        let wanted = if resent == 0 { 0 } else { resent - missed };
        assert_eq!(helped, wanted, "{left} ms");
    }
}

#[tokio::test]
async fn what_is_switched_off_stays_where_it_is() {
    let kind = || Kind::new("invoice.paid").as_str().to_owned();
    for off in [
        Off::Source { source: "stripe".to_owned() },
        Off::Kind { source: "stripe".to_owned(), kind: kind() },
        Off::Destination { destination: "billing".to_owned() },
    ] {
        let stores = Stores::new();
        stores.store_many(1, |key| waiting(key, Room::Parked)).await;
        stores.store_many(1, stranded).await;
        assert!(switches::set(stores.ports.as_ref(), off.clone(), false).await.expect("set"));
        let made = stores.faults.made();
        let report = swept(&stores, in_time()).await;
        assert_eq!((report.looked_at, report.resent, report.released), (2, 1, 0), "{off:?}");
        // Of a source that is off no waiting record is read: there may be very many.
        let reads = stores.faults.calls_since(made).count(Operation::ReadRecord);
        let is_source = matches!(off, Off::Source { .. });
        assert_eq!(reads, if is_source { 1 } else { 2 }, "{off:?}");
        assert!(switches::set(stores.ports.as_ref(), off.clone(), true).await.expect("set"));
        assert_eq!(swept(&stores, in_time()).await.released, 1, "{off:?}");
    }
}

/// A handler's event that waits for its next attempt is none of the business of the destination that the
/// routes would lead it to. What is off itself, the processor parks.
#[tokio::test]
async fn what_waited_for_its_time_is_released_whatever_is_off() {
    for off in [
        Off::Source { source: "stripe".to_owned() },
        Off::Destination { destination: "billing".to_owned() },
    ] {
        let stores = Stores::new();
        stores.store_many(1, |key| waiting(key, Room::Later)).await;
        assert!(switches::set(stores.ports.as_ref(), off.clone(), false).await.expect("set"));
        assert_eq!(swept(&stores, in_time()).await.released, 1, "{off:?}");
    }
}

#[tokio::test]
async fn what_is_not_due_is_not_even_looked_at() {
    let stores = Stores::new();
    let soon = later(Span::from_millis(1));
    stores.store_many(2, |key| placed(waiting(key, Room::Later), Room::Later, soon)).await;
    stores.store_many(2, |key| placed(stranded(key), Room::Open, soon)).await;
    assert_eq!(swept(&stores, in_time()).await.looked_at, 0);
    stores.clock.advance(Span::from_millis(1));
    let report = swept(&stores, in_time()).await;
    assert_eq!((report.resent, report.released), (2, 2));
}

#[tokio::test]
async fn a_memory_that_nobody_can_read_stops_no_sweep() {
    let stores = Stores::new();
    stores.store_many(2, stranded).await;
    let documents = &stores.memory.documents;
    assert!(documents.save("S#sweep", "not JSON", 0).await.expect("memory answers"));
    assert_eq!(swept(&stores, in_time()).await.resent, 2);
    let kept = documents.load("S#sweep").await.expect("memory answers");
    assert!(kept.json.contains(&format!("\"short_at\":{}", NOW.millis())), "{}", kept.json);
}

#[tokio::test]
async fn a_ticket_that_could_not_be_sent_is_said_to_be() {
    let stores = Stores::new();
    let key = stores.store(stranded(&unique_key())).await;
    swept(&stores, in_time()).await;
    let send =
        stores.faults.trace().into_iter().find(|call| call.operation == Operation::SendTicket);
    let number = send.expect("it sends").number;

    let stores = Stores::new();
    stores.store(Record { state: State::Received, ..stranded(&key) }).await;
    stores.faults.arm(number, Fault::ErrorBefore);
    swept(&stores, in_time()).await;
    let facts = stores.facts.take();
    assert!(
        facts.iter().any(|fact| matches!(fact, Fact::TicketNotSent { key: of, .. } if *of == key)),
        "{facts:?}"
    );
}
