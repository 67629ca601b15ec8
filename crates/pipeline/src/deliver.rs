//! One try at an event: what a destination or a handler is given, and the two traits they
//! implement.

use bytes::Bytes;
use holdfast_domain::effect::Effect;
use holdfast_domain::outcome::{Failure, Outcome};
use holdfast_domain::record::Record;
use holdfast_domain::time::{Span, Timestamp};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An event on its way out.
#[derive(Clone)]
pub struct Delivery {
    /// The claimed record: ids, kind, times, kept headers, which attempt it is.
    pub record: Arc<Record>,
    /// The raw body, exactly as the provider sent it.
    pub body: Bytes,
    /// The same text at every attempt: a destination that remembers it does the work once.
    pub idempotency_key: String,
    /// When this attempt starts.
    pub now: Timestamp,
    /// When this attempt has to have ended; what runs longer counts as failed.
    pub deadline: Timestamp,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Delivery({}, {} bytes)", self.record.key(), self.body.len())
    }
}

/// Where events go that no handler takes: the destinations of the configuration.
pub trait Deliver: Send + Sync {
    /// A configured destination.
    type Destination: Send + Sync;

    /// Delivers an event. Every failure is an outcome: to retry or to give up.
    fn deliver(
        &self,
        to: &Self::Destination,
        delivery: &Delivery,
    ) -> impl Future<Output = Outcome> + Send;
}

/// Why a handler did not do its work.
#[derive(Clone, Debug, PartialEq)]
pub enum HandlerError {
    /// It may work later.
    Retry(Failure),
    /// It will never work.
    Reject(Failure),
    /// Not yet: try again after a while without counting this attempt.
    Defer {
        /// How long to wait.
        wait: Span,
        /// Why.
        reason: String,
    },
}

/// A handler's answer: the effect to commit with the completion, or why there is none.
///
/// Effect and completion are one transaction of DynamoDB: at most 99 writes, 98 with a version
/// guard, no item twice, 4 MB in all, and the function has to be allowed to make them. An effect that
/// cannot be committed is a failed attempt, and its reason stands in the event's log of attempts.
/// ([TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html))
pub type Handled = Result<Effect, HandlerError>;

/// The user's own code for an event. What it does to the world beside its [`Effect`] happens at
/// least once; the effect itself happens exactly once.
pub trait Handler: Send + Sync {
    /// Handles an event.
    fn handle(&self, delivery: Delivery) -> Pin<Box<dyn Future<Output = Handled> + Send>>;
}

impl<F, Fut> Handler for F
where
    F: Fn(Delivery) -> Fut + Send + Sync,
    Fut: Future<Output = Handled> + Send + 'static,
{
    fn handle(&self, delivery: Delivery) -> Pin<Box<dyn Future<Output = Handled> + Send>> {
        Box::pin(self(delivery))
    }
}
