//! Accept (T1) and send (T2), as the receiver and the poll do it.

use crate::ablation::Ablation;
use crate::action::Answer;
use crate::concrete::{NOW, nonce};
use crate::projection::{Id, Outdated, Phase, Rec};
use crate::protocol::Protocol;
use crate::state::{Body, Breach, System, Ticket};
use crate::steps::Receiver;
use crate::table::Writer;
use holdfast_domain::lifecycle::Updated;
use holdfast_domain::lifecycle::accept::{Taken, taken};
use holdfast_domain::lifecycle::operator::{Ordered, Replay};

impl Protocol {
    pub(crate) fn deliver(&self, system: &mut System, event: u8, number: u8) {
        system.event_mut(event).deliveries -= 1;
        system.receivers[usize::from(number)] = if self.lacks(Ablation::BodyBeforeRecord) {
            Receiver::Put { event, lost: false }
        } else {
            Receiver::Body { event }
        };
    }

    pub(crate) fn receiver(&self, system: &mut System, number: u8, answer: Answer) {
        let next = match system.receivers[usize::from(number)] {
            Receiver::Idle => return,
            Receiver::Body { event } => {
                system.event_mut(event).body = Body::Kept;
                Receiver::Put { event, lost: false }
            }
            Receiver::Put { event, lost } => self.put(system, (number, event), lost, answer),
            Receiver::LateBody { event } => {
                system.event_mut(event).body = Body::Kept;
                Receiver::Send { event }
            }
            Receiver::Stranded { event, seen, outdated } => {
                match self.send_again(system, (number, event), (&seen, outdated)) {
                    // What it wrote is no longer what it read; the repeated call will be refused.
                    _ if answer == Answer::Lost => return,
                    next => next,
                }
            }
            Receiver::Replay { event, outdated, lost } => {
                self.replay_dead(system, (number, event), (outdated, lost), answer)
            }
            Receiver::Send { event } => {
                self.send(system, event, answer);
                self.answered(system, event)
            }
        };
        system.receivers[usize::from(number)] = next;
    }

    fn put(
        &self,
        system: &mut System,
        (number, event): (u8, u8),
        lost: bool,
        answer: Answer,
    ) -> Receiver {
        let id = Id::Receiver(number);
        let new = self.template(event).fresh(id);
        let Some(stored) = system.event(event).record else {
            system.event_mut(event).record = Some(Rec::of(&new, &[id]));
            return self.after_put(event, answer);
        };
        if answer == Answer::Lost {
            return Receiver::Put { event, lost };
        }
        let found = match taken(&new, &self.template(event).record(&stored), NOW) {
            Taken::Mine if self.lacks(Ablation::IngestNonce) => Taken::Duplicate,
            other => other,
        };
        if lost && found != Taken::Mine {
            system.breach(Breach::Wasted);
        }
        self.saw(match found {
            Taken::Mine => "put refused: mine",
            Taken::Stranded(_) => "put refused: stranded",
            Taken::Dead => "put refused: dead",
            Taken::Duplicate => "put refused: duplicate",
            Taken::Collision => "put refused: collision",
        });
        match found {
            Taken::Mine => self.after_put(event, answer),
            Taken::Stranded(_) => {
                Receiver::Stranded { event, seen: stored.glimpse(), outdated: Outdated::default() }
            }
            Taken::Dead if self.settings.replay_dead => {
                system.event_mut(event).ghost.allowance += 1;
                Receiver::Replay { event, outdated: Outdated::default(), lost: false }
            }
            Taken::Dead | Taken::Duplicate | Taken::Collision => self.answered(system, event),
        }
    }

    fn after_put(&self, event: u8, answer: Answer) -> Receiver {
        match answer {
            Answer::Lost => Receiver::Put { event, lost: true },
            _ if self.lacks(Ablation::BodyBeforeRecord) => Receiver::LateBody { event },
            _ => Receiver::Send { event },
        }
    }

    fn send_again(
        &self,
        system: &mut System,
        (number, event): (u8, u8),
        (seen, outdated): (&Rec, Outdated),
    ) -> Receiver {
        let template = self.template(event);
        let new = template.fresh(Id::Receiver(number));
        let Taken::Stranded(update) = taken(&new, &template.seen(seen, outdated), NOW) else {
            return self.answered(system, event);
        };
        let writer = Writer::of(Id::Other);
        match self.write(system, event, &update, writer) {
            Updated::Applied(_) => Receiver::Send { event },
            Updated::Refused(_) => self.answered(system, event),
        }
    }

    fn replay_dead(
        &self,
        system: &mut System,
        (number, event): (u8, u8),
        (outdated, lost): (Outdated, bool),
        answer: Answer,
    ) -> Receiver {
        let id = Id::Receiver(number);
        match self.replay(system, event, outdated, id) {
            Some(Ordered::Done(_)) if answer == Answer::Lost => {
                Receiver::Replay { event, outdated: Outdated::DEATH, lost: true }
            }
            Some(Ordered::Done(_)) => Receiver::Send { event },
            _ if answer == Answer::Lost => Receiver::Replay { event, outdated, lost },
            _ => self.answered(system, event),
        }
    }

    /// T9, by whoever has read the dead record.
    pub(crate) fn replay(
        &self,
        system: &mut System,
        event: u8,
        outdated: Outdated,
        id: Id,
    ) -> Option<Ordered> {
        let template = self.template(event);
        let seen = template.seen(&Rec::dead(), outdated);
        let replay = Replay::of(&seen, nonce(id), NOW)?;
        let updated = self.write(system, event, replay.update(), Writer::of(id));
        let applied = matches!(updated, Updated::Applied(_));
        match replay.answer(updated) {
            Ordered::Done(record) if !applied && self.lacks(Ablation::ReplayNonce) => {
                system.breach(Breach::Wasted);
                Some(Ordered::Overtaken(Some(record)))
            }
            ordered => Some(ordered),
        }
    }

    fn answered(&self, system: &mut System, event: u8) -> Receiver {
        system.event_mut(event).ghost.promised = true;
        Receiver::Idle
    }

    /// T2: a ticket, none, or two.
    pub(crate) fn send(&self, system: &mut System, event: u8, answer: Answer) {
        let after_death = system.event(event).phase() == Some(Phase::Dead);
        let ticket = Ticket { event, shown: true, receives: 0, moved: false, after_death };
        if answer != Answer::Failed {
            system.enqueue(ticket, &self.settings);
        }
        if answer == Answer::Lost {
            system.enqueue(ticket, &self.settings);
        }
    }
}
