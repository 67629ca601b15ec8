//! Sample events and records. Keys are unique in the process, so that suites can share a store.

use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, EventKey, Kind, Version};
use holdfast_domain::lifecycle::claim::{Answer, Claim, Request};
use holdfast_domain::lifecycle::{Updated, settle};
use holdfast_domain::outcome::{Attempt, Class, Ending, Failure};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Death, Event, Nonce, Origin, Place, Processed, Record, RecordKey,
    Room, State,
};
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

/// The time in most samples: a whole second, because expiries are stored in seconds.
pub const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

/// The dedupe window in the samples.
pub const DEDUPE_WINDOW: Span = Span::from_days(90);

/// A moment before [`NOW`].
pub fn ago(span: Span) -> Timestamp {
    NOW.minus(span)
}

/// A moment after [`NOW`].
pub fn later(span: Span) -> Timestamp {
    NOW.plus(span)
}

/// A source's name.
pub fn source(name: &str) -> SourceName {
    SourceName::new(name).expect("a source's name")
}

/// A key that no other sample has.
pub fn unique_key() -> RecordKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let key = EventKey::new(format!("evt_{}_{number}", std::process::id()));
    RecordKey::event(&source("stripe"), &key)
}

/// A nonce that says what it is for.
pub fn nonce(text: &str) -> Nonce {
    Nonce::stored(text)
}

/// Where a body of a record would be.
pub fn body_ref(key: &RecordKey, body: &[u8]) -> BodyRef {
    let hash = BodyHash::of(body);
    BodyRef {
        place: BodyPlace::Table,
        key: BodyKey::new(key, &hash),
        hash,
        kept_until: later(Span::from_days(60)),
    }
}

/// An event with most of what an event can have.
pub fn event(key: &RecordKey) -> Event {
    Event {
        key: key.clone(),
        source: source(key.source()),
        kind: Kind::new("invoice.paid"),
        entity: Some(Entity::new("in_1")),
        version: Some(Version::new("7")),
        source_time: Some(ago(Span::from_secs(3))),
        origin: Origin::Webhook,
        received_at: ago(Span::from_secs(1)),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body_ref(key, b"{}"),
    }
}

/// An event with as little as an event can have.
pub fn bare_event(key: &RecordKey) -> Event {
    Event {
        entity: None,
        version: None,
        source_time: None,
        headers: Vec::new(),
        origin: Origin::Poll,
        kind: Kind::unknown(),
        ..event(key)
    }
}

/// A ticket for a record.
pub fn ticket(record: &Record) -> Ticket {
    Ticket::new(&record.event, NOW)
}

/// RECEIVED, its ticket sent at [`NOW`].
pub fn received(key: &RecordKey) -> Record {
    Record::new(event(key), nonce("ingest"), NOW)
}

/// RECEIVED an hour ago and due; its ticket is lost.
pub fn stranded(key: &RecordKey) -> Record {
    let hour_ago = ago(Span::from_mins(60));
    Record {
        last_sent_at: hour_ago,
        next_attempt_at: ago(Span::from_mins(30)),
        place: Some(Place { room: Room::Open, index_at: ago(Span::from_mins(58)) }),
        ..received(key)
    }
}

/// RECEIVED, in a waiting room, due since a minute.
pub fn waiting(key: &RecordKey, room: Room) -> Record {
    let due = ago(Span::from_mins(1));
    Record {
        next_attempt_at: due,
        last_sent_at: ago(Span::from_mins(60)),
        attempts: 2,
        token: 2,
        place: Some(Place { room, index_at: due }),
        attempt_log: attempts(2),
        ..received(key)
    }
}

/// PROCESSING under token 3, with a lease of another minute.
pub fn processing(key: &RecordKey) -> Record {
    Record {
        state: State::Processing,
        token: 3,
        owner: Some(nonce("owner")),
        lease_until: Some(later(Span::from_mins(1))),
        attempts: 3,
        attempt_log: attempts(2),
        ..stranded(key)
    }
}

/// PROCESSING, its lease over since a minute.
pub fn lapsed(key: &RecordKey) -> Record {
    Record { lease_until: Some(ago(Span::from_mins(1))), ..processing(key) }
}

/// PROCESSED a minute ago.
pub fn processed(key: &RecordKey) -> Record {
    let at = ago(Span::from_mins(1));
    Record {
        state: State::Processed,
        owner: None,
        lease_until: None,
        place: None,
        processed: Some(Processed {
            ending: Ending::Delivered,
            at,
            expires_at: at.plus(DEDUPE_WINDOW),
            reason: None,
        }),
        ..processing(key)
    }
}

/// DEAD for a minute.
pub fn dead(key: &RecordKey) -> Record {
    let at = ago(Span::from_mins(1));
    let failure = Failure::new(Class::Status, "no such customer").with_status(404);
    Record {
        state: State::Dead,
        lease_until: None,
        place: Some(Place { room: Room::Dead, index_at: at }),
        death: Some(Death { at, failure }),
        ..processing(key)
    }
}

/// An attempt log of this many lines.
pub fn attempts(lines: u32) -> Vec<Attempt> {
    let line = |n: u32| Attempt {
        at: ago(Span::from_mins(u64::from(lines - n))),
        took: Span::from_millis(u64::from(n) * 17),
        result: "retry".to_owned(),
        status: n.is_multiple_of(2).then_some(503),
        error: (n % 3 != 2).then(|| "status: 503 für alle".to_owned()),
    };
    (0..lines).map(line).collect()
}

/// The wish of a worker to claim a record now.
pub fn request(key: &RecordKey, owner: &str) -> Request {
    Request {
        key: key.clone(),
        owner: nonce(owner),
        now: NOW,
        deadline: later(Span::from_secs(30)),
        shown_again_at: later(Span::from_mins(6)),
    }
}

/// The claim that a worker holds on a claimed record.
pub fn claim(record: &Record) -> Claim {
    let request = request(record.key(), "claim");
    match request.answer(Updated::Applied(Box::new(record.clone())), &ticket(record), NOW) {
        Answer::Claimed(claim) => claim,
        other => panic!("not claimed: {other:?}"),
    }
}

/// Terms of settling: up to twelve attempts, a ticket received for the first time.
pub fn terms() -> settle::Terms {
    settle::Terms {
        policy: Policy::default(),
        dedupe_window: DEDUPE_WINDOW,
        receives: settle::Receives { count: 1, max: 25 },
        now: NOW,
        random: u64::MAX / 2,
    }
}
