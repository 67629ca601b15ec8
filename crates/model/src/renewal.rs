//! The daily pass over the bodies, and what time does to bodies and to processed records (T10).
//!
//! A body expires by age, whatever becomes of its record; a record that may still run keeps its own
//! only because somebody keeps it longer. The pass comes every day and a body is old for two weeks,
//! so a body that the pass would keep does not expire here: fourteen failures in a row are more than
//! any bound of faults in this model.

use crate::ablation::Ablation;
use crate::concrete::{NOW, kept_for_long};
use crate::projection::{Id, Phase};
use crate::protocol::Protocol;
use crate::state::{Body, System};
use crate::steps::{Receiver, Renewal};
use crate::table::Writer;
use holdfast_domain::lifecycle::renew::{is_needed, renewed};

impl Protocol {
    /// Whether the pass would keep the body of this event.
    pub(crate) fn needs_renewal(&self, system: &System, event: u8) -> bool {
        let Some(rec) = system.event(event).record else { return false };
        !self.lacks(Ablation::Renewal) && is_needed(&self.template(event).record(&rec), NOW)
    }

    pub(crate) fn renewal(&self, system: &mut System) {
        system.renewal = match system.renewal {
            Renewal::Idle => return,
            Renewal::Body { event } => {
                let state = system.event_mut(event);
                if state.has_body() {
                    state.body = Body::Kept;
                    Renewal::Note { event }
                } else {
                    Renewal::Idle
                }
            }
            Renewal::Note { event } => {
                if let Some(rec) = system.event(event).record {
                    let seen = self.template(event).record(&rec);
                    let update = renewed(&seen, kept_for_long());
                    self.write(system, event, &update, Writer::of(Id::Other));
                }
                Renewal::Idle
            }
        };
    }

    /// Whether the body of an event may come to have two weeks left: nobody is about to store its
    /// record, which takes seconds.
    pub(crate) fn may_age(&self, system: &System, event: u8) -> bool {
        self.settings.ageing
            && system.event(event).body == Body::Kept
            && !system.receivers.iter().any(|receiver| receiver.is_storing(event))
            && system.renewal == Renewal::Idle
    }

    /// Whether the body of an event may expire.
    pub(crate) fn may_lose_its_body(&self, system: &System, event: u8) -> bool {
        let needed_by = |receiver: &Receiver| receiver.is_storing(event);
        system.event(event).body == Body::Ageing
            && !self.needs_renewal(system, event)
            && !system.receivers.iter().any(needed_by)
    }

    /// Whether a processed record may be forgotten: the window is longer than the provider tries
    /// and than a ticket lives, in the queue and then in the dead-letter queue.
    pub(crate) fn may_expire(&self, system: &System, event: u8) -> bool {
        let state = system.event(event);
        let is_due = state.phase() == Some(Phase::Processed) && self.settings.ageing;
        let is_awaited = state.deliveries > 0
            || state.dead_letters > 0
            || system.queue.iter().any(|ticket| ticket.event == event)
            || system.workers.iter().filter_map(|it| it.ticket()).any(|it| it.event == event)
            || system.receivers.iter().any(|receiver| receiver.event() == Some(event));
        is_due && (self.lacks(Ablation::LongWindow) || !is_awaited)
    }
}
