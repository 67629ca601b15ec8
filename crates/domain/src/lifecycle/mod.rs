//! How a record may change: every transition of the no-loss protocol, as data.
//!
//! A transition is an [`Update`]: a [`Guard`] that must hold on the stored record, and the
//! [`Change`]s to make if it does. The store evaluates the guard and makes the changes in one
//! atomic step: the DynamoDB adapter renders them as a condition expression and an update
//! expression, the in-memory adapter interprets them with [`Guard::holds`] and [`Update::apply`].
//! There is one table of transitions, and nobody outside this module can make an `Update`.
//!
//! ```text
//!              accept                claim               complete
//!   (nothing) ───────▶ RECEIVED ──────────────▶ PROCESSING ──────▶ PROCESSED ──▶ (TTL)
//!                       ▲  │ ▲ resend, release,   │  │ ▲ claim                     ▲
//!                       │  └─┘ defer, park        │  └─┘ (lapsed)                 │
//!                       │  ◀──────────────────────┤                               │
//!                       │    retry, wait, park    │ bury                          │
//!                       │                         ▼                    discard    │
//!                       └──────────────────────  DEAD  ───────────────────────────┘
//!                                replay
//! ```
//!
//! | module | transitions |
//! |---|---|
//! | [`accept`] | the first put, and what to do when the key is taken |
//! | [`claim`] | the right to work, and what a refusal means for the ticket |
//! | [`settle`] | complete, retry, wait, park, bury: only with a claim in hand |
//! | [`defer`] | park or put off a record that nobody has claimed |
//! | [`sweep`] | send a lost ticket again, release what waited long enough |
//! | [`operator`] | replay, discard |
//! | [`renew`] | keep a body that is still needed |

pub mod accept;
pub mod claim;
pub mod defer;
pub mod operator;
pub mod renew;
pub mod settle;
pub mod sweep;

use crate::outcome::{Attempt, Ending};
use crate::record::{BodyRef, Death, Nonce, Place, Processed, Record, RecordKey, Room, State};
use crate::time::Timestamp;

/// Which transition an update is; its name in logs and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transition {
    /// RECEIVED or lapsed PROCESSING → PROCESSING.
    Claim,
    /// PROCESSING → PROCESSED.
    Complete,
    /// PROCESSING → RECEIVED, the ticket stays in the queue.
    Retry,
    /// PROCESSING → RECEIVED, waiting in the table.
    Wait,
    /// RECEIVED or PROCESSING → RECEIVED, until a switch is on again.
    Park,
    /// RECEIVED → RECEIVED, put off before any claim.
    Defer,
    /// PROCESSING → DEAD.
    Bury,
    /// The ticket of an open record is sent again.
    Resend,
    /// A waiting record is opened again.
    Release,
    /// DEAD → RECEIVED.
    Replay,
    /// DEAD → PROCESSED.
    Discard,
    /// The body of a record that is not PROCESSED is kept longer.
    Renew,
}

/// One fact about a stored record. An absent attribute makes a comparison false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The record exists. An update without this would create one.
    Exists,
    /// It is in this state.
    StateIs(State),
    /// Its fencing token is this one.
    TokenIs(u64),
    /// Its lease ended before this time.
    LeaseBefore(Timestamp),
    /// It may run at this time.
    DueBy(Timestamp),
    /// It is in this room.
    RoomIs(Room),
    /// Its place in the index is this one.
    IndexAtIs(Timestamp),
    /// Its ticket was last sent at this time.
    LastSentIs(Timestamp),
    /// It died at this time.
    DiedAt(Timestamp),
    /// Its body is where it was seen to be.
    BodyIs(BodyRef),
}

/// A combination of conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// One condition.
    Is(Condition),
    /// All of these.
    All(Vec<Guard>),
    /// At least one of these.
    Any(Vec<Guard>),
}

impl Guard {
    /// Evaluates the guard on a record, or on nothing.
    pub fn holds(&self, record: Option<&Record>) -> bool {
        match self {
            Self::Is(condition) => record.is_some_and(|record| condition.holds(record)),
            Self::All(guards) => guards.iter().all(|guard| guard.holds(record)),
            Self::Any(guards) => guards.iter().any(|guard| guard.holds(record)),
        }
    }
}

impl From<Condition> for Guard {
    fn from(condition: Condition) -> Self {
        Self::Is(condition)
    }
}

/// All of these conditions.
fn all<const N: usize>(conditions: [Condition; N]) -> Guard {
    Guard::All(conditions.into_iter().map(Guard::Is).collect())
}

