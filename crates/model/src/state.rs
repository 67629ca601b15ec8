//! One state of the whole system: table, bodies, queues, the local step of each process, and what
//! the invariants have to remember.

use crate::projection::{Id, Phase, Rec};
use crate::settings::Settings;
use crate::steps::{Operator, Receiver, Renewal, Sweep, Worker};
use holdfast_domain::record::Room;

/// The system at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct System {
    pub(crate) events: Vec<EventState>,
    pub(crate) queue: Vec<Ticket>,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) workers: Vec<Worker>,
    pub(crate) sweeps: Vec<Sweep>,
    pub(crate) operator: Operator,
    pub(crate) renewal: Renewal,
    /// Whether the switch is off.
    pub(crate) off: bool,
    /// The version that was last completed, for the version guard.
    pub(crate) guarded: u8,
    pub(crate) left: Left,
    /// The invariant that the last step broke, if it did.
    pub(crate) broken: Option<Breach>,
}

/// What exists of one event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EventState {
    pub(crate) record: Option<Rec>,
    pub(crate) body: Body,
    /// Its tickets in the dead-letter queue.
    pub(crate) dead_letters: u8,
    /// How often the provider may still deliver it.
    pub(crate) deliveries: u8,
    pub(crate) ghost: Ghost,
}

/// What the store of bodies holds of an event's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Body {
    /// Nothing.
    Gone,
    /// It, for long.
    Kept,
    /// It, for two more weeks.
    Ageing,
}

/// What nobody stores, but the invariants speak of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Ghost {
    /// It was answered 2xx.
    pub(crate) promised: bool,
    /// Its record was processed, and forgotten when its time was over.
    pub(crate) expired: bool,
    /// How often its effect landed; an external one is counted once.
    pub(crate) effects: u8,
    /// How often a handler started under the current token since it arrived or was replayed.
    pub(crate) runs: u8,
    /// How many claims ended without a closing write, since then.
    pub(crate) unclosed: u8,
    /// Orders to bring it back that were not carried out yet.
    pub(crate) allowance: u8,
}

/// What may still go wrong or be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    pub(crate) faults: u8,
    pub(crate) orders: u8,
    pub(crate) switches: u8,
}

/// A ticket in the queue or in a worker's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ticket {
    pub(crate) event: u8,
    pub(crate) shown: bool,
    pub(crate) receives: u8,
    /// Out of the dead-letter queue, long after it was sent.
    pub(crate) moved: bool,
    /// Queued after the death that the record is in.
    pub(crate) after_death: bool,
}

/// An invariant that a step can break, beside those that are seen in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Breach {
    /// I2: a transactional effect landed twice.
    EffectTwice,
    /// I3: a run started that was not covered by the current token.
    RunWithoutToken,
    /// I4: a processed record changed.
    ProcessedChanged,
    /// I5: a running record was changed by somebody else, or the token did not rise.
    RunningChanged,
    /// I6: a ticket was deleted whose record still needs it.
    AckedTooEarly,
    /// I12: a stale version overwrote a newer one.
    StaleVersion,
    /// I13: an attempt was burnt without a run, or a send, or a dead event ran again unasked.
    Wasted,
    /// I13: a record was buried as exhausted whose runs were not used up.
    DeadUnattempted,
    /// I13: a ticket went to the dead-letter queue although nothing had gone wrong.
    DeadLetterWithoutFault,
    /// I9: a ticket was sent again although the last one is not yet to be taken for lost.
    SentTooSoon,
    /// I10: a record was opened before it was due.
    ReleasedEarly,
    /// A deferral overwrote a longer wait.
    WaitShortened,
}

impl System {
    /// Nothing has arrived yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        let event = EventState {
            record: None,
            body: Body::Gone,
            dead_letters: 0,
            deliveries: settings.deliveries,
            ghost: Ghost::default(),
        };
        Self {
            events: vec![event; usize::from(settings.events)],
            queue: Vec::new(),
            receivers: vec![Receiver::Idle; usize::from(settings.receivers)],
            workers: vec![Worker::Idle; usize::from(settings.workers)],
            sweeps: vec![Sweep::Idle; usize::from(settings.sweeps)],
            operator: Operator::Idle,
            renewal: Renewal::Idle,
            off: false,
            guarded: 0,
            left: Left {
                faults: settings.faults,
                orders: settings.orders,
                switches: settings.switches,
            },
            broken: None,
        }
    }

    /// The event's state.
    pub(crate) fn event(&self, event: u8) -> &EventState {
        &self.events[usize::from(event)]
    }

    /// The event's state, to change.
    pub(crate) fn event_mut(&mut self, event: u8) -> &mut EventState {
        &mut self.events[usize::from(event)]
    }

    /// Notes a broken invariant; the first one stays.
    pub(crate) fn breach(&mut self, breach: Breach) {
        self.broken.get_or_insert(breach);
    }

    /// Whether a live worker holds the running claim of this event.
    pub(crate) fn is_held(&self, event: u8) -> bool {
        (0..self.worker_count()).any(|number| self.claim_of(number) == Some(event))
    }

    fn worker_count(&self) -> u8 {
        u8::try_from(self.workers.len()).unwrap_or(u8::MAX)
    }

    /// The event whose running claim this worker holds, whether or not it knows.
    pub(crate) fn claim_of(&self, number: u8) -> Option<u8> {
        let (event, knows) = match self.workers[usize::from(number)] {
            Worker::Claimed { ticket, fenced: false, .. }
            | Worker::Settle { ticket, fenced: false, .. } => (ticket.event, true),
            Worker::Claim { ticket, lost: true, .. } => (ticket.event, false),
            _ => return None,
        };
        let rec = self.event(event).record?;
        let holds = rec.state == Phase::Processing && (knows || rec.owner == Id::Worker(number));
        holds.then_some(event)
    }

    /// The attempts of an event that were counted for a worker and are neither a run nor given
    /// back yet.
    pub(crate) fn unspent(&self, event: u8) -> usize {
        let unspent = |(worker, number): &(&Worker, u8)| match worker {
            Worker::Claimed { ticket, .. } => ticket.event == event,
            Worker::Settle { ticket, closing, .. } => {
                ticket.event == event && !closing.is_of_a_run()
            }
            Worker::Claim { lost: true, .. } => self.claim_of(*number) == Some(event),
            _ => false,
        };
        self.workers.iter().zip(0..).filter(unspent).count()
    }

    /// Adds a ticket; what does not fit is as good as lost.
    pub(crate) fn enqueue(&mut self, ticket: Ticket, settings: &Settings) {
        if self.queue.len() < usize::from(settings.tickets) {
            self.queue.push(ticket);
        }
    }
}

impl EventState {
    /// The record's state, if it exists.
    pub(crate) fn phase(&self) -> Option<Phase> {
        self.record.map(|rec| rec.state)
    }

    /// Whether its body can be read.
    pub(crate) fn has_body(&self) -> bool {
        self.body != Body::Gone
    }

    /// Whether it is in this room.
    pub(crate) fn is_in(&self, room: Room) -> bool {
        self.record.and_then(|rec| rec.room()) == Some(room)
    }
}
