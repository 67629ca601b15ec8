//! Concrete records, tickets and times for what the model keeps.

use crate::projection::{Id, Outdated, Position, Rec};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, EventKey, Kind, Version};
use holdfast_domain::outcome::{Class, Failure};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Death, Event, Nonce, Origin, Place, Processed, Record, RecordKey,
    State,
};
use holdfast_domain::source::SourceName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};

/// The present of every step.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);
/// How long a processed record is remembered.
pub(crate) const DEDUPE_WINDOW: Span = Span::from_days(90);
/// The token of every record; a worker whose token is not it has [`STALE_TOKEN`].
pub(crate) const TOKEN: u64 = 10;
/// The token of a worker that somebody has overtaken.
pub(crate) const STALE_TOKEN: u64 = 9;

/// When every event arrived.
pub(crate) const ARRIVED: Timestamp = NOW.minus(Span::from_days(3));
/// Any time that is not past.
const FAR: Timestamp = NOW.plus(Span::from_days(1000));
/// When a ticket was sent that may be lost.
pub(crate) const SENT_LONG_AGO: Timestamp = NOW.minus(Span::from_mins(120));
/// When a ticket was sent that may still come.
const SENT_JUST_NOW: Timestamp = NOW.minus(Span::from_secs(30));
/// A position in the index that is reached.
const LISTED_AND_DUE: Timestamp = NOW.minus(Span::from_mins(60));
/// Until when a body is kept that has two weeks left.
const SOON: Timestamp = NOW.plus(Span::from_days(7));
/// When a dead record died.
const DIED: Timestamp = NOW.minus(Span::from_mins(10));

/// The facts of an event that never change.
pub(crate) struct Template {
    record: Record,
}

impl Template {
    /// Of the n-th event.
    pub(crate) fn new(number: u8) -> Self {
        let source = SourceName::new("acme").expect("a name");
        let key = RecordKey::event(&source, &EventKey::new(format!("event-{number}")));
        let hash = BodyHash::of(&[number]);
        let event = Event {
            source,
            kind: Kind::new("changed"),
            entity: Some(Entity::new("thing")),
            version: Some(Version::new(number.to_string())),
            source_time: None,
            origin: Origin::Webhook,
            received_at: ARRIVED,
            headers: Vec::new(),
            body: BodyRef {
                place: BodyPlace::Table,
                key: BodyKey::new(&key, &hash),
                hash,
                kept_until: FAR,
            },
            key,
        };
        Self { record: Record::new(event, Nonce::stored("other"), NOW) }
    }

    /// The record's key.
    pub(crate) fn key(&self) -> &RecordKey {
        self.record.key()
    }

    /// The record as a put makes it.
    pub(crate) fn fresh(&self, by: Id) -> Record {
        Record { ingest_nonce: nonce(by), ..self.record.clone() }
    }

    fn event(&self, ageing: bool) -> Event {
        let mut event = self.record.event.clone();
        if ageing {
            event.body.kept_until = SOON;
        }
        event
    }

    /// A ticket that was sent before or after the death, and moved or not.
    pub(crate) fn message(&self, moved: bool, after_death: bool) -> (Ticket, Timestamp) {
        let hour = Span::from_mins(60);
        let queued_at = if after_death { DIED.plus(Span::from_mins(5)) } else { DIED.minus(hour) };
        let carried = if moved { hour } else { Span::from_secs(2) };
        (Ticket::new(&self.record.event, queued_at.minus(carried)), queued_at)
    }

    /// The concrete record that `rec` stands for.
    pub(crate) fn record(&self, rec: &Rec) -> Record {
        self.seen(rec, Outdated::default())
    }

    /// The concrete record that `rec` stands for, some of whose times were overwritten since.
    pub(crate) fn seen(&self, rec: &Rec, outdated: Outdated) -> Record {
        let shift = |at: Timestamp, outdated| {
            if outdated { at.minus(Span::from_millis(1)) } else { at }
        };
        let state = rec.state.domain();
        Record {
            event: self.event(rec.ageing),
            state,
            token: TOKEN,
            owner: Some(nonce(rec.owner)),
            ingest_nonce: nonce(rec.ingest),
            lease_until: (state == State::Processing)
                .then(|| if rec.lapsed { NOW.minus(Span::from_secs(1)) } else { FAR }),
            attempts: u32::from(rec.attempts),
            replays: 0,
            next_attempt_at: if rec.due { Timestamp::EPOCH } else { FAR },
            last_sent_at: shift(
                if rec.overdue { SENT_LONG_AGO } else { SENT_JUST_NOW },
                outdated.sent,
            ),
            place: rec.place.map(|(room, position)| Place {
                room,
                index_at: match position {
                    Position::Arrival => ARRIVED,
                    Position::Reached => shift(LISTED_AND_DUE, outdated.place),
                    Position::Ahead => shift(FAR, outdated.place),
                },
            }),
            attempt_log: Vec::new(),
            processed: rec.ending.map(|fate| Processed {
                ending: fate.domain(),
                at: NOW,
                expires_at: NOW.plus(DEDUPE_WINDOW),
                reason: None,
            }),
            death: rec.died.then(|| Death {
                at: shift(DIED, outdated.death),
                failure: Failure::new(Class::Handler, "no"),
            }),
        }
    }
}

/// Until when a body is kept that was just written or renewed.
pub(crate) const fn kept_for_long() -> Timestamp {
    FAR
}

/// Whether a body that is kept until then has two weeks left.
pub(crate) fn is_ageing(kept_until: Timestamp) -> bool {
    kept_until < FAR
}

/// The nonce of an id.
pub(crate) fn nonce(id: Id) -> Nonce {
    Nonce::stored(match id {
        Id::Other => "other".to_owned(),
        Id::Receiver(number) => format!("receiver {number}"),
        Id::Worker(number) => format!("worker {number}"),
        Id::Operator => "operator".to_owned(),
    })
}