impl Condition {
    fn holds(&self, record: &Record) -> bool {
        match self {
            Self::Exists => true,
            Self::StateIs(state) => record.state == *state,
            Self::TokenIs(token) => record.token == *token,
            Self::LeaseBefore(now) => record.lease_until.is_some_and(|until| until < *now),
            Self::DueBy(now) => record.next_attempt_at <= *now,
            Self::RoomIs(room) => record.room() == Some(*room),
            Self::IndexAtIs(at) => record.place.is_some_and(|place| place.index_at == *at),
            Self::LastSentIs(at) => record.last_sent_at == *at,
            Self::DiedAt(at) => record.death.as_ref().is_some_and(|death| death.at == *at),
            Self::BodyIs(body) => record.event.body == *body,
        }
    }
}

/// One change to a stored record.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Set the state.
    State(State),
    /// Add one to the fencing token.
    NextToken,
    /// Set the owner's nonce.
    Owner(Nonce),
    /// Set the end of the lease.
    LeaseUntil(Timestamp),
    /// Remove the lease; with the owner too where the claim is over for good.
    DropLease,
    /// Remove the owner's nonce.
    DropOwner,
    /// Add one to the attempts.
    CountAttempt,
    /// Set the attempts: one less when an attempt was not run, none after a replay.
    Attempts(u32),
    /// Add one to the replays.
    CountReplay,
    /// Set when it may run.
    NextAttemptAt(Timestamp),
    /// Set when its ticket was sent, or will show again.
    LastSentAt(Timestamp),
    /// Set its room; its position there stays as it is.
    Room(Room),
    /// Set its room and position.
    Place(Place),
    /// Take it out of the index.
    DropPlace,
    /// Set the attempt log.
    AttemptLog(Vec<Attempt>),
    /// Set how it ended.
    Processed(Processed),
    /// Set why it died.
    Death(Death),
    /// Forget the death.
    DropDeath,
    /// Set where its body is.
    Body(BodyRef),
}

/// A guarded, atomic change of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    transition: Transition,
    key: RecordKey,
    guard: Guard,
    changes: Vec<Change>,
}

impl Update {
    /// Which transition it is.
    pub fn transition(&self) -> Transition {
        self.transition
    }

    /// The record to change.
    pub fn key(&self) -> &RecordKey {
        &self.key
    }

    /// What must hold.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// What to change.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The record after the changes. The guard is not looked at.
    pub fn apply(&self, record: &Record) -> Record {
        let mut after = record.clone();
        for change in &self.changes {
            change.apply(&mut after);
        }
        after
    }
}

impl Change {
    fn apply(&self, record: &mut Record) {
        match self {
            Self::State(state) => record.state = *state,
            Self::NextToken => record.token = record.token.saturating_add(1),
            Self::Owner(nonce) => record.owner = Some(nonce.clone()),
            Self::LeaseUntil(at) => record.lease_until = Some(*at),
            Self::DropLease => record.lease_until = None,
            Self::DropOwner => record.owner = None,
            Self::CountAttempt => record.attempts = record.attempts.saturating_add(1),
            Self::Attempts(attempts) => record.attempts = *attempts,
            Self::CountReplay => record.replays = record.replays.saturating_add(1),
            Self::NextAttemptAt(at) => record.next_attempt_at = *at,
            Self::LastSentAt(at) => record.last_sent_at = *at,
            Self::Room(room) => {
                let index_at = record.place.map_or(Timestamp::EPOCH, |place| place.index_at);
                record.place = Some(Place { room: *room, index_at });
            }
            Self::Place(place) => record.place = Some(*place),
            Self::DropPlace => record.place = None,
            Self::AttemptLog(log) => record.attempt_log.clone_from(log),
            Self::Processed(processed) => record.processed = Some(processed.clone()),
            Self::Death(death) => record.death = Some(death.clone()),
            Self::DropDeath => record.death = None,
            Self::Body(body) => record.event.body = body.clone(),
        }
    }
}

/// The store's answer to an update.
#[derive(Clone, Debug, PartialEq)]
pub enum Updated {
    /// The guard held; the record as it is now.
    Applied(Box<Record>),
    /// The guard did not hold; the record as it is, or that there is none.
    Refused(Option<Box<Record>>),
}

/// What ends a record for good, whoever does it: out of the index, nobody's, and with an expiry.
fn end(
    ending: Ending,
    reason: Option<String>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Vec<Change> {
    vec![
        Change::State(State::Processed),
        Change::Processed(Processed { ending, at: now, expires_at, reason }),
        Change::DropPlace,
        Change::DropLease,
        Change::DropOwner,
    ]
}
