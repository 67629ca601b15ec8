//! What a step means for what others hold, and which states are the same.

use crate::projection::{Id, Outdated, Phase};
use crate::state::System;
use crate::steps::{Operator, Receiver, Sweep, Worker};

impl System {
    /// Marks what processes have read of an event as overwritten.
    pub(crate) fn outdate(&mut self, event: u8, news: Outdated) {
        for receiver in &mut self.receivers {
            match receiver {
                Receiver::Stranded { event: of, outdated, .. }
                | Receiver::Replay { event: of, outdated, .. }
                    if *of == event =>
                {
                    *outdated = outdated.and(news);
                }
                _ => {}
            }
        }
        for worker in &mut self.workers {
            if let Worker::Revive { ticket, outdated, .. } = worker
                && ticket.event == event
            {
                *outdated = outdated.and(news);
            }
        }
        for sweep in &mut self.sweeps {
            if let Sweep::Write { event: of, outdated, .. } = sweep
                && *of == event
            {
                *outdated = outdated.and(news);
            }
        }
        match &mut self.operator {
            Operator::Replay { event: of, outdated, .. }
            | Operator::Discard { event: of, outdated }
                if *of == event =>
            {
                *outdated = outdated.and(news);
            }
            _ => {}
        }
    }

    /// Fences every worker that holds a claim of this event.
    pub(crate) fn fence(&mut self, event: u8) {
        for worker in &mut self.workers {
            match worker {
                Worker::Claimed { ticket, fenced, .. } | Worker::Settle { ticket, fenced, .. }
                    if ticket.event == event =>
                {
                    *fenced = true;
                }
                _ => {}
            }
        }
    }

    /// Makes equal what behaves equally.
    pub(crate) fn canonical(mut self) -> Self {
        for event in 0..self.events.len() {
            let number = u8::try_from(event).unwrap_or(u8::MAX);
            let keeps = self.awaited(number);
            if let Some(rec) = &mut self.events[event].record {
                if !keeps.contains(&rec.owner) {
                    rec.owner = Id::Other;
                }
                if !keeps.contains(&rec.ingest) {
                    rec.ingest = Id::Other;
                }
                *rec = rec.canonical();
                if !rec.is_open() {
                    let ghost = &mut self.events[event].ghost;
                    (ghost.runs, ghost.unclosed) = (0, 0);
                }
            }
        }
        self.tickets_precede_the_next_death();
        self.queue.sort_unstable();
        self
    }

    /// Every ticket of an event that is not dead was queued before the death that may come.
    fn tickets_precede_the_next_death(&mut self) {
        let is_dead: Vec<bool> =
            self.events.iter().map(|event| event.phase() == Some(Phase::Dead)).collect();
        let in_hand = self.workers.iter_mut().filter_map(Worker::ticket_mut);
        for ticket in self.queue.iter_mut().chain(in_hand) {
            ticket.after_death &= is_dead[usize::from(ticket.event)];
        }
    }

    /// The ids of calls that wait for an answer that was lost.
    fn awaited(&self, event: u8) -> Vec<Id> {
        let numbered = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let mut ids = Vec::new();
        for (number, receiver) in self.receivers.iter().enumerate() {
            match receiver {
                Receiver::Put { event: of, lost: true }
                | Receiver::Replay { event: of, lost: true, .. }
                    if *of == event =>
                {
                    ids.push(Id::Receiver(numbered(number)));
                }
                _ => {}
            }
        }
        for (number, worker) in self.workers.iter().enumerate() {
            match worker {
                Worker::Claim { ticket, lost: true, .. }
                | Worker::Revive { ticket, lost: true, .. }
                    if ticket.event == event =>
                {
                    ids.push(Id::Worker(numbered(number)));
                }
                _ => {}
            }
        }
        if matches!(self.operator, Operator::Replay { event: of, lost: true, .. } if of == event) {
            ids.push(Id::Operator);
        }
        ids
    }
}
