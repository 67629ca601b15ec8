//! Defer and park: put a record off before anybody has claimed it, decided from its ticket's
//! labels. No attempt is burnt, nothing is read.
//!
//! The guards keep out what is running or finished: a deferral that reopened a PROCESSED event
//! would run it twice. When they refuse, the ticket goes on to the claim, which sorts it out.

use super::{Change, Condition, Guard, Transition, Update, all};
use crate::lifecycle::settle::{LONGEST_HIDE, Receives};
use crate::lifecycle::settle::{Settlement, TicketFate};
use crate::record::{Place, RecordKey, Room, SWEEP_AFTER, State};
use crate::time::{Span, Timestamp};

/// RECEIVED → RECEIVED in the parked room, where no ticket is needed: the sweep releases it when
/// the switch is on again.
///
/// The position is the time of parking, since the record itself is not read here.
pub fn park(key: &RecordKey, now: Timestamp) -> Settlement {
    let update = Update {
        transition: Transition::Park,
        key: key.clone(),
        guard: all([Condition::Exists, Condition::StateIs(State::Received)]),
        changes: vec![Change::Place(Place { room: Room::Parked, index_at: now })],
    };
    Settlement { update, fate: TicketFate::Ack }
}

/// RECEIVED → RECEIVED, not before `wait` has passed. Refused while the record already waits for
/// longer, so that a stray ticket never shortens a wait.
pub fn put_off(key: &RecordKey, wait: Span, receives: Receives, now: Timestamp) -> Settlement {
    let due = now.plus(wait);
    let guard: Guard =
        all([Condition::Exists, Condition::StateIs(State::Received), Condition::DueBy(now)]);
    let (room, index_at, fate) = if wait <= LONGEST_HIDE && receives.can_hide() {
        (Room::Open, due.plus(SWEEP_AFTER), TicketFate::Hide(wait))
    } else {
        (Room::Later, due, TicketFate::Ack)
    };
    let mut changes = vec![Change::NextAttemptAt(due), Change::Place(Place { room, index_at })];
    if room == Room::Open {
        changes.push(Change::LastSentAt(due));
    }
    let update = Update { transition: Transition::Defer, key: key.clone(), guard, changes };
    Settlement { update, fate }
}
