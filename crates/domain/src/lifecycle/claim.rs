//! Claim: the right to work on a record until the lease ends, and the fencing token that makes
//! every later write of a slower worker fail.
//!
//! ```text
//! worker A  claim (token 1) ── slow ────────────────────────── complete (token 1) → refused
//! worker B                     lease of A ends · claim (token 2) ── complete (token 2) → done
//! ```

use super::{Change, Condition, Guard, Transition, Update, Updated, all};
use crate::record::{Nonce, Record, RecordKey, Room, State};
use crate::ticket::Ticket;
use crate::time::{Span, Timestamp};
use sha2::{Digest, Sha256};

/// How long the lease outlasts the function's deadline: a function that times out is killed a
/// little late.
pub const LEASE_MARGIN: Span = Span::from_secs(5);

/// A ticket that waited at least this long between our stamp and the queue's own is one that was
/// moved out of the dead-letter queue; a late send of ours is not that late.
const MOVED_AFTER: Span = Span::from_secs(10);

/// One worker's wish to claim one record.
#[derive(Clone, Debug)]
pub struct Request {
    /// The record.
    pub key: RecordKey,
    /// Recognises this request's own write when its answer is lost.
    pub owner: Nonce,
    /// The time of asking.
    pub now: Timestamp,
    /// When the worker is killed at the latest.
    pub deadline: Timestamp,
    /// When the queue would show the ticket again if nothing else happened.
    pub shown_again_at: Timestamp,
}

impl Request {
    /// The update to ask the store for.
    ///
    /// The place in the index stays as it is unless the record came from a waiting room: the
    /// sweep looks at it in time either way, and an index write costs as much as the claim.
    pub fn update(&self) -> Update {
        Update {
            transition: Transition::Claim,
            key: self.key.clone(),
            guard: Guard::All(vec![
                Condition::Exists.into(),
                Guard::Any(vec![
                    all([Condition::StateIs(State::Received), Condition::DueBy(self.now)]),
                    all([Condition::StateIs(State::Processing), Condition::LeaseBefore(self.now)]),
                ]),
            ]),
            changes: vec![
                Change::State(State::Processing),
                Change::NextToken,
                Change::Owner(self.owner.clone()),
                Change::LeaseUntil(self.deadline.plus(LEASE_MARGIN)),
                Change::CountAttempt,
                Change::Room(Room::Open),
                Change::LastSentAt(self.shown_again_at),
            ],
        }
    }

    /// Reads the store's answer.
    pub fn answer(&self, updated: Updated, ticket: &Ticket, queued_at: Timestamp) -> Answer {
        match updated {
            Updated::Applied(record) => Answer::Claimed(Claim { record, claimed_at: self.now }),
            Updated::Refused(None) => Answer::Missing,
            Updated::Refused(Some(record)) => self.refused(record, ticket, queued_at),
        }
    }

    fn refused(&self, record: Box<Record>, ticket: &Ticket, queued_at: Timestamp) -> Answer {
        match record.state {
            State::Processing if record.owner.as_ref() == Some(&self.owner) => {
                Answer::Claimed(Claim { record, claimed_at: self.now })
            }
            State::Processing => Answer::Busy { until: record.lease_until.unwrap_or(self.now) },
            State::Processed => Answer::Finished,
            State::Received if record.room().is_some_and(Room::is_waiting) => Answer::Waiting,
            State::Received => Answer::Early { until: record.next_attempt_at },
            State::Dead => match &record.death {
                Some(death) if is_redriven(ticket, queued_at, death.at) => Answer::Redriven(record),
                _ => Answer::Dead,
            },
        }
    }
}

/// Whether an operator moved this ticket out of the dead-letter queue after the event died.
///
/// A moved message is a new message (the queue's stamp is young) with an old stamp of ours in it.
/// A ticket sent by us before the death has an old stamp of the queue; one sent after it has two
/// young ones. A move within ten seconds of our send merely bounces once more.
fn is_redriven(ticket: &Ticket, queued_at: Timestamp, died_at: Timestamp) -> bool {
    queued_at > died_at && queued_at.since(ticket.sent_at) > MOVED_AFTER
}

/// What became of a wish to claim.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The record may be worked on.
    Claimed(Claim),
    /// It is PROCESSED: the ticket may be deleted.
    Finished,
    /// It waits in a room that sends a ticket of its own: this one may be deleted.
    Waiting,
    /// Another worker has it until then. Never a reason to delete the ticket: that worker may die.
    Busy {
        /// The end of the other's lease.
        until: Timestamp,
    },
    /// It may not run before.
    Early {
        /// When it may.
        until: Timestamp,
    },
    /// It is dead, and this ticket came out of the dead-letter queue: replay, then claim.
    Redriven(Box<Record>),
    /// It is dead, and this ticket has to go to the dead-letter queue.
    Dead,
    /// There is no such record, or not yet to be seen. Never a reason to delete the ticket.
    Missing,
}

/// The right to work on a record. It is made by a successful claim and by nothing else; it is
/// needed to settle, and settling uses it up.
#[derive(Clone, Debug)]
pub struct Claim {
    pub(super) record: Box<Record>,
    pub(super) claimed_at: Timestamp,
}

impl Claim {
    /// The record as claimed.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The fencing token.
    pub fn token(&self) -> u64 {
        self.record.token
    }

    /// When the claim was made.
    pub fn claimed_at(&self) -> Timestamp {
        self.claimed_at
    }

    /// Which attempt this is, counted from 1.
    pub fn attempt(&self) -> u32 {
        self.record.attempts
    }

    /// Names the completion under this claim: the same for each try at it, another for each claim, also
    /// of the same event in another stack, which DynamoDB would take for a repetition.
    pub fn once(&self) -> String {
        let owner = self.record.owner.as_ref().map_or("", Nonce::as_str);
        let text = format!("{}#{}#{owner}", self.record.key(), self.record.token);
        let mut name = hex::encode(Sha256::digest(text.as_bytes()));
        name.truncate(36);
        name
    }

    /// The guard of every write under this claim: nobody else has claimed since.
    pub(super) fn held(&self) -> Guard {
        all([Condition::StateIs(State::Processing), Condition::TokenIs(self.record.token)])
    }
}
