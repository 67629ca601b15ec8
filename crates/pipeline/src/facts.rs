//! What is worth knowing about a run: each fact is one log line and its metric points, named in
//! one place. Adapters render them; nothing else logs what a fact says.
//!
//! A fact carries ids, counts and short causes: never a body, a secret or a header's value.

use holdfast_domain::outcome::Attempt;
use holdfast_domain::record::{Origin, RecordKey, State};
use holdfast_domain::time::Span;
use std::sync::Mutex;

/// Something that happened.
#[allow(missing_docs)] // the fields are what their names say
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// An event is stored.
    Accepted { key: RecordKey, kind: String, origin: Origin },
    /// An event arrived again.
    Duplicate { key: RecordKey, state: State },
    /// An event's key was taken by another event: it is stored beside it.
    KeyCollision { key: RecordKey, beside: RecordKey },
    /// A signed body could not be read; it is stored with what is known.
    Unparsable { key: RecordKey },
    /// A body came again under another key, and the signature covers no key: perhaps a captured
    /// request.
    EqualBody { key: RecordKey, other: RecordKey },
    /// A request's list is too long to take it apart; it is stored as one event.
    NotTakenApart { source: String, items: u64 },
    /// A request was refused. The source is the configured one, if the path named one.
    Rejected { source: Option<String>, reason: &'static str },
    /// A handshake was answered.
    Handshake { source: String },
    /// A provider offered a secret at a handshake; an operator has to look at it.
    SecretOffered { source: String },
    /// A source cannot verify anything, because its secret is not there.
    SecretUnavailable { source: String, cause: String },
    /// A page of the provider, with keys or to confirm a handshake, could not be fetched; the provider
    /// was told to come again.
    PageNotFetched { source: String, cause: String },
    /// An event could not be stored; the provider was told to come again.
    NotStored { source: String, cause: String },
    /// A ticket could not be sent; the sweep will send it.
    TicketNotSent { key: RecordKey, cause: String },
    /// A queue message is not a ticket. It ends in the dead-letter queue.
    TicketUnreadable { message: String, cause: String },
    /// A ticket's task died. The ticket comes back.
    TaskPanicked { message: String },
    /// A claim was not granted, and why.
    NotClaimed { key: RecordKey, why: &'static str },
    /// An attempt was made and its outcome written.
    Settled { key: RecordKey, to: String, attempt: u32, log: Attempt, state: State },
    /// An event died without a run: every allowed attempt was claimed before.
    Exhausted { key: RecordKey, attempt: u32 },
    /// Another worker had taken over before the outcome could be written.
    Fenced { key: RecordKey },
    /// An event was put off or parked before anybody claimed it.
    PutOff { key: RecordKey, why: &'static str },
    /// A redriven ticket brought a dead event back.
    Redriven { key: RecordKey },
    /// A call to the world failed while a ticket was worked on. The ticket comes back.
    TicketFailed { key: RecordKey, cause: String },
    /// A body could not be read. Its event is put off, and comes back for as long as it cannot.
    BodyUnreadable { key: RecordKey, cause: String },
    /// A sweep is over.
    Swept {
        looked_at: u64,
        resent: u64,
        released: u64,
        failed: u64,
        visible: u64,
        lag: Span,
        dead: u64,
        complete: bool,
    },
    /// A call to the world failed while the sweep looked at a record. The next sweep comes back to it.
    SweepFailed { key: RecordKey, cause: String },
    /// The daily pass over bodies is over.
    Renewed { looked_at: u64, renewed: u64, gone: u64, failed: u64, complete: bool },
    /// A call to the world failed while a body was to be kept longer. The next pass comes back to it.
    RenewFailed { key: RecordKey, cause: String },
    /// A poll of a provider's API is over.
    Polled {
        source: String,
        listed: u64,
        known: u64,
        missed: u64,
        pending: u64,
        lag: Span,
        complete: bool,
    },
    /// A poll of a provider's API failed. The watermark stays where it is.
    PollFailed { source: String, cause: String },
    /// A poll found an event that no webhook had brought.
    Missed { key: RecordKey, kind: String },
    /// An operator replayed or discarded an event.
    Ordered { key: RecordKey, order: &'static str },
}

/// How loud a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The ordinary course.
    Info,
    /// Worth a look; the system copes by itself.
    Warning,
    /// Somebody has to act.
    Error,
}

/// One metric point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The metric's name.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// CloudWatch's name of its unit.
    pub unit: &'static str,
}

impl Point {
    const fn count(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: "Count" }
    }

    const fn millis(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: "Milliseconds" }
    }

    const fn seconds(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: "Seconds" }
    }
}

