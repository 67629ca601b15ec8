//! What an operator may do with a dead record: replay it or let it go.
//!
//! Both name the death they mean, so that a second order, or a redriven ticket that is delivered
//! twice, does not undo what happened since:
//!
//! ```text
//! ticket, 1st copy   replay (dead since 12:00) → RECEIVED … fails … DEAD since 12:05
//! ticket, 2nd copy   replay (dead since 12:00) → refused
//! ```

use super::{Change, Condition, Transition, Update, Updated, all, end};
use crate::outcome::Ending;
use crate::record::{Nonce, Place, Record, Room, SWEEP_AFTER, State};
use crate::time::{Span, Timestamp};

/// An order to bring a dead record back.
#[derive(Clone, Debug)]
pub struct Replay {
    update: Update,
    nonce: Nonce,
}

/// What became of an order about a dead record.
#[derive(Clone, Debug, PartialEq)]
pub enum Ordered {
    /// It was carried out; the record as it is now.
    Done(Box<Record>),
    /// Nothing to do: the record is not dead (any more), or died anew since.
    Overtaken(Option<Box<Record>>),
}

impl Replay {
    /// DEAD → RECEIVED, with all its attempts before it again. `None` if the record is not dead.
    pub fn of(seen: &Record, nonce: Nonce, now: Timestamp) -> Option<Self> {
        let death = seen.death.as_ref().filter(|_| seen.state == State::Dead)?;
        let update = Update {
            transition: Transition::Replay,
            key: seen.key().clone(),
            guard: all([
                Condition::Exists,
                Condition::StateIs(State::Dead),
                Condition::DiedAt(death.at),
            ]),
            changes: vec![
                Change::State(State::Received),
                Change::Owner(nonce.clone()),
                Change::Attempts(0),
                Change::CountReplay,
                Change::NextAttemptAt(Timestamp::EPOCH),
                Change::LastSentAt(now),
                Change::Place(Place { room: Room::Open, index_at: now.plus(SWEEP_AFTER) }),
                Change::DropDeath,
            ],
        };
        Some(Self { update, nonce })
    }

    /// The write.
    pub fn update(&self) -> &Update {
        &self.update
    }

    /// Reads the store's answer; one's own write is recognised by its nonce.
    pub fn answer(&self, updated: Updated) -> Ordered {
        match updated {
            Updated::Applied(record) => Ordered::Done(record),
            Updated::Refused(Some(record))
                if record.state == State::Received
                    && record.owner.as_ref() == Some(&self.nonce) =>
            {
                Ordered::Done(record)
            }
            Updated::Refused(record) => Ordered::Overtaken(record),
        }
    }
}

/// DEAD → PROCESSED, with the operator's reason. `None` if the record is not dead.
pub fn discard(seen: &Record, reason: &str, dedupe_window: Span, now: Timestamp) -> Option<Update> {
    let death = seen.death.as_ref().filter(|_| seen.state == State::Dead)?;
    Some(Update {
        transition: Transition::Discard,
        key: seen.key().clone(),
        guard: all([
            Condition::Exists,
            Condition::StateIs(State::Dead),
            Condition::DiedAt(death.at),
        ]),
        changes: end(Ending::Discarded, Some(reason.to_owned()), now, now.plus(dedupe_window)),
    })
}
