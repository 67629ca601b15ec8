//! What happens without any of our processes: the queue, time, the operator's console, death.

use crate::action::{Action, Process};
use crate::projection::{Corner, Phase, Position};
use crate::protocol::Protocol;
use crate::state::{Body, Breach, System, Ticket};
use crate::steps::{Operator, Receiver, Renewal, Sweep, Worker};

impl Protocol {
    /// What the environment does.
    pub(crate) fn environment(&self, system: &mut System, action: Action) {
        match action {
            Action::Show { ticket } => system.queue[usize::from(ticket)].shown = true,
            Action::Bounce { ticket } => {
                let ticket = system.queue.remove(usize::from(ticket));
                self.bounce(system, ticket);
            }
            Action::Throttle { ticket } => {
                system.left.faults -= 1;
                let ticket = &mut system.queue[usize::from(ticket)];
                (ticket.receives, ticket.shown) = (ticket.receives + 1, false);
            }
            Action::Lose { ticket } => {
                system.left.faults -= 1;
                system.queue.remove(usize::from(ticket));
            }
            Action::Double { ticket } => {
                system.left.faults -= 1;
                let ticket = system.queue[usize::from(ticket)];
                system.enqueue(ticket, &self.settings);
            }
            Action::Reappear { worker } => {
                system.left.faults -= 1;
                if let Some(ticket) = system.workers[usize::from(worker)].ticket() {
                    system.enqueue(ticket, &self.settings);
                }
            }
            Action::ExpireLetter { event } => system.event_mut(event).dead_letters -= 1,
            Action::Expire { event } => {
                let state = system.event_mut(event);
                (state.record, state.ghost.expired) = (None, true);
            }
            Action::Age { event } => {
                let state = system.event_mut(event);
                state.body = Body::Ageing;
                if let Some(rec) = &mut state.record {
                    rec.ageing = true;
                }
            }
            Action::ExpireBody { event } => system.event_mut(event).body = Body::Gone,
            Action::Renew { event } => system.renewal = Renewal::Body { event },
            Action::ExpireOpen { event } => {
                system.event_mut(event).record = None;
                system.fence(event);
            }
            Action::Lapse { event } | Action::Outlive { event } => {
                let state = system.event_mut(event);
                if let Some(rec) = &mut state.record {
                    rec.lapsed = true;
                }
                if matches!(action, Action::Outlive { .. }) {
                    state.ghost.unclosed += 1;
                    system.left.faults -= 1;
                }
            }
            Action::Misdate { ticket } => {
                system.left.faults -= 1;
                let ticket = &mut system.queue[usize::from(ticket)];
                ticket.after_death ^= true;
                let Ticket { event, after_death, moved, .. } = *ticket;
                if after_death && moved {
                    // An order given within the skew before a death counts as one for it.
                    system.event_mut(event).ghost.allowance += 1;
                }
            }
            Action::FallDue { event } => {
                if let Some(rec) = &mut system.event_mut(event).record {
                    rec.due = true;
                    if let Some((Corner::Later, position @ Position::Ahead)) = &mut rec.place {
                        *position = Position::Reached;
                    }
                }
            }
            Action::Overdue { event } => {
                if let Some(rec) = &mut system.event_mut(event).record {
                    rec.overdue = true;
                    if let Some((_, position @ Position::Ahead)) = &mut rec.place {
                        *position = Position::Reached;
                    }
                }
            }
            Action::Redrive { event, quick } => {
                system.left.orders -= 1;
                let is_dead = system.event(event).phase() == Some(Phase::Dead);
                let state = system.event_mut(event);
                state.dead_letters -= 1;
                if is_dead {
                    state.ghost.allowance += 1;
                }
                let ticket =
                    Ticket { event, shown: true, receives: 0, moved: !quick, after_death: is_dead };
                system.enqueue(ticket, &self.settings);
            }
            Action::Switch { off } => {
                system.off = off;
                if off {
                    system.left.switches -= 1;
                }
            }
            _ => {}
        }
    }

    fn bounce(&self, system: &mut System, ticket: Ticket) {
        let nothing_went_wrong = self.settings.punctual
            && system.left.faults == self.settings.faults
            && system.left.orders == self.settings.orders;
        let state = system.event_mut(ticket.event);
        let is_open = state.record.is_some_and(|rec| rec.is_open());
        if self.settings.orders > 0 {
            state.dead_letters = state.dead_letters.saturating_add(1).min(2);
        }
        if nothing_went_wrong && is_open {
            system.breach(Breach::DeadLetterWithoutFault);
        }
    }

    /// A process dies: what it had in hand is gone, its ticket shows again.
    pub(crate) fn crash(&self, system: &mut System, process: Process) {
        match process {
            Process::Receiver(number) => {
                let receiver = &mut system.receivers[usize::from(number)];
                let lost = matches!(
                    receiver,
                    Receiver::Put { lost: true, .. } | Receiver::Replay { lost: true, .. }
                );
                *receiver = Receiver::Idle;
                if !lost {
                    system.left.faults -= 1;
                }
            }
            Process::Worker(number) => {
                let worker = system.workers[usize::from(number)];
                if !worker.has_lost_an_answer() {
                    system.left.faults -= 1;
                }
                let Some(ticket) = worker.ticket() else { return };
                if system.claim_of(number).is_some() {
                    system.event_mut(ticket.event).ghost.unclosed += 1;
                }
                system.workers[usize::from(number)] = Worker::Idle;
                system.enqueue(Ticket { shown: false, ..ticket }, &self.settings);
            }
            Process::Sweep(number) => {
                system.left.faults -= 1;
                system.sweeps[usize::from(number)] = Sweep::Idle;
            }
            Process::Operator => {
                if !matches!(system.operator, Operator::Replay { lost: true, .. }) {
                    system.left.faults -= 1;
                }
                system.operator = Operator::Idle;
            }
            Process::Renewal => {
                system.left.faults -= 1;
                system.renewal = Renewal::Idle;
            }
        }
    }
}
