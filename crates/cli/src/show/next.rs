//! What happens to an event next, if nobody does anything, and what one can do.

use super::life::length;
use crate::event_name::name;
use holdfast_domain::record::{Record, Room, State};
use holdfast_domain::time::Timestamp;

/// A sentence or two.
pub(super) fn of(record: &Record, now: Timestamp) -> String {
    match (record.state, record.room()) {
        (State::Processed, _) => processed(record),
        (State::Dead, _) => format!(
            "It is quiet until an operator replays it (holdfast replay {0}), lets it go (holdfast \
             discard {0} --reason \"…\"), or redrives its ticket from the dead-letter queue.",
            name(record.key())
        ),
        (State::Processing, _) => processing(record, now),
        (State::Received, Some(Room::Parked)) => {
            "It is parked: its source, kind or destination is switched off (holdfast switch). It \
             goes on when that is switched on again."
                .to_owned()
        }
        (State::Received, Some(Room::Later)) => format!(
            "It waits for its next attempt, {}; the sweep then sends a ticket.",
            when(record.next_attempt_at, now)
        ),
        (State::Received, _) => received(record, now),
    }
}

fn processed(record: &Record) -> String {
    let until = record.processed.as_ref().map(|processed| processed.expires_at);
    until.map_or_else(
        || "It is finished.".to_owned(),
        |until| format!("It is finished. It is remembered until {until}; repetitions are ignored."),
    )
}

fn processing(record: &Record, now: Timestamp) -> String {
    let attempt = record.attempts;
    match record.lease_until {
        Some(lease) if lease > now => format!(
            "Attempt {attempt} is running. If its processor died, another takes over {}.",
            when(lease, now)
        ),
        _ => format!(
            "Attempt {attempt} never came to an end: its processor died. The next ticket takes \
             over; the sweep sends one within minutes."
        ),
    }
}

fn received(record: &Record, now: Timestamp) -> String {
    let resent = record.place.map(|place| {
        format!(" If that ticket is lost, the sweep sends another {}.", when(place.index_at, now))
    });
    let resent = resent.unwrap_or_default();
    if record.next_attempt_at > now {
        let due = when(record.next_attempt_at, now);
        return format!("Its ticket shows again in the queue {due}, for the next attempt.{resent}");
    }
    format!("Its ticket is in the queue since {}.{resent}", record.last_sent_at)
}

fn when(at: Timestamp, now: Timestamp) -> String {
    if at > now { format!("in {} ({at})", length(at.since(now))) } else { format!("now ({at})") }
}
