//! Sweep (T8), and the operator's replay (T9) and discard (T11).

use crate::ablation::Ablation;
use crate::action::Answer;
use crate::concrete::{DEDUPE_WINDOW, NOW};
use crate::projection::{Id, Outdated, Phase, Rec};
use crate::protocol::Protocol;
use crate::state::System;
use crate::steps::{Operator, Sweep};
use crate::table::Writer;
use holdfast_domain::lifecycle::operator::{Ordered, discard};
use holdfast_domain::lifecycle::sweep::{release, resend};
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::record::{Record, Room};
use holdfast_domain::time::Span;

impl Protocol {
    /// Whether the sweep would do something about this record.
    pub(crate) fn needs_help(&self, system: &System, event: u8) -> bool {
        let Some(rec) = system.event(event).record else { return false };
        if self.lacks(Ablation::Sweep) {
            return false;
        }
        if self.lacks(Ablation::SweepOfLapsedClaims) && rec.state == Phase::Processing {
            return false;
        }
        let is_parked = rec.room() == Some(Room::Parked);
        if is_parked && system.off {
            return false;
        }
        help(&self.template(event).record(&rec)).is_some()
    }

    pub(crate) fn look(&self, system: &mut System, number: u8, event: u8) {
        if let Some(rec) = system.event(event).record {
            let seen = rec.glimpse();
            system.sweeps[usize::from(number)] =
                Sweep::Write { event, seen, outdated: Outdated::default() };
        }
    }

    pub(crate) fn sweep(&self, system: &mut System, number: u8, answer: Answer) {
        let next = match system.sweeps[usize::from(number)] {
            Sweep::Idle => return,
            Sweep::Write { event, seen, outdated } => {
                let template = self.template(event);
                let updated = help(&template.seen(&seen, outdated)).map(|update| {
                    let writer = Writer::of(Id::Other);
                    self.write(system, event, &update, writer)
                });
                match updated {
                    // What it wrote is no longer what it read; the repeated call will be refused.
                    _ if answer == Answer::Lost => return,
                    Some(Updated::Applied(_)) => Sweep::Send { event },
                    _ => Sweep::Idle,
                }
            }
            Sweep::Send { event } => {
                self.send(system, event, answer);
                Sweep::Idle
            }
        };
        system.sweeps[usize::from(number)] = next;
    }

    pub(crate) fn order(&self, system: &mut System, event: u8, replay: bool) {
        system.left.orders -= 1;
        let outdated = Outdated::default();
        system.operator = if replay {
            system.event_mut(event).ghost.allowance += 1;
            Operator::Replay { event, outdated, lost: false }
        } else {
            Operator::Discard { event, outdated }
        };
    }

    pub(crate) fn operator(&self, system: &mut System, answer: Answer) {
        let next = match system.operator {
            Operator::Idle => return,
            Operator::Replay { event, outdated, lost } => {
                let done = matches!(
                    self.replay(system, event, outdated, Id::Operator),
                    Some(Ordered::Done(_))
                );
                match answer {
                    Answer::Lost if done => {
                        Operator::Replay { event, outdated: Outdated::DEATH, lost: true }
                    }
                    Answer::Lost => Operator::Replay { event, outdated, lost },
                    _ if done => Operator::Send { event },
                    _ => Operator::Idle,
                }
            }
            Operator::Discard { event, outdated } => {
                let template = self.template(event);
                let seen = template.seen(&Rec::dead(), outdated);
                if let Some(update) = discard(&seen, "no longer wanted", DEDUPE_WINDOW, NOW) {
                    let writer = Writer::of(Id::Operator);
                    self.write(system, event, &update, writer);
                }
                if answer == Answer::Lost {
                    return;
                }
                Operator::Idle
            }
            Operator::Send { event } => {
                self.send(system, event, answer);
                Operator::Idle
            }
        };
        system.operator = next;
    }
}

/// What the sweep would do about a record that it has read.
fn help(seen: &Record) -> Option<Update> {
    resend(seen, Span::ZERO, NOW).or_else(|| release(seen, NOW))
}
