//! A worker: put off (T6d), claim (T3), run (T4), as the processor does it. How it settles is
//! [`crate::settle`]'s business.

use crate::ablation::Ablation;
use crate::action::{Answer, Plan, Run};
use crate::concrete::{NOW, nonce};
use crate::projection::{Id, Outdated};
use crate::protocol::Protocol;
use crate::state::{Breach, System, Ticket};
use crate::steps::{Closing, PutOff, Worker};
use crate::table::Writer;
use holdfast_domain::lifecycle::claim::{Answer as Claimed, Claim, Request};
use holdfast_domain::lifecycle::operator::Ordered;
use holdfast_domain::lifecycle::settle::TicketFate;
use holdfast_domain::lifecycle::{Updated, defer};
use holdfast_domain::time::Span;

/// A wait for which a ticket is hidden.
pub(crate) const SHORT: Span = Span::from_secs(30);

impl Protocol {
    /// A ticket is received; its labels may already tell what to do.
    pub(crate) fn receive(&self, system: &mut System, number: u8, ticket: u8, plan: Plan) {
        let taken = system.queue.remove(usize::from(ticket));
        let ticket = Ticket { receives: taken.receives + 1, shown: false, ..taken };
        let off = system.off;
        let next = match plan {
            Plan::Work if off && self.lacks(Ablation::WaitingRooms) => {
                system.enqueue(ticket, &self.settings);
                Worker::Idle
            }
            Plan::Work if off => Worker::PutOff { ticket, how: PutOff::Park },
            Plan::Work => Worker::Claim { ticket, off: false, lost: false },
            Plan::PutOff => Worker::PutOff { ticket, how: PutOff::Short },
            Plan::PutOffLong => Worker::PutOff { ticket, how: PutOff::Long },
        };
        system.workers[usize::from(number)] = next;
    }

    pub(crate) fn worker(&self, system: &mut System, number: u8, answer: Answer) {
        let next = match system.workers[usize::from(number)] {
            Worker::Idle | Worker::Claimed { .. } => return,
            Worker::PutOff { ticket, how } => self.put_off(system, ticket, how, answer),
            Worker::Claim { ticket, off, lost } => {
                self.claim(system, (number, ticket), (off, lost), answer)
            }
            Worker::Revive { ticket, off, outdated, lost } => {
                let ordered = self.replay(system, ticket.event, outdated, Id::Worker(number));
                let done = matches!(ordered, Some(Ordered::Done(_)));
                match answer {
                    Answer::Lost if done => {
                        Worker::Revive { ticket, off, outdated: Outdated::DEATH, lost: true }
                    }
                    Answer::Lost => Worker::Revive { ticket, off, outdated, lost },
                    _ => Worker::Claim { ticket, off, lost: false },
                }
            }
            Worker::Settle { ticket, fenced, attempt, closing, lost } => {
                self.settle(system, ticket, (fenced, attempt), (closing, lost), answer)
            }
        };
        system.workers[usize::from(number)] = next;
    }

    /// T6d, decided from the ticket's labels.
    fn put_off(&self, system: &mut System, ticket: Ticket, how: PutOff, answer: Answer) -> Worker {
        let template = self.template(ticket.event);
        let settlement = match how {
            PutOff::Park => defer::park(template.key(), NOW),
            PutOff::Short => defer::put_off(template.key(), SHORT, self.receives(ticket), NOW),
            PutOff::Long => defer::put_off(template.key(), self.long(), self.receives(ticket), NOW),
        };
        let updated = self.write(system, ticket.event, &settlement.update, Writer::of(Id::Other));
        match updated {
            _ if answer == Answer::Lost => Worker::PutOff { ticket, how },
            Updated::Applied(_) => {
                self.end(system, ticket, settlement.fate);
                Worker::Idle
            }
            Updated::Refused(_) => Worker::Claim { ticket, off: how == PutOff::Park, lost: false },
        }
    }

