//! One state of the whole system: table, bodies, queues, the local step of each process, and what
//! the invariants have to remember.

use crate::projection::{Id, Outdated, Phase, Rec};
use crate::settings::Settings;
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
    pub(crate) body: bool,
    /// Its tickets in the dead-letter queue.
    pub(crate) dead_letters: u8,
    /// How often the provider may still deliver it.
    pub(crate) deliveries: u8,
    pub(crate) ghost: Ghost,
}

/// What nobody stores, but the invariants speak of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Ghost {
    /// It was answered 2xx.
    pub(crate) promised: bool,
    /// How often its transactional effect landed.
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

/// A receiver's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Receiver {
    Idle,
    /// About to write the body.
    Body {
        event: u8,
    },
    /// About to put the record; `lost`: a put of its own held, whose answer was lost.
    Put {
        event: u8,
        lost: bool,
    },
    /// About to note that it sends a ticket for a stranded record.
    Stranded {
        event: u8,
        seen: Rec,
        outdated: Outdated,
    },
    /// About to replay a dead record.
    Replay {
        event: u8,
        outdated: Outdated,
        lost: bool,
    },
    /// About to send, then to answer 200.
    Send {
        event: u8,
    },
    /// Only without "body before record": about to write the body after the record.
    LateBody {
        event: u8,
    },
}

/// A worker's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Worker {
    Idle,
    /// About to put the record off by its labels.
    PutOff {
        ticket: Ticket,
        how: PutOff,
    },
    /// About to claim.
    Claim {
        ticket: Ticket,
        off: bool,
        lost: bool,
    },
    /// About to replay, with a redriven ticket.
    Revive {
        ticket: Ticket,
        off: bool,
        outdated: Outdated,
        lost: bool,
    },
    /// Has claimed, has not run.
    Claimed {
        ticket: Ticket,
        fenced: bool,
        attempt: u8,
    },
    /// About to make its closing write.
    Settle {
        ticket: Ticket,
        fenced: bool,
        attempt: u8,
        closing: Closing,
        lost: bool,
    },
}

/// How a ticket is put off before a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PutOff {
    /// The switch is off.
    Park,
    /// For a short while.
    Short,
    /// For longer than a ticket is hidden.
    Long,
}

/// What a worker settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Closing {
    Done,
    /// The transaction was refused by the version guard.
    Stale,
    Retry,
    RetryLong,
    Reject,
    Defer,
    DeferLong,
    Park,
    /// One claim too many.
    Exhausted,
    /// The body is gone.
    BodyMissing,
}

/// A sweep's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sweep {
    Idle,
    /// Has read a record and is about to write.
    Write {
        event: u8,
        seen: Rec,
        outdated: Outdated,
    },
    /// About to send.
    Send {
        event: u8,
    },
}

/// The operator's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operator {
    Idle,
    /// Has read a dead record and is about to replay it.
    Replay {
        event: u8,
        outdated: Outdated,
        lost: bool,
    },
    /// Has read a dead record and is about to discard it.
    Discard {
        event: u8,
        outdated: Outdated,
    },
    /// About to send.
    Send {
        event: u8,
    },
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
    /// A record was opened before it was due.
    ReleasedEarly,
    /// A deferral overwrote a longer wait.
    WaitShortened,
}

impl System {
    /// Nothing has arrived yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        let event = EventState {
            record: None,
            body: false,
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

impl Worker {
    /// The ticket in its hands.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Idle => None,
            Self::PutOff { ticket, .. }
            | Self::Claim { ticket, .. }
            | Self::Revive { ticket, .. }
            | Self::Claimed { ticket, .. }
            | Self::Settle { ticket, .. } => Some(*ticket),
        }
    }

    fn ticket_mut(&mut self) -> Option<&mut Ticket> {
        match self {
            Self::Idle => None,
            Self::PutOff { ticket, .. }
            | Self::Claim { ticket, .. }
            | Self::Revive { ticket, .. }
            | Self::Claimed { ticket, .. }
            | Self::Settle { ticket, .. } => Some(ticket),
        }
    }

    /// Whether a write of its own may have held without its knowing.
    pub(crate) fn has_lost_an_answer(&self) -> bool {
        matches!(
            self,
            Self::Claim { lost: true, .. }
                | Self::Revive { lost: true, .. }
                | Self::Settle { lost: true, .. }
        )
    }
}

impl Closing {
    /// Whether the handler ran before it.
    pub(crate) fn is_of_a_run(self) -> bool {
        match self {
            Self::Done | Self::Stale | Self::Retry | Self::RetryLong | Self::Reject => true,
            Self::Defer | Self::DeferLong | Self::Park | Self::Exhausted | Self::BodyMissing => {
                false
            }
        }
    }
}

impl EventState {
    /// The record's state, if it exists.
    pub(crate) fn phase(&self) -> Option<Phase> {
        self.record.map(|rec| rec.state)
    }

    /// Whether it is in this room.
    pub(crate) fn is_in(&self, room: Room) -> bool {
        self.record.and_then(|rec| rec.room()) == Some(room)
    }
}
