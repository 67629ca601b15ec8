//! Sweep: what the reconciler does with records that nobody seems to be working on. It never
//! buries and never runs anything: it sends tickets, and the claim decides.
//!
//! Every guard repeats what was read, so that a record that moved on in the meantime is left
//! alone:
//!
//! ```text
//! sweep     read: RECEIVED, sent at 12:00 ─────────────── resend → refused
//! worker                                   claim · complete
//! ```

use super::{Change, Condition, Transition, Update, all};
use crate::record::{Place, Record, Room, SWEEP_AFTER, State};
use crate::time::{Span, Timestamp};

/// The longest time the sweep waits before it takes a ticket for lost, however far behind the
/// queue is.
const LONGEST_PATIENCE: Span = Span::from_mins(30);

/// A queue with fewer visible tickets than this is short.
const SHORT_QUEUE: u64 = 100;

/// How many tickets a run sends again while the queue is short, and while it is long.
const BUDGET: (u64, u64) = (10_000, 200);

/// Whether a queue is so short that what does not come out of it is lost, not slow.
pub const fn is_short(visible: u64) -> bool {
    visible < SHORT_QUEUE
}

/// How many tickets a run of the sweep may send again.
pub const fn budget(visible: u64) -> u64 {
    if is_short(visible) { BUDGET.0 } else { BUDGET.1 }
}

/// How long after its last send a ticket is taken for lost.
///
/// `lag` is the time since the queue was last seen to be short. While a backlog stands, tickets
/// are slow, not lost, and sending them again only makes the backlog longer: without this, an
/// outage at high load never drains.
pub fn patience(lag: Span) -> Span {
    SWEEP_AFTER.max(lag.plus(Span::from_mins(1)).min(LONGEST_PATIENCE))
}

/// RECEIVED or lapsed PROCESSING in the open room, its ticket lost: the update that has to hold
/// before a new one is sent. `None` while there is no reason to.
///
/// A lapsed claim has to be swept too: a worker that died may have had the last ticket.
pub fn resend(seen: &Record, lag: Span, now: Timestamp) -> Option<Update> {
    let place = seen.place.filter(|place| place.room == Room::Open && place.index_at <= now)?;
    let stuck = match seen.state {
        State::Received => seen.next_attempt_at <= now,
        State::Processing => seen.lease_until.is_none_or(|until| until < now),
        State::Processed | State::Dead => false,
    };
    let patience = patience(lag);
    if !stuck || now.since(seen.last_sent_at) <= patience {
        return None;
    }
    Some(Update {
        transition: Transition::Resend,
        key: seen.key().clone(),
        guard: all([
            Condition::Exists,
            Condition::StateIs(seen.state),
            Condition::RoomIs(place.room),
            Condition::LastSentIs(seen.last_sent_at),
        ]),
        changes: vec![
            Change::LastSentAt(now),
            Change::Place(Place { room: Room::Open, index_at: now.plus(patience) }),
        ],
    })
}

/// RECEIVED in the later or parked room → RECEIVED in the open room, before its ticket is sent.
/// `None` while it is not due: a parked record may have a retry before it that is not. Whether a
/// parked record's switch is on is the caller's question.
pub fn release(seen: &Record, now: Timestamp) -> Option<Update> {
    let place = seen.place.filter(|place| place.room.is_waiting() && place.index_at <= now)?;
    if seen.state != State::Received || seen.next_attempt_at > now {
        return None;
    }
    Some(Update {
        transition: Transition::Release,
        key: seen.key().clone(),
        guard: all([
            Condition::Exists,
            Condition::StateIs(State::Received),
            Condition::RoomIs(place.room),
            Condition::IndexAtIs(place.index_at),
        ]),
        changes: vec![
            Change::LastSentAt(now),
            Change::Place(Place { room: Room::Open, index_at: now.plus(SWEEP_AFTER) }),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred visible tickets are a backlog: what a run may add to it is bounded.
    #[test]
    fn a_long_queue_has_a_small_budget() {
        for (visible, short, tickets) in
            [(0, true, 10_000), (99, true, 10_000), (100, false, 200), (u64::MAX, false, 200)]
        {
            assert_eq!((is_short(visible), budget(visible)), (short, tickets), "{visible}");
        }
    }

    #[test]
    fn patience_grows_with_the_lag_up_to_half_an_hour() {
        for (lag, wait) in
            [(0, 120), (60, 120), (61, 121), (1739, 1799), (1741, 1800), (90_000, 1800)]
        {
            assert_eq!(patience(Span::from_secs(lag)), Span::from_secs(wait), "{lag}");
        }
    }
}
