//! Settle: what a claim's holder writes when the run is over. Every write here is fenced by the
//! claim's token; a slower worker whose lease ended is refused and does nothing more.

use super::claim::Claim;
use super::{Change, Transition, Update, Updated, end};
use crate::outcome::{Attempt, Class, Ending, Failure, MAX_ATTEMPT_LOG, Outcome};
use crate::record::{Death, Place, Record, Room, SWEEP_AFTER, State};
use crate::retry::Policy;
use crate::time::{Span, Timestamp};

/// The longest wait for which a ticket is hidden in the queue; longer waits live in the table,
/// where they use up no receives and none of the queue's in-flight messages.
pub const LONGEST_HIDE: Span = Span::from_mins(15);

/// How many receives of a ticket are kept back for bouncing it to the dead-letter queue.
const RECEIVES_KEPT_BACK: u32 = 2;

/// What has to happen to the ticket once the update holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketFate {
    /// Delete it: the record is PROCESSED, or a waiting room holds it.
    Ack,
    /// Hide it this long and report failure: the queue shows it again.
    Hide(Span),
}

/// How the queue has treated the ticket so far.
#[derive(Clone, Copy, Debug)]
pub struct Receives {
    /// How often it was received, this time included.
    pub count: u32,
    /// After how many receives the queue moves it to the dead-letter queue.
    pub max: u32,
}

impl Receives {
    /// Whether the ticket can be hidden once more without being moved.
    pub(super) fn can_hide(self) -> bool {
        self.count.saturating_add(RECEIVES_KEPT_BACK) < self.max
    }
}

/// Everything beside claim and outcome that settling depends on.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// When to try again, and how often.
    pub policy: Policy,
    /// How long a processed event is remembered.
    pub dedupe_window: Span,
    /// How the queue has treated the ticket.
    pub receives: Receives,
    /// The time of settling.
    pub now: Timestamp,
    /// Uniform over all `u64`.
    pub random: u64,
}

/// A closing write and what it means for the ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The fenced write.
    pub update: Update,
    /// The ticket's fate if the write holds.
    pub fate: TicketFate,
}

/// What it means that a closing write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It had held before: its answer was lost. The ticket's fate as the record now says.
    Held(TicketFate),
    /// Another worker has claimed since: report failure, do nothing more.
    Fenced,
}

impl Claim {
    /// The closing write of an outcome.
    pub fn settle(&self, outcome: &Outcome, terms: &Terms) -> Settlement {
        match outcome {
            Outcome::Done(ending, _) => self.complete(*ending, outcome, terms),
            Outcome::Reject(failure) => self.bury(failure.clone(), outcome, terms),
            Outcome::Retry { failure, .. } if self.attempt() >= terms.policy.attempts => {
                let exhausted = Failure {
                    status: failure.status,
                    ..Failure::new(
                        Class::Exhausted,
                        format_args!("after {} attempts, the last: {failure}", self.attempt()),
                    )
                };
                self.bury(exhausted, outcome, terms)
            }
            Outcome::Retry { after, .. } => {
                let wait = terms.policy.wait(self.attempt(), *after, terms.random);
                self.put_back(wait, self.attempt(), outcome, terms)
            }
            Outcome::Defer { wait, .. } => {
                self.put_back(*wait, self.attempt().saturating_sub(1), outcome, terms)
            }
        }
    }

    /// DEAD without a run: every allowed attempt was made before, and this claim is one too many
    /// because a worker died between its claim and its closing write.
    pub fn exhausted(&self, failure: Failure, now: Timestamp) -> Settlement {
        self.buried(failure, self.record.attempt_log.clone(), now)
    }

    /// PROCESSING → RECEIVED until a switch is on again. The attempt is given back.
    pub fn park(&self) -> Settlement {
        let place = Place { room: Room::Parked, index_at: self.record.event.received_at };
        let update = self.write(
            Transition::Park,
            vec![
                Change::State(State::Received),
                Change::Attempts(self.attempt().saturating_sub(1)),
                Change::Place(place),
                Change::DropLease,
            ],
        );
        Settlement { update, fate: TicketFate::Ack }
    }

