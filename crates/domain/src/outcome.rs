//! What an attempt came to, and how an event ended.

use crate::effect::Effect;
use crate::time::{Span, Timestamp};
use std::fmt;

/// What one attempt meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The work is done: the record is completed, together with the handler's effect.
    Done(Ending, Effect),
    /// It failed in a way that may pass: try again later, not before `after` if given.
    Retry {
        /// What went wrong.
        failure: Failure,
        /// The least wait that the destination asked for.
        after: Option<Span>,
    },
    /// It failed in a way that will not pass.
    Reject(Failure),
    /// It may not run yet: try again after a while, without counting this attempt.
    Defer {
        /// How long to wait.
        wait: Span,
        /// Why, for the log.
        reason: String,
    },
}

impl Outcome {
    /// Done, with nothing to commit beside the completion.
    pub fn done(ending: Ending) -> Self {
        Self::Done(ending, Effect::default())
    }
}

/// What came of a processed event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// A destination took it.
    Delivered,
    /// A handler ran it.
    Applied,
    /// No route leads anywhere for it.
    Unrouted,
    /// A newer version of its entity was there before.
    Stale,
    /// An operator let it go.
    Discarded,
}

impl Ending {
    /// All endings.
    pub const ALL: [Self; 5] =
        [Self::Delivered, Self::Applied, Self::Unrouted, Self::Stale, Self::Discarded];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Applied => "applied",
            Self::Unrouted => "unrouted",
            Self::Stale => "stale",
            Self::Discarded => "discarded",
        }
    }

    /// The ending of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == text)
    }
}

/// The class of a failure: a short, stable word to count and filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// No connection, or it broke.
    Connect,
    /// No answer in time.
    Timeout,
    /// An answer that says no.
    Status,
    /// The address is not allowed.
    Guard,
    /// The handler said no.
    Handler,
    /// The handler panicked.
    Panic,
    /// The body is gone.
    BodyMissing,
    /// Every allowed attempt was made.
    Exhausted,
    /// The destination's settings or secret are not usable.
    Setup,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 9] = [
        Self::Connect,
        Self::Timeout,
        Self::Status,
        Self::Guard,
        Self::Handler,
        Self::Panic,
        Self::BodyMissing,
        Self::Exhausted,
        Self::Setup,
    ];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Status => "status",
            Self::Guard => "guard",
            Self::Handler => "handler",
            Self::Panic => "panic",
            Self::BodyMissing => "body_missing",
            Self::Exhausted => "exhausted",
            Self::Setup => "setup",
        }
    }

    /// The class of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub class: Class,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// What went wrong, for people; at most [`Failure::MAX_MESSAGE_BYTES`].
    pub message: String,
}

impl Failure {
    /// The longest message that is kept: twenty log entries stay small beside a record.
    pub const MAX_MESSAGE_BYTES: usize = 200;

    /// A failure without an HTTP status. The message is cut where it is too long.
    pub fn new(class: Class, message: impl fmt::Display) -> Self {
        Self { class, status: None, message: cut(message.to_string()) }
    }

    /// The same failure with an HTTP status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }
}

/// At most [`Failure::MAX_MESSAGE_BYTES`] of a text, cut between characters.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(Failure::MAX_MESSAGE_BYTES));
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.class.as_str())?;
        if let Some(status) = self.status {
            write!(out, " {status}")?;
        }
        write!(out, ": {}", self.message)
    }
}

/// One line of a record's attempt log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When the claim was made.
    pub at: Timestamp,
    /// How long the run took.
    pub took: Span,
    /// What came of it: an ending, `retry`, `reject` or `defer`.
    pub result: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// A short error, or why it was put off, where there was one.
    pub error: Option<String>,
}

/// How many attempts a record remembers.
pub const MAX_ATTEMPT_LOG: usize = 20;

impl Attempt {
    /// The log line of an outcome.
    pub fn of(outcome: &Outcome, at: Timestamp, took: Span) -> Self {
        let (result, failure) = match outcome {
            Outcome::Done(ending, _) => (ending.as_str(), None),
            Outcome::Retry { failure, .. } => ("retry", Some(failure)),
            Outcome::Reject(failure) => ("reject", Some(failure)),
            Outcome::Defer { .. } => ("defer", None),
        };
        let error = match outcome {
            Outcome::Defer { reason, .. } => Some(cut(reason.clone())),
            _ => failure.map(|failure| format!("{}: {}", failure.class.as_str(), failure.message)),
        };
        Self {
            at,
            took,
            result: result.to_owned(),
            status: failure.and_then(|failure| failure.status),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_between_characters() {
        let failure = Failure::new(Class::Status, "ü".repeat(150));
        assert_eq!(failure.message, "ü".repeat(100));
        assert_eq!(Failure::new(Class::Status, "x".repeat(201)).message.len(), 200);
    }

    #[test]
    fn a_failure_is_shown_with_its_status() {
        let failure = Failure::new(Class::Status, "no");
        assert_eq!(failure.to_string(), "status: no");
        let failure = failure.with_status(503);
        assert_eq!((failure.class, failure.status), (Class::Status, Some(503)));
        assert_eq!(failure.to_string(), "status 503: no");
        let retried = Outcome::Retry { failure, after: None };
        let log = Attempt::of(&retried, Timestamp::from_secs(1), Span::from_secs(2));
        assert_eq!((log.at, log.took), (Timestamp::from_secs(1), Span::from_secs(2)));
        assert_eq!((log.status, log.error.as_deref()), (Some(503), Some("status: no")));
    }

    #[test]
    fn the_log_says_why_an_attempt_was_put_off() {
        let put_off = |reason: String| Outcome::Defer { wait: Span::from_secs(30), reason };
        let of = |outcome: &Outcome| Attempt::of(outcome, Timestamp::EPOCH, Span::ZERO);
        let log = of(&put_off("could not read the body: AccessDenied".to_owned()));
        assert_eq!(log.result, "defer");
        assert_eq!(log.error.as_deref(), Some("could not read the body: AccessDenied"));
        let long = of(&put_off("ü".repeat(1000))).error.expect("a reason");
        assert_eq!(long, "ü".repeat(Failure::MAX_MESSAGE_BYTES / 2));
    }

    #[test]
    fn names_are_read_back() {
        for ending in Ending::ALL {
            assert_eq!(Ending::parse(ending.as_str()), Some(ending));
        }
        for class in Class::ALL {
            assert_eq!(Class::parse(class.as_str()), Some(class));
        }
    }
}
