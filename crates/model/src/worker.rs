//! A worker: put off (T6d), claim (T3), run (T4) and settle (T5, T6, T7), as the processor does it.

use crate::action::{Answer, Plan, Run};
use crate::projection::{DEDUPE_WINDOW, Fate, Id, NOW, Outdated, Rec, STALE_TOKEN, TOKEN, nonce};
use crate::protocol::Protocol;
use crate::settings::Ablation;
use crate::state::{Breach, Closing, PutOff, System, Ticket, Worker};
use crate::table::Writer;
use holdfast_domain::lifecycle::claim::{Answer as Claimed, Claim, Request};
use holdfast_domain::lifecycle::operator::Ordered;
use holdfast_domain::lifecycle::settle::{Receives, Refusal, Settlement, Terms, TicketFate};
use holdfast_domain::lifecycle::{Transition, Updated, defer};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::Record;
use holdfast_domain::retry::Policy;
use holdfast_domain::time::Span;

const SHORT: Span = Span::from_secs(30);
const LONG: Span = Span::from_mins(60);

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

    fn request(&self, owner: Id, event: u8) -> Request {
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
        } else if !system.event(ticket.event).body {
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
            if !fenced {
                system.event_mut(ticket.event).ghost.runs += 1;
            }
        }
        system.workers[usize::from(number)] =
            Worker::Settle { ticket, fenced, attempt, closing, lost: false };
    }

    /// T5, T6, T7.
    fn settle(
        &self,
        system: &mut System,
        ticket: Ticket,
        (fenced, attempt): (bool, u8),
        (closing, lost): (Closing, bool),
        answer: Answer,
    ) -> Worker {
        let event = ticket.event;
        let closing = if closing == Closing::Done && self.is_stale(system, event) {
            Closing::Stale
        } else {
            closing
        };
        let Some(claim) = self.held(event, fenced, attempt) else { return Worker::Idle };
        let settlement = self.settlement(&claim, closing, ticket);
        let writer = Writer::claimant(fenced);
        let updated = self.write(system, event, &settlement.update, writer);
        let held = matches!(updated, Updated::Applied(_));
        if held {
            self.landed(system, event, closing, &settlement);
        }
        if answer == Answer::Lost {
            let lost = lost || held;
            return Worker::Settle { ticket, fenced, attempt, closing, lost };
        }
        let refusal = settlement.answer(claim.token(), &updated);
        if !held {
            self.saw(match refusal {
                Refusal::Held(TicketFate::Ack) => "close refused: mine, ack",
                Refusal::Held(TicketFate::Hide(_)) => "close refused: mine, hide",
                Refusal::Fenced => "close refused: fenced",
            });
        }
        let fate = match refusal {
            Refusal::Held(_) if self.lacks(Ablation::AckOnlyWhileWaiting) => settlement.fate,
            Refusal::Held(fate) => fate,
            Refusal::Fenced => hide(),
        };
        // It was queued before the death that this write may be.
        self.end(system, Ticket { after_death: false, ..ticket }, fate);
        Worker::Idle
    }

    /// The claim again, as the worker keeps it.
    fn held(&self, event: u8, fenced: bool, attempt: u8) -> Option<Claim> {
        let token = if fenced { STALE_TOKEN } else { TOKEN };
        let record = self.template(event).record(&Rec::claimed(attempt));
        let record = Box::new(Record { token, ..record });
        let (message, queued_at) = self.template(event).message(false, false);
        match self.request(Id::Other, event).answer(Updated::Applied(record), &message, queued_at) {
            Claimed::Claimed(claim) => Some(claim),
            _ => None,
        }
    }

    fn settlement(&self, claim: &Claim, closing: Closing, ticket: Ticket) -> Settlement {
        let failure = || Failure::new(Class::Handler, "no");
        let outcome = match closing {
            Closing::Done => Outcome::done(Ending::Applied),
            Closing::Stale => Outcome::done(Ending::Stale),
            Closing::Retry => Outcome::Retry { failure: failure(), after: None },
            Closing::RetryLong => Outcome::Retry { failure: failure(), after: Some(self.long()) },
            Closing::Reject => Outcome::Reject(failure()),
            Closing::BodyMissing => Outcome::Reject(Failure::new(Class::BodyMissing, "gone")),
            Closing::Defer => Outcome::Defer { wait: SHORT, reason: String::new() },
            Closing::DeferLong => Outcome::Defer { wait: self.long(), reason: String::new() },
            Closing::Park => return claim.park(),
            Closing::Exhausted => {
                return claim.exhausted(Failure::new(Class::Exhausted, "spent"), NOW);
            }
        };
        claim.settle(&outcome, &self.terms(ticket))
    }

    fn terms(&self, ticket: Ticket) -> Terms {
        Terms {
            policy: Policy {
                attempts: u32::from(self.settings.attempts),
                first: SHORT,
                factor: 1,
                cap: Span::from_days(1),
            },
            dedupe_window: DEDUPE_WINDOW,
            receives: self.receives(ticket),
            now: NOW,
            random: 0,
        }
    }

    fn receives(&self, ticket: Ticket) -> Receives {
        let rooms = !self.lacks(Ablation::WaitingRooms);
        Receives {
            count: if rooms { u32::from(ticket.receives) } else { 0 },
            max: if rooms { u32::from(self.settings.max_receives) } else { u32::MAX },
        }
    }

    /// A wait that is too long for a hidden ticket.
    fn long(&self) -> Span {
        if self.lacks(Ablation::WaitingRooms) { SHORT } else { LONG }
    }

    /// Whether the version guard refuses this event's completion.
    fn is_stale(&self, system: &System, event: u8) -> bool {
        self.settings.transactional
            && !self.lacks(Ablation::VersionGuard)
            && event + 1 < system.guarded
    }

    /// I2, I12 and I13 of a closing write that held.
    fn landed(&self, system: &mut System, event: u8, closing: Closing, settlement: &Settlement) {
        if closing == Closing::Done && self.settings.transactional {
            if event + 1 < system.guarded {
                system.breach(Breach::StaleVersion);
            }
            if self.settings.events > 1 {
                system.guarded = system.guarded.max(event + 1);
            }
            let ghost = &mut system.event_mut(event).ghost;
            ghost.effects = ghost.effects.saturating_add(1);
            if ghost.effects > 1 {
                system.breach(Breach::EffectTwice);
            }
        }
        let gave_up = matches!(closing, Closing::Exhausted | Closing::Retry | Closing::RetryLong);
        if settlement.update.transition() == Transition::Bury && gave_up {
            let ghost = system.event(event).ghost;
            if ghost.runs.saturating_add(ghost.unclosed) < self.settings.attempts {
                system.breach(Breach::DeadUnattempted);
            }
        }
    }

    /// What becomes of the ticket; I6.
    fn end(&self, system: &mut System, ticket: Ticket, fate: TicketFate) {
        match fate {
            TicketFate::Ack => {
                let allowed = system.event(ticket.event).record.is_some_and(|rec| rec.allows_ack());
                if !allowed {
                    system.breach(Breach::AckedTooEarly);
                }
            }
            TicketFate::Hide(_) => {
                system.enqueue(Ticket { shown: false, ..ticket }, &self.settings);
            }
        }
    }
}

fn hide() -> TicketFate {
    TicketFate::Hide(Span::ZERO)
}

impl System {
    /// Whether the effect of an event stands exactly when its record says so (I2).
    pub(crate) fn effect_is_told(&self, event: u8) -> bool {
        let state = self.event(event);
        let told = state.record.is_some_and(|rec| rec.ending == Some(Fate::Applied));
        told == (state.ghost.effects == 1)
    }
}