    fn complete(&self, ending: Ending, outcome: &Outcome, terms: &Terms) -> Settlement {
        let mut changes = end(ending, None, terms.now, terms.now.plus(terms.dedupe_window));
        changes.push(Change::AttemptLog(self.log(outcome, terms.now)));
        Settlement { update: self.write(Transition::Complete, changes), fate: TicketFate::Ack }
    }

    fn bury(&self, failure: Failure, outcome: &Outcome, terms: &Terms) -> Settlement {
        self.buried(failure, self.log(outcome, terms.now), terms.now)
    }

    /// The ticket is shown again at once, bounces as often as the queue allows, and is moved to
    /// the dead-letter queue by the queue itself: only then can an operator redrive it.
    fn buried(&self, failure: Failure, log: Vec<Attempt>, now: Timestamp) -> Settlement {
        let update = self.write(
            Transition::Bury,
            vec![
                Change::State(State::Dead),
                Change::Death(Death { at: now, failure }),
                Change::Place(Place { room: Room::Dead, index_at: now }),
                Change::DropLease,
                Change::AttemptLog(log),
            ],
        );
        Settlement { update, fate: TicketFate::Hide(Span::ZERO) }
    }

    fn put_back(&self, wait: Span, attempts: u32, outcome: &Outcome, terms: &Terms) -> Settlement {
        let due = terms.now.plus(wait);
        let short = wait <= LONGEST_HIDE && terms.receives.can_hide();
        let mut changes = vec![
            Change::State(State::Received),
            Change::NextAttemptAt(due),
            Change::DropLease,
            Change::AttemptLog(self.log(outcome, terms.now)),
        ];
        if attempts != self.attempt() {
            changes.push(Change::Attempts(attempts));
        }
        if short {
            changes.push(Change::LastSentAt(due));
            changes
                .push(Change::Place(Place { room: Room::Open, index_at: due.plus(SWEEP_AFTER) }));
            let update = self.write(Transition::Retry, changes);
            Settlement { update, fate: TicketFate::Hide(wait) }
        } else {
            changes.push(Change::Place(Place { room: Room::Later, index_at: due }));
            Settlement { update: self.write(Transition::Wait, changes), fate: TicketFate::Ack }
        }
    }

    fn write(&self, transition: Transition, changes: Vec<Change>) -> Update {
        let key = self.record.key().clone();
        Update { transition, key, guard: self.held(), changes }
    }

    fn log(&self, outcome: &Outcome, now: Timestamp) -> Vec<Attempt> {
        let entry = Attempt::of(outcome, self.claimed_at, now.since(self.claimed_at));
        let keep = self.record.attempt_log.len().saturating_sub(MAX_ATTEMPT_LOG - 1);
        self.record.attempt_log.iter().skip(keep).cloned().chain([entry]).collect()
    }
}

impl Settlement {
    /// Reads a refusal of this settlement's write under the claim's token.
    ///
    /// ```text
    /// worker   complete ─────▶ held, answer lost
    ///          complete again ▶ refused: PROCESSED under my token → it held
    /// ```
    pub fn refused(&self, token: u64, stored: Option<&Record>) -> Refusal {
        let Some(stored) = stored.filter(|stored| stored.token == token) else {
            return Refusal::Fenced;
        };
        match (self.update.transition(), stored.state) {
            (Transition::Complete, State::Processed) => Refusal::Held(TicketFate::Ack),
            (Transition::Bury, State::Dead) => Refusal::Held(TicketFate::Hide(Span::ZERO)),
            (Transition::Retry | Transition::Wait | Transition::Park, State::Received) => {
                // The sweep may have released it in the meantime: then this ticket stays.
                let waits = stored.room().is_some_and(Room::is_waiting);
                let hide = match self.fate {
                    TicketFate::Hide(wait) => wait,
                    TicketFate::Ack => Span::ZERO,
                };
                Refusal::Held(if waits { TicketFate::Ack } else { TicketFate::Hide(hide) })
            }
            _ => Refusal::Fenced,
        }
    }

    /// Reads the store's answer.
    pub fn answer(&self, token: u64, updated: &Updated) -> Refusal {
        match updated {
            Updated::Applied(_) => Refusal::Held(self.fate),
            Updated::Refused(stored) => self.refused(token, stored.as_deref()),
        }
    }
}
