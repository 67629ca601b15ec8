//! The closed set of destinations, and the one place that takes a delivery to one of them.

use crate::http::{self, Endpoint};
use crate::secrets::SigningSecrets;
use crate::sqs::{self, Queue};
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
    /// An HTTP endpoint.
    ///
    /// # Errors
    /// When no request could ever be sent with these settings.
    pub fn http(settings: http::Settings) -> Result<Self, http::Unusable> {
        Endpoint::new(settings).map(Self::Http)
    }

    /// An SQS queue.
    ///
    /// # Errors
    /// When the address is not the URL of a queue.
    pub fn sqs(settings: sqs::Settings) -> Result<Self, sqs::Unusable> {
        Queue::new(settings).map(Self::Sqs)
    }
}

/// Takes events to their destinations.
#[derive(Debug)]
pub struct Destinations<S> {
    secrets: S,
    sqs: Option<aws_sdk_sqs::Client>,
}

impl<S: SigningSecrets> Destinations<S> {
    /// With a client for the queues.
    pub fn new(secrets: S, sqs: aws_sdk_sqs::Client) -> Self {
        Self { secrets, sqs: Some(sqs) }
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
