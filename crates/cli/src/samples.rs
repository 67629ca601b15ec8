//! Events on memory for the tests of the verbs.

use bytes::Bytes;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, EventKey, Kind, Version};
use holdfast_domain::outcome::{Attempt, Class, Ending, Failure};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Death, Event, Nonce, Origin, Place, Processed, Record, RecordKey,
    Room, State,
};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::KeptFacts;
use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::ports::{BodyStore, EventStore};
use std::sync::Arc;

/// 2023-11-14T22:13:20Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

pub(crate) fn memory() -> Memory {
    let clock = Arc::new(SetClock::at(NOW));
    let random = Box::new(SeededRandom::new(1));
    Memory::new(clock, random, Arc::new(KeptFacts::default()), QueueSettings::default())
}

/// An event that was received at [`NOW`] and whose ticket is on its way.
pub(crate) fn received(source: &str, key: &str) -> Record {
    let key = RecordKey::event(&source.parse().unwrap(), &EventKey::new(key));
    let hash = BodyHash::of(b"{}");
    let event = Event {
        source: source.parse().unwrap(),
        kind: Kind::new("invoice.paid"),
        entity: Some(Entity::new("in_1")),
        version: Some(Version::new("7")),
        source_time: Some(NOW.minus(Span::from_secs(2))),
        origin: Origin::Webhook,
        received_at: NOW,
        headers: Vec::new(),
        body: BodyRef {
            place: BodyPlace::Table,
            key: BodyKey::new(&key, &hash),
            hash,
            kept_until: NOW.plus(Span::from_days(60)),
        },
        key,
    };
    Record::new(event, Nonce::from_random([1; 16]), NOW)
}

fn placed(record: Record, room: Room, index_at: Timestamp) -> Record {
    Record { place: Some(Place { room, index_at }), ..record }
}

pub(crate) fn waiting(record: Record, until: Timestamp) -> Record {
    let tried = Record { attempts: 1, next_attempt_at: until, ..record };
    placed(tried, Room::Later, until)
}

pub(crate) fn parked(record: Record) -> Record {
    placed(record, Room::Parked, NOW)
}

pub(crate) fn running(record: Record, lease_until: Timestamp) -> Record {
    let (state, lease_until) = (State::Processing, Some(lease_until));
    Record { state, attempts: 1, token: 1, lease_until, ..record }
}

pub(crate) fn dead(record: Record, at: Timestamp) -> Record {
    let failure = Failure::new(Class::Status, "no \u{1b}[2J more").with_status(410);
    let attempt = Attempt {
        at: at.minus(Span::from_millis(120)),
        took: Span::from_millis(120),
        result: "reject".to_owned(),
        status: Some(410),
        error: Some("status: no more".to_owned()),
    };
    let died = Record {
        state: State::Dead,
        attempts: 1,
        attempt_log: vec![attempt],
        death: Some(Death { at, failure }),
        ..record
    };
    placed(died, Room::Dead, at)
}

pub(crate) fn delivered(record: Record, at: Timestamp) -> Record {
    let processed = Processed {
        ending: Ending::Delivered,
        at,
        expires_at: at.plus(Span::from_days(90)),
        reason: None,
    };
    Record { state: State::Processed, place: None, processed: Some(processed), ..record }
}

/// Stores a record and its body.
pub(crate) async fn store(memory: &Memory, record: &Record) {
    let body = &record.event.body;
    let bytes = Bytes::from_static(b"{}");
    memory.bodies.write(&body.key, &bytes, body.kept_until).await.unwrap();
    memory.events.create(record).await.unwrap();
}
