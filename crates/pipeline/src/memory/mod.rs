//! The ports on memory: for `holdfast dev` and for the tests. They behave as their AWS
//! counterparts do where it matters, and the same contract suites run on both.

mod bodies;
mod clock;
mod documents;
mod events;
mod queue;
mod random;
mod secrets;
mod web;

pub use bodies::MemoryBodies;
pub use clock::SetClock;
pub use documents::MemoryDocuments;
pub use events::MemoryEvents;
pub use queue::{MemoryQueue, QueueSettings, Received};
pub use random::SeededRandom;
pub use secrets::MemorySecrets;
pub use web::MemoryWeb;

use crate::facts::Facts;
use crate::ports::{Clock, Ports, Random};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All ports on memory.
pub struct Memory {
    /// The event records.
    pub events: MemoryEvents,
    /// The small documents.
    pub documents: MemoryDocuments,
    /// The bodies.
    pub bodies: MemoryBodies,
    /// The queue.
    pub queue: MemoryQueue,
    /// The secrets.
    pub secrets: MemorySecrets,
    clock: Arc<dyn Clock>,
    random: Box<dyn Random>,
    facts: Arc<dyn Facts>,
}

impl Memory {
    /// Empty stores and an empty queue.
    pub fn new(
        clock: Arc<dyn Clock>,
        random: Box<dyn Random>,
        facts: Arc<dyn Facts>,
        queue: QueueSettings,
    ) -> Self {
        Self {
            events: MemoryEvents::default(),
            documents: MemoryDocuments::default(),
            bodies: MemoryBodies::default(),
            queue: MemoryQueue::new(clock.clone(), queue),
            secrets: MemorySecrets::default(),
            clock,
            random,
            facts,
        }
    }
}

impl Ports for Memory {
    type Events = MemoryEvents;
    type Documents = MemoryDocuments;
    type Bodies = MemoryBodies;
    type Tickets = MemoryQueue;
    type Secrets = MemorySecrets;

    fn events(&self) -> &Self::Events {
        &self.events
    }

    fn documents(&self) -> &Self::Documents {
        &self.documents
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
        self.clock.as_ref()
    }

    fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    fn facts(&self) -> &dyn Facts {
        self.facts.as_ref()
    }
}

/// Locks, whatever a panicking test left behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
