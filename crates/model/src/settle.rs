//! A worker settles (T5, T6, T7) and its ticket is deleted or hidden.

use crate::ablation::Ablation;
use crate::action::Answer;
use crate::concrete::{DEDUPE_WINDOW, NOW, STALE_TOKEN, TOKEN};
use crate::projection::{Fate, Id, Rec};
use crate::protocol::Protocol;
use crate::state::{Breach, EventState, System, Ticket};
use crate::steps::{Closing, Worker};
use crate::table::Writer;
use crate::worker::{SHORT, hide};
use holdfast_domain::lifecycle::claim::{Answer as Claimed, Claim};
use holdfast_domain::lifecycle::settle::{Receives, Refusal, Settlement, Terms, TicketFate};
use holdfast_domain::lifecycle::{Transition, Updated};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::Record;
use holdfast_domain::retry::Policy;
use holdfast_domain::time::Span;

const LONG: Span = Span::from_mins(60);

impl Protocol {
    /// T5, T6, T7.
    pub(crate) fn settle(
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

    /// How the queue has treated a ticket.
    pub(crate) fn receives(&self, ticket: Ticket) -> Receives {
        let rooms = !self.lacks(Ablation::WaitingRooms);
        Receives {
            count: if rooms { u32::from(ticket.receives) } else { 0 },
            max: if rooms { u32::from(self.settings.max_receives) } else { u32::MAX },
        }
    }

    /// A wait that is too long for a hidden ticket.
    pub(crate) fn long(&self) -> Span {
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
    pub(crate) fn end(&self, system: &mut System, ticket: Ticket, fate: TicketFate) {
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

impl EventState {
    /// Whether its effect stands when its record says so, and one in the transaction only then
    /// (I2).
    pub(crate) fn effect_is_told(&self, transactional: bool) -> bool {
        let is_told = self.record.is_some_and(|rec| rec.ending == Some(Fate::Applied));
        let stands = self.ghost.effects > 0;
        is_told == stands || !transactional && stands || self.ghost.expired
    }
}
