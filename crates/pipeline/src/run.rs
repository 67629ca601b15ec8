//! Run one attempt so that a panic is one failed attempt and nothing more, and an attempt without
//! end is cut off.

use crate::deliver::{Deliver, Delivery, Handled, HandlerError};
use crate::target::Target;
use futures_util::FutureExt;
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use std::panic::AssertUnwindSafe;

/// Runs an event at its target until the delivery's deadline.
pub(crate) async fn run<D: Deliver>(
    target: &Target<'_, D::Destination>,
    deliver: &D,
    delivery: Delivery,
) -> Outcome {
    let limit = delivery.deadline.since(delivery.now);
    let attempt = async {
        match target {
            Target::Nowhere => Outcome::done(Ending::Unrouted),
            Target::Handler(registered) => handled(registered.handler.handle(delivery).await),
            Target::Route(route) => deliver.deliver(route.destination, &delivery).await,
        }
    };
    // What a panic may have left half done is dropped with the future; nothing of it is used.
    let caught = AssertUnwindSafe(attempt).catch_unwind();
    match tokio::time::timeout(limit.into(), caught).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => retry(Class::Panic, "the handler panicked".to_owned()),
        Err(_) => retry(Class::Timeout, format!("not done in {} s", limit.secs_up())),
    }
}

fn handled(handled: Handled) -> Outcome {
    match handled {
        Ok(effect) => Outcome::Done(Ending::Applied, effect),
        Err(HandlerError::Retry(failure)) => Outcome::Retry { failure, after: None },
        Err(HandlerError::Reject(failure)) => Outcome::Reject(failure),
        Err(HandlerError::Defer { wait, reason }) => Outcome::Defer { wait, reason },
    }
}

fn retry(class: Class, message: String) -> Outcome {
    Outcome::Retry { failure: Failure::new(class, message), after: None }
}
