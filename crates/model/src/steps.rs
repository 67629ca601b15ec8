//! The local step of each process: what it has in hand and which call it makes next.

use crate::projection::{Outdated, Rec};
use crate::state::Ticket;

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

/// The daily pass's step, which keeps the bodies that are still needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Renewal {
    Idle,
    /// Has read a record and is about to keep its body longer.
    Body {
        event: u8,
    },
    /// About to note that in the record.
    Note {
        event: u8,
    },
}

impl Receiver {
    /// The event that it is about.
    pub(crate) fn event(&self) -> Option<u8> {
        match self {
            Self::Idle => None,
            Self::Body { event }
            | Self::Put { event, .. }
            | Self::Stranded { event, .. }
            | Self::Replay { event, .. }
            | Self::Send { event }
            | Self::LateBody { event } => Some(*event),
        }
    }

    /// Whether it is between the body and the record of this event.
    pub(crate) fn is_storing(&self, event: u8) -> bool {
        matches!(self, Self::Put { .. }) && self.event() == Some(event)
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

    /// The ticket in its hands, to change.
    pub(crate) fn ticket_mut(&mut self) -> Option<&mut Ticket> {
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
