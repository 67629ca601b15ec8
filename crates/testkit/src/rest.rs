//! What is left to do for a record, and when: how a world knows that it has come to rest, and how far
//! it may jump.

use holdfast_domain::record::{Record, Room, SWEEP_AFTER, State};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::switches::Switches;

/// When the sweep could do something for a record at the earliest.
pub fn swept_at(record: &Record, switches: &Switches) -> Option<Timestamp> {
    let place = record.place?;
    let may_run_at = match record.state {
        State::Processing => record.lease_until.unwrap_or(place.index_at),
        _ => record.next_attempt_at,
    };
    match place.room {
        Room::Open => {
            Some(place.index_at.max(may_run_at).max(record.last_sent_at.plus(SWEEP_AFTER)))
        }
        Room::Later | Room::Parked => {
            (!is_parked(record, switches)).then_some(place.index_at.max(may_run_at))
        }
        Room::Dead => None,
    }
}

/// Whether a record still has something before it.
pub fn is_open(record: &Record) -> bool {
    matches!(record.state, State::Received | State::Processing)
}

/// Whether a record waits for its source or kind to be turned on again.
pub fn is_parked(record: &Record, switches: &Switches) -> bool {
    let event = &record.event;
    record.room().is_some_and(Room::is_waiting) && !switches.is_on(&event.source, &event.kind, None)
}

/// The first full minute after a time.
pub fn next_minute(after: Timestamp) -> Timestamp {
    let past = after.millis().rem_euclid(60_000).unsigned_abs();
    after.minus(Span::from_millis(past)).plus(Span::from_mins(1))
}
