//! The closed set of destinations, and the one place that takes a delivery to one of them.

use crate::http::{self, Endpoint};
use crate::secrets::SigningSecrets;
use crate::sqs::{self, Queue};
use holdfast_domain::configuration::{self, Target};
use holdfast_domain::outcome::Outcome;
use holdfast_pipeline::deliver::{Deliver, Delivery};

/// A destination whose settings have been found usable.
#[derive(Debug)]
pub enum Destination {
    /// An HTTP endpoint.
    Http(Endpoint),
    /// An SQS queue.
    Sqs(Queue),
}

impl Destination {
    /// Opens a configured destination. Nothing is called yet.
    ///
    /// # Errors
    /// [`Unusable`] when nothing could ever be delivered with these settings.
    pub fn open(configured: &configuration::Destination) -> Result<Self, Unusable> {
        match &configured.target {
            Target::Http(http) => Ok(Self::Http(Endpoint::new(http)?)),
            Target::Sqs(sqs) => Ok(Self::Sqs(Queue::new(sqs)?)),
        }
    }
}

/// Why nothing could ever be delivered to a destination.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The settings of an HTTP endpoint.
    #[error(transparent)]
    Http(#[from] http::Unusable),
    /// The settings of a queue.
    #[error(transparent)]
    Sqs(#[from] sqs::Unusable),
}

/// Takes events to their destinations.
pub struct Destinations<S> {
    secrets: S,
    sqs: Option<aws_sdk_sqs::Client>,
}

impl<S: SigningSecrets> Destinations<S> {
    /// With a client for the queues. Its time-outs and retries do not matter: deliveries have limits
    /// of their own.
    pub fn new(secrets: S, sqs: &aws_sdk_sqs::Client) -> Self {
        Self { secrets, sqs: Some(sqs::for_deliveries(sqs)) }
    }

    /// Without AWS: events for a queue wait until there is one.
    pub fn without_queues(secrets: S) -> Self {
        Self { secrets, sqs: None }
    }
}

impl<S: SigningSecrets> Deliver for Destinations<S> {
    type Destination = Destination;

    async fn deliver(&self, to: &Destination, delivery: &Delivery) -> Outcome {
        match to {
            Destination::Http(endpoint) => endpoint.deliver(&self.secrets, delivery).await,
            Destination::Sqs(queue) => queue.deliver(self.sqs.as_ref(), delivery).await,
        }
    }
}