    /// T3.
    fn claim(
        &self,
        system: &mut System,
        (number, ticket): (u8, Ticket),
        (off, lost): (bool, bool),
        answer: Answer,
    ) -> Worker {
        let template = self.template(ticket.event);
        let request = self.request(Id::Worker(number), ticket.event);
        let writer = Writer::of(Id::Worker(number));
        let updated = self.write(system, ticket.event, &request.update(), writer);
        if answer == Answer::Lost {
            let held = matches!(updated, Updated::Applied(_));
            return Worker::Claim { ticket, off, lost: lost || held };
        }
        let applied = matches!(updated, Updated::Applied(_));
        let (message, queued_at) = template.message(ticket.moved, ticket.after_death);
        let answer = request.answer(updated, &message, queued_at);
        self.saw(match &answer {
            Claimed::Claimed(_) if applied => "claimed",
            Claimed::Claimed(_) => "claim refused: mine",
            Claimed::Finished => "claim refused: processed",
            Claimed::Waiting => "claim refused: waiting",
            Claimed::Busy { .. } => "claim refused: busy",
            Claimed::Early { .. } => "claim refused: early",
            Claimed::Redriven(_) => "claim refused: redriven",
            Claimed::Dead => "claim refused: dead",
            Claimed::Missing => "claim refused: missing",
        });
        let fate = match answer {
            Claimed::Claimed(_) if !applied && self.lacks(Ablation::ClaimNonce) => hide(),
            Claimed::Early { .. } if self.lacks(Ablation::EarlyIsNoAck) => TicketFate::Ack,
            Claimed::Claimed(claim) => return self.claimed(system, ticket, &claim, off),
            Claimed::Finished | Claimed::Waiting => TicketFate::Ack,
            Claimed::Busy { .. } if self.lacks(Ablation::BusyIsNoAck) => TicketFate::Ack,
            Claimed::Dead | Claimed::Redriven(_) if self.lacks(Ablation::DeadIsNoAck) => {
                TicketFate::Ack
            }
            Claimed::Dead if self.lacks(Ablation::RedriveRule) => {
                return Worker::Revive { ticket, off, outdated: Outdated::default(), lost: false };
            }
            Claimed::Redriven(_) => {
                return Worker::Revive { ticket, off, outdated: Outdated::default(), lost: false };
            }
            Claimed::Busy { .. } | Claimed::Early { .. } | Claimed::Dead | Claimed::Missing => {
                hide()
            }
        };
        self.end(system, ticket, fate);
        Worker::Idle
    }

    /// A wish to claim.
    pub(crate) fn request(&self, owner: Id, event: u8) -> Request {
        Request {
            key: self.template(event).key().clone(),
            owner: nonce(owner),
            now: NOW,
            deadline: NOW.plus(SHORT),
            shown_again_at: NOW.plus(Span::from_mins(6)),
        }
    }

    /// What follows a claim before the handler runs.
    fn claimed(&self, system: &System, ticket: Ticket, claim: &Claim, off: bool) -> Worker {
        let counted = u8::try_from(claim.attempt()).unwrap_or(u8::MAX);
        let attempt =
            if self.lacks(Ablation::AttemptsInRecord) { ticket.receives } else { counted };
        let closing = if off {
            Closing::Park
        } else if attempt > self.settings.attempts {
            Closing::Exhausted
        } else if !system.event(ticket.event).has_body() {
            Closing::BodyMissing
        } else {
            return Worker::Claimed { ticket, fenced: false, attempt };
        };
        Worker::Settle { ticket, fenced: false, attempt, closing, lost: false }
    }

    /// T4.
    pub(crate) fn run(&self, system: &mut System, number: u8, outcome: Run) {
        let Worker::Claimed { ticket, fenced, attempt } = system.workers[usize::from(number)]
        else {
            return;
        };
        let closing = match outcome {
            Run::Done => Closing::Done,
            Run::Retry => Closing::Retry,
            Run::RetryLong => Closing::RetryLong,
            Run::Reject => Closing::Reject,
            Run::Defer => Closing::Defer,
            Run::DeferLong => Closing::DeferLong,
        };
        if closing.is_of_a_run() {
            if fenced && !self.settings.kinds.slow_workers {
                system.breach(Breach::RunWithoutToken);
            }
            if closing == Closing::Done && !self.settings.transactional {
                system.event_mut(ticket.event).ghost.effects = 1;
            }
            if !fenced {
                system.event_mut(ticket.event).ghost.runs += 1;
            }
        }
        system.workers[usize::from(number)] =
            Worker::Settle { ticket, fenced, attempt, closing, lost: false };
    }
}

/// Not now: shown again at once.
pub(crate) fn hide() -> TicketFate {
    TicketFate::Hide(Span::ZERO)
}
