//! What can happen next, and whether it is a fault.

use std::fmt;

/// One step of one process, of the queue, of time, or of somebody outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// The provider posts the event to a receiver.
    Deliver { event: u8, receiver: u8 },
    /// A process makes the call that its step is about.
    Call { process: Process, answer: Answer },
    /// A worker gets a ticket and decides, by its labels, what to do with it.
    Receive { worker: u8, ticket: u8, plan: Plan },
    /// A worker runs the handler.
    Run { worker: u8, outcome: Run },
    /// A sweep reads a record that needs help.
    Look { sweep: u8, event: u8 },
    /// A process dies.
    Crash { process: Process },
    /// A hidden ticket shows.
    Show { ticket: u8 },
    /// A ticket that was received too often is moved to the dead-letter queue.
    Bounce { ticket: u8 },
    /// A receive is throttled: counted, not run.
    Throttle { ticket: u8 },
    /// A ticket is lost.
    Lose { ticket: u8 },
    /// A ticket is delivered a second time.
    Double { ticket: u8 },
    /// A ticket in a worker's hands shows again.
    Reappear { worker: u8 },
    /// A dead letter expires.
    ExpireLetter { event: u8 },
    /// A record expires that was not processed.
    ExpireOpen { event: u8 },
    /// A processed record expires (T10).
    Expire { event: u8 },
    /// A body has two weeks left.
    Age { event: u8 },
    /// A body expires.
    ExpireBody { event: u8 },
    /// The daily pass reads a record whose body has to be kept longer.
    Renew { event: u8 },
    /// The lease ends.
    Lapse { event: u8 },
    /// The lease ends while its worker is still alive.
    Outlive { event: u8 },
    /// A ticket of a dead record gets the wrong stamp by the queue.
    Misdate { ticket: u8 },
    /// A waiting record's time comes.
    FallDue { event: u8 },
    /// Its ticket is so old that it may be lost.
    Overdue { event: u8 },
    /// The operator reads a dead record in order to replay it.
    OrderReplay { event: u8 },
    /// The operator reads a dead record in order to discard it.
    OrderDiscard { event: u8 },
    /// The operator moves a dead letter back; `quick`: seconds after it was sent.
    Redrive { event: u8, quick: bool },
    /// The operator turns the switch off or on.
    Switch { off: bool },
}

/// A process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Process {
    /// A receiver.
    Receiver(u8),
    /// A worker.
    Worker(u8),
    /// A sweep.
    Sweep(u8),
    /// The operator's command.
    Operator,
    /// The daily pass over the bodies.
    Renewal,
}

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    /// It arrives and is answered.
    Given,
    /// It arrives, its answer is lost, and the SDK repeats it.
    Lost,
    /// It fails.
    Failed,
}

/// What a worker does with a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Plan {
    /// Claim, or park if the switch is off.
    Work,
    /// Put it off for a short while.
    PutOff,
    /// Put it off for long.
    PutOffLong,
}

/// What the handler says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Run {
    /// Done.
    Done,
    /// Failed: again soon.
    Retry,
    /// Failed: again after long.
    RetryLong,
    /// Failed for good.
    Reject,
    /// Not run: soon.
    Defer,
    /// Not run: after long.
    DeferLong,
}

impl Action {
    /// Whether it is nobody's fault, nobody's order and no help from the provider: what the system
    /// does by itself.
    pub(crate) fn is_own(&self) -> bool {
        match self {
            Self::Call { answer, .. } => *answer == Answer::Given,
            Self::Receive { .. }
            | Self::Run { .. }
            | Self::Look { .. }
            | Self::Renew { .. }
            | Self::Show { .. }
            | Self::Bounce { .. }
            | Self::Lapse { .. }
            | Self::FallDue { .. }
            | Self::Overdue { .. } => true,
            Self::Switch { off } => !off,
            _ => false,
        }
    }

    /// Whether it is an operator's order.
    pub(crate) fn is_order(&self) -> bool {
        matches!(self, Self::OrderReplay { .. } | Self::Redrive { .. })
    }
}

impl fmt::Display for Process {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receiver(number) => write!(out, "receiver {}", number + 1),
            Self::Worker(number) => write!(out, "worker {}", number + 1),
            Self::Sweep(number) => write!(out, "sweep {}", number + 1),
            Self::Operator => write!(out, "operator"),
            Self::Renewal => write!(out, "daily pass"),
        }
    }
}
