//! The invariants of the protocol, one property each. I1 to I13 are the protocol's own; W1 and W2 say
//! of waiting what the others leave open.

use crate::projection::Phase;
use crate::protocol::Protocol;
use crate::state::{Breach, EventState, System};
use crate::steps::Worker;
use holdfast_domain::record::Room;
use stateright::{Model, Property};

/// How many invariants are checked: I1 to I13, W1 and W2.
pub const INVARIANTS: usize = 15;

/// All that have to hold in every state.
pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always("I1 a 2xx means record and body", |_, system| {
            each(system, |event| {
                let is_kept = event
                    .record
                    .is_some_and(|rec| event.has_body() || rec.state == Phase::Processed);
                !event.ghost.promised || event.ghost.expired || is_kept
            })
        }),
        Property::always(
            "I2 an effect in the transaction happens once, any other at least once",
            |model, system| {
                unbroken(system, &[Breach::EffectTwice])
                    && each(system, |event| event.effect_is_told(model.settings.transactional))
            },
        ),
        Property::always("I3 a run has the current token, and none beside it", |model, system| {
            unbroken(system, &[Breach::RunWithoutToken])
                && (model.settings.kinds.slow_workers
                    || (0..model.settings.events).all(|event| system.live_handlers(event) <= 1))
        }),
        Property::always("I4 PROCESSED absorbs", |_, system| {
            unbroken(system, &[Breach::ProcessedChanged])
        }),
        Property::always("I5 only its holder changes a running record", |_, system| {
            unbroken(system, &[Breach::RunningChanged])
        }),
        Property::always("I6 no ticket is deleted that is needed", |_, system| {
            unbroken(system, &[Breach::AckedTooEarly])
        }),
        Property::always(
            "I7 what is open has somewhere to go",
            |model: &Protocol, system: &System| {
                !system.is_open() || system.broken.is_some() || model.goes_on(system)
            },
        ),
        Property::always("I8 what is dead is listed and has its body", |_, system| {
            each(system, |event| {
                event.phase() != Some(Phase::Dead) || event.is_in(Room::Dead) && event.has_body()
            })
        }),
        Property::always("I9 runs, attempts and sends are bounded", |model, system| {
            let max = model.settings.attempts;
            each(system, |event| {
                let ghost = event.ghost;
                let attempts = event.record.map_or(0, |rec| rec.attempts);
                ghost.runs <= max && attempts <= max + 1 + ghost.unclosed
            }) && unbroken(system, &[Breach::SentTooSoon])
        }),
        Property::always("I10 each record is in the room of its state", |_, system| {
            unbroken(system, &[Breach::ReleasedEarly]) && each(system, is_well_placed)
        }),
        Property::always("I11 only what is processed expires", |_, system| {
            each(system, |event| {
                event
                    .record
                    .is_none_or(|rec| rec.ending.is_some() == (rec.state == Phase::Processed))
            })
        }),
        Property::always("I12 no stale version overwrites a newer one", |_, system| {
            unbroken(system, &[Breach::StaleVersion])
        }),
        Property::always("I13 no attempt, send or replay is wasted", |_, system| {
            unbroken(system, &[Breach::Wasted, Breach::DeadUnattempted])
                && (0u8..).zip(&system.events).all(|(number, event)| {
                    let spent = usize::from(event.ghost.runs + event.ghost.unclosed);
                    let attempts = event.record.map_or(0, |rec| usize::from(rec.attempts));
                    attempts <= spent + system.unspent(number)
                })
        }),
        Property::always("W1 no wait is cut short", |_, system| {
            unbroken(system, &[Breach::WaitShortened])
        }),
        Property::always("W2 no ticket dies of waiting", |_, system| {
            unbroken(system, &[Breach::DeadLetterWithoutFault])
        }),
    ]
}

fn each(system: &System, holds: impl Fn(&EventState) -> bool) -> bool {
    system.events.iter().all(holds)
}

fn unbroken(system: &System, breaches: &[Breach]) -> bool {
    system.broken.is_none_or(|broken| !breaches.contains(&broken))
}

fn is_well_placed(event: &EventState) -> bool {
    let Some(rec) = event.record else { return true };
    match rec.state {
        Phase::Received => {
            matches!(rec.room(), Some(Room::Open | Room::Later | Room::Parked))
        }
        Phase::Processing => rec.room() == Some(Room::Open),
        Phase::Dead => rec.room() == Some(Room::Dead),
        Phase::Processed => rec.room().is_none(),
    }
}

impl System {
    /// How many workers hold a claim of this event and have not run yet.
    fn live_handlers(&self, event: u8) -> usize {
        let is_live = |worker: &&Worker| matches!(worker, Worker::Claimed { ticket, .. } if ticket.event == event);
        self.workers.iter().filter(is_live).count()
    }

    /// Whether some event is neither processed nor dead.
    pub(crate) fn is_open(&self) -> bool {
        self.events.iter().any(|event| event.record.is_some_and(|rec| rec.is_open()))
    }
}

impl Protocol {
    /// Whether the system can do anything by itself.
    pub(crate) fn goes_on(&self, system: &System) -> bool {
        let mut actions = Vec::new();
        self.actions(system, &mut actions);
        actions.iter().any(crate::action::Action::is_own)
    }
}