/// A field of a fact's log line.
pub type Field = (&'static str, String);

impl Fact {
    /// The log line's message.
    pub const fn message(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "event accepted",
            Self::Duplicate { .. } => "event arrived again",
            Self::KeyCollision { .. } => "two events share a key",
            Self::Unparsable { .. } => "signed body could not be parsed",
            Self::EqualBody { .. } => "equal body under another key",
            Self::NotTakenApart { .. } => "list too long, stored as one event",
            Self::Rejected { .. } => "request rejected",
            Self::Handshake { .. } => "handshake answered",
            Self::SecretOffered { .. } => "secret offered, see holdfast offers",
            Self::SecretUnavailable { .. } => "source has no usable secret",
            Self::PageNotFetched { .. } => "provider's page could not be fetched",
            Self::NotStored { .. } => "event could not be stored",
            Self::TicketNotSent { .. } => "ticket could not be sent, the sweep will",
            Self::TicketUnreadable { .. } => "queue message is not a ticket",
            Self::TaskPanicked { .. } => "a ticket's task panicked",
            Self::NotClaimed { .. } => "claim not granted",
            Self::Settled { .. } => "attempt settled",
            Self::Exhausted { .. } => "event died, its attempts were never settled",
            Self::Fenced { .. } => "another worker took over",
            Self::PutOff { .. } => "event put off",
            Self::Redriven { .. } => "dead event redriven",
            Self::TicketFailed { .. } => "ticket could not be worked on, it comes back",
            Self::BodyUnreadable { .. } => "body could not be read, its event comes back",
            Self::Swept { .. } => "sweep over",
            Self::SweepFailed { .. } => "record could not be swept, the next sweep will",
            Self::Renewed { .. } => "bodies renewed",
            Self::RenewFailed { .. } => "body could not be renewed, the next pass will",
            Self::Polled { .. } => "poll over",
            Self::PollFailed { .. } => "poll failed",
            Self::Missed { .. } => "poll found a missed event",
            Self::Ordered { .. } => "operator's order carried out",
        }
    }

    /// How loud it is.
    pub const fn level(&self) -> Level {
        match self {
            Self::KeyCollision { .. }
            | Self::SecretUnavailable { .. }
            | Self::PageNotFetched { .. }
            | Self::NotStored { .. }
            | Self::TicketUnreadable { .. }
            | Self::TaskPanicked { .. }
            | Self::PollFailed { .. }
            | Self::Exhausted { .. }
            | Self::Settled { state: State::Dead, .. } => Level::Error,
            Self::Unparsable { .. }
            | Self::EqualBody { .. }
            | Self::NotTakenApart { .. }
            | Self::SecretOffered { .. }
            | Self::TicketNotSent { .. }
            | Self::Fenced { .. }
            | Self::TicketFailed { .. }
            | Self::BodyUnreadable { .. }
            | Self::SweepFailed { .. }
            | Self::RenewFailed { .. }
            | Self::Missed { .. }
            | Self::Settled { state: State::Received, .. } => Level::Warning,
            _ => Level::Info,
        }
    }

    /// The source it is about: the one dimension of its metrics.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Rejected { source, .. } => source.as_deref(),
            Self::Handshake { source }
            | Self::NotTakenApart { source, .. }
            | Self::SecretOffered { source }
            | Self::SecretUnavailable { source, .. }
            | Self::PageNotFetched { source, .. }
            | Self::NotStored { source, .. }
            | Self::Polled { source, .. }
            | Self::PollFailed { source, .. } => Some(source),
            Self::Accepted { key, .. }
            | Self::Duplicate { key, .. }
            | Self::KeyCollision { key, .. }
            | Self::Unparsable { key }
            | Self::EqualBody { key, .. }
            | Self::TicketNotSent { key, .. }
            | Self::NotClaimed { key, .. }
            | Self::Settled { key, .. }
            | Self::Exhausted { key, .. }
            | Self::Fenced { key }
            | Self::PutOff { key, .. }
            | Self::Redriven { key }
            | Self::TicketFailed { key, .. }
            | Self::BodyUnreadable { key, .. }
            | Self::SweepFailed { key, .. }
            | Self::RenewFailed { key, .. }
            | Self::Missed { key, .. }
            | Self::Ordered { key, .. } => Some(key.source()),
            Self::TicketUnreadable { .. }
            | Self::TaskPanicked { .. }
            | Self::Swept { .. }
            | Self::Renewed { .. } => None,
        }
    }

    /// The record it is about.
    pub const fn key(&self) -> Option<&RecordKey> {
        match self {
            Self::Accepted { key, .. }
            | Self::Duplicate { key, .. }
            | Self::KeyCollision { key, .. }
            | Self::Unparsable { key }
            | Self::EqualBody { key, .. }
            | Self::TicketNotSent { key, .. }
            | Self::NotClaimed { key, .. }
            | Self::Settled { key, .. }
            | Self::Exhausted { key, .. }
            | Self::Fenced { key }
            | Self::PutOff { key, .. }
            | Self::Redriven { key }
            | Self::TicketFailed { key, .. }
            | Self::BodyUnreadable { key, .. }
            | Self::SweepFailed { key, .. }
            | Self::RenewFailed { key, .. }
            | Self::Missed { key, .. }
            | Self::Ordered { key, .. } => Some(key),
            _ => None,
        }
    }

    /// What the log line says beside message, source and key.
    pub fn fields(&self) -> Vec<Field> {
        match self {
            Self::Accepted { kind, origin, .. } => {
                vec![("kind", kind.clone()), ("origin", origin.as_str().to_owned())]
            }
            Self::Duplicate { state, .. } => vec![("state", state.as_str().to_owned())],
            Self::KeyCollision { beside, .. } => vec![("beside", beside.to_string())],
            Self::EqualBody { other, .. } => vec![("other", other.to_string())],
            Self::NotTakenApart { items, .. } => vec![("items", items.to_string())],
            Self::Rejected { reason, .. } => vec![("reason", (*reason).to_owned())],
            Self::SecretUnavailable { cause, .. }
            | Self::PageNotFetched { cause, .. }
            | Self::NotStored { cause, .. }
            | Self::TicketNotSent { cause, .. }
            | Self::TicketFailed { cause, .. }
            | Self::BodyUnreadable { cause, .. }
            | Self::SweepFailed { cause, .. }
            | Self::RenewFailed { cause, .. }
            | Self::PollFailed { cause, .. } => vec![("cause", cause.clone())],
            Self::TicketUnreadable { message, cause } => {
                vec![("message_id", message.clone()), ("cause", cause.clone())]
            }
            Self::TaskPanicked { message } => vec![("message_id", message.clone())],
            Self::NotClaimed { why, .. } | Self::PutOff { why, .. } => {
                vec![("why", (*why).to_owned())]
            }
            Self::Settled { to, attempt, log, state, .. } => {
                settled_fields(to, *attempt, log, *state)
            }
            Self::Swept { looked_at, resent, released, failed, visible, lag, dead, complete } => {
                vec![
                    ("looked_at", looked_at.to_string()),
                    ("resent", resent.to_string()),
                    ("released", released.to_string()),
                    ("failed", failed.to_string()),
                    ("visible", visible.to_string()),
                    ("lag_secs", lag.secs_up().to_string()),
                    ("dead", dead.to_string()),
                    ("complete", complete.to_string()),
                ]
            }
            Self::Renewed { looked_at, renewed, gone, failed, complete } => vec![
                ("looked_at", looked_at.to_string()),
                ("renewed", renewed.to_string()),
                ("gone", gone.to_string()),
                ("failed", failed.to_string()),
                ("complete", complete.to_string()),
            ],
            Self::Polled { listed, known, missed, pending, lag, complete, .. } => vec![
                ("listed", listed.to_string()),
                ("known", known.to_string()),
                ("missed", missed.to_string()),
                ("pending", pending.to_string()),
                ("lag_secs", lag.secs_up().to_string()),
                ("complete", complete.to_string()),
            ],
            Self::Exhausted { attempt, .. } => vec![("attempt", attempt.to_string())],
            Self::Missed { kind, .. } => vec![("kind", kind.clone())],
            Self::Ordered { order, .. } => vec![("order", (*order).to_owned())],
            Self::Unparsable { .. }
            | Self::Handshake { .. }
            | Self::SecretOffered { .. }
            | Self::Fenced { .. }
            | Self::Redriven { .. } => Vec::new(),
        }
    }

    /// Its metric points, in the namespace `Holdfast` with the dimension `Source` where it has one.
    #[allow(clippy::cast_precision_loss)] // counts of one run
    pub fn points(&self) -> Vec<Point> {
        let once = |name| vec![Point::count(name, 1.0)];
        match self {
            Self::Accepted { .. } => once("EventsAccepted"),
            Self::Duplicate { .. } => once("DuplicateEvents"),
            Self::KeyCollision { .. } => once("KeyCollisions"),
            Self::Unparsable { .. } => once("UnparsableBodies"),
            Self::EqualBody { .. } => once("EqualBodies"),
            Self::NotTakenApart { .. } => once("ListsNotTakenApart"),
            Self::Rejected { .. } => once("RejectedRequests"),
            Self::Handshake { .. } => once("Handshakes"),
            Self::SecretOffered { .. } => once("SecretsOffered"),
            Self::SecretUnavailable { .. } => once("SecretUnavailable"),
            Self::PageNotFetched { .. } => once("PagesNotFetched"),
            Self::NotStored { .. } => once("EventsNotStored"),
            Self::TicketNotSent { .. } => once("TicketsNotSent"),
            Self::TicketUnreadable { .. } => once("UnreadableTickets"),
            Self::TaskPanicked { .. } => once("PanickedTasks"),
            Self::NotClaimed { .. } => once("ClaimsNotGranted"),
            Self::Settled { log, state, .. } => vec![
                Point::count(settled_metric(*state), 1.0),
                Point::millis("AttemptDuration", log.took.millis() as f64),
            ],
            Self::Exhausted { .. } => once("EventsDied"),
            Self::Fenced { .. } => once("FencedWrites"),
            Self::PutOff { .. } => once("EventsPutOff"),
            Self::Redriven { .. } => once("EventsRedriven"),
            Self::TicketFailed { .. } => once("TicketsFailed"),
            Self::BodyUnreadable { .. } => once("BodiesUnreadable"),
            Self::Swept { resent, released, failed, lag, dead, complete, .. } => vec![
                Point::count("SweepCompleted", f64::from(u8::from(*complete))),
                Point::count("TicketsResent", *resent as f64),
                Point::count("EventsReleased", *released as f64),
                Point::count("SweepFailures", *failed as f64),
                Point::count("DeadEvents", *dead as f64),
                Point::seconds("QueueLag", lag.secs_up() as f64),
            ],
            Self::Renewed { renewed, gone, failed, .. } => vec![
                Point::count("BodiesRenewed", *renewed as f64),
                Point::count("BodiesGone", *gone as f64),
                Point::count("RenewFailures", *failed as f64),
            ],
            Self::Polled { listed, missed, lag, .. } => vec![
                Point::count("PollListed", *listed as f64),
                Point::count("PollMissed", *missed as f64),
                Point::seconds("PollLag", lag.secs_up() as f64),
            ],
            Self::PollFailed { .. } => once("PollFailures"),
            // Those of sweeps and passes are counted when the run is over.
            Self::SweepFailed { .. }
            | Self::RenewFailed { .. }
            | Self::Missed { .. }
            | Self::Ordered { .. } => Vec::new(),
        }
    }
}

const fn settled_metric(state: State) -> &'static str {
    match state {
        State::Processed => "EventsProcessed",
        State::Dead => "EventsDied",
        State::Received | State::Processing => "AttemptsToRepeat",
    }
}

fn settled_fields(to: &str, attempt: u32, log: &Attempt, state: State) -> Vec<Field> {
    let mut fields = vec![
        ("to", to.to_owned()),
        ("state", state.as_str().to_owned()),
        ("attempt", attempt.to_string()),
        ("result", log.result.clone()),
        ("took_ms", log.took.millis().to_string()),
    ];
    fields.extend(log.status.map(|status| ("status", status.to_string())));
    fields.extend(log.error.clone().map(|error| ("error", error)));
    fields
}

/// Where facts go.
pub trait Facts: Send + Sync {
    /// Records a fact. Never fails: what cannot be said is lost, not the event.
    fn record(&self, fact: Fact);
}

/// Facts kept in memory, for the local runner and for tests.
#[derive(Debug, Default)]
pub struct KeptFacts(Mutex<Vec<Fact>>);

impl KeptFacts {
    /// Takes out what was recorded so far.
    pub fn take(&self) -> Vec<Fact> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Facts for KeptFacts {
    fn record(&self, fact: Fact) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(fact);
    }
}
