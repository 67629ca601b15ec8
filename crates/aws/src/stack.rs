//! One deployed stack as the use cases see it: all ports on AWS.

use crate::bodies::Bodies;
use crate::clients::Clients;
use crate::clock::SystemClock;
use crate::event_store::EventTable;
use crate::queue::Queue;
use crate::random::SystemRandom;
use crate::secrets::StackSecret;
use holdfast_domain::record::RecordKey;
use holdfast_pipeline::facts::Facts;
use holdfast_pipeline::ports::{Clock, EventStore, Ports, Random, Result, TicketSender};
use std::sync::Arc;

/// The names of a stack's resources, as CloudFormation gives them to the functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// The events table.
    pub table: String,
    /// The bodies table.
    pub bodies_table: String,
    /// The bodies bucket.
    pub bodies_bucket: String,
    /// The queue's URL.
    pub queue_url: String,
    /// The secret's name or ARN.
    pub secret_id: String,
}

/// All ports on AWS.
#[derive(Clone)]
pub struct Stack {
    events: EventTable,
    bodies: Bodies,
    queue: Queue,
    secrets: StackSecret,
    facts: Arc<dyn Facts>,
}

impl Stack {
    /// The stack of these resources; nothing is called yet.
    pub fn new(clients: &Clients, resources: &Resources, facts: Arc<dyn Facts>) -> Self {
        let dynamodb = &clients.dynamodb;
        Self {
            events: EventTable::new(dynamodb.clone(), &resources.table),
            bodies: Bodies::new(
                dynamodb.clone(),
                &resources.bodies_table,
                clients.s3.clone(),
                &resources.bodies_bucket,
            ),
            queue: Queue::new(clients.sqs.clone(), &resources.queue_url),
            secrets: StackSecret::new(clients.secrets_manager.clone(), &resources.secret_id),
            facts,
        }
    }

    /// Opens the connections that the first request would otherwise wait for, with one cheap call
    /// each, while the function starts: a TLS handshake costs a small function most of a second.
    /// A failure is logged and nothing else: the request will find out by itself.
    ///
    /// Not to Secrets Manager: who needs secrets has a cache to load them into, and who does not
    /// is spared the handshake.
    pub async fn connect(&self) {
        let (table, queue) = tokio::join!(self.touch_table(), self.queue.visible());
        warn_of("DynamoDB", table);
        warn_of("SQS", queue.map(drop));
    }

    async fn touch_table(&self) -> Result<()> {
        match RecordKey::parse("E#-#connect") {
            Some(nothing) => self.events.read(&nothing).await.map(drop),
            None => Ok(()),
        }
    }
}

fn warn_of(service: &'static str, touched: Result<()>) {
    if let Err(error) = touched {
        tracing::warn!(service, %error, "could not connect while starting");
    }
}

impl Ports for Stack {
    type Events = EventTable;
    type Documents = EventTable;
    type Bodies = Bodies;
    type Tickets = Queue;
    type Secrets = StackSecret;

    fn events(&self) -> &Self::Events {
        &self.events
    }

    fn documents(&self) -> &Self::Documents {
        &self.events
    }

    fn bodies(&self) -> &Self::Bodies {
        &self.bodies
    }

    fn tickets(&self) -> &Self::Tickets {
        &self.queue
    }

    fn secrets(&self) -> &Self::Secrets {
        &self.secrets
    }

    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }

    fn random(&self) -> &dyn Random {
        &SystemRandom
    }

    fn facts(&self) -> &dyn Facts {
        self.facts.as_ref()
    }
}
