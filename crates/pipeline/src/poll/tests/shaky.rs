//! The stores on memory, some of whose writes fail: before their effect, or after it, with only
//! the answer lost.

use crate::facts::Facts;
use crate::memory::{
    Memory, MemoryBodies, MemoryDocuments, MemoryEvents, MemoryQueue, MemorySecrets,
};
use crate::ports::{BodyStore, Clock, Document, DocumentStore, Error, Ports, Random, Result};
use bytes::Bytes;
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef};
use holdfast_domain::time::Timestamp;
use std::collections::VecDeque;
use std::sync::Mutex;

/// When a write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fails {
    BeforeEffect,
    AfterEffect,
}

/// A store whose next writes fail as planned.
#[derive(Default)]
pub(super) struct Failing<S> {
    inner: S,
    plan: Mutex<VecDeque<Option<Fails>>>,
}

impl<S> Failing<S> {
    pub(super) fn plan(&self, plan: impl IntoIterator<Item = Option<Fails>>) {
        *self.plan.lock().unwrap() = plan.into_iter().collect();
    }

    async fn write<T>(&self, write: impl Future<Output = Result<T>>) -> Result<T> {
        let fails = self.plan.lock().unwrap().pop_front().flatten();
        let failed = || Error::new("write", "planned");
        match fails {
            Some(Fails::BeforeEffect) => Err(failed()),
            Some(Fails::AfterEffect) => write.await.and(Err(failed())),
            None => write.await,
        }
    }
}

impl BodyStore for Failing<MemoryBodies> {
    async fn write(&self, key: &BodyKey, body: &Bytes, kept_until: Timestamp) -> Result<BodyPlace> {
        self.write(self.inner.write(key, body, kept_until)).await
    }

    async fn read(&self, body: &BodyRef) -> Result<Option<Bytes>> {
        self.inner.read(body).await
    }

    async fn renew(&self, body: &BodyRef, kept_until: Timestamp) -> Result<bool> {
        self.inner.renew(body, kept_until).await
    }
}

impl DocumentStore for Failing<MemoryDocuments> {
    async fn load(&self, name: &str) -> Result<Document> {
        self.inner.load(name).await
    }

    async fn save(&self, name: &str, json: &str, seen_revision: u64) -> Result<bool> {
        self.write(self.inner.save(name, json, seen_revision)).await
    }

    async fn save_until(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        self.write(self.inner.save_until(name, json, seen_revision, kept_until)).await
    }
}

/// All ports, of which two may fail.
pub(super) struct Shaky {
    pub(super) memory: Memory,
    pub(super) bodies: Failing<MemoryBodies>,
    pub(super) documents: Failing<MemoryDocuments>,
}

impl Shaky {
    pub(super) fn new(memory: Memory) -> Self {
        Self { memory, bodies: Failing::default(), documents: Failing::default() }
    }
}

impl Ports for Shaky {
    type Events = MemoryEvents;
    type Documents = Failing<MemoryDocuments>;
    type Bodies = Failing<MemoryBodies>;
    type Tickets = MemoryQueue;
    type Secrets = MemorySecrets;

    fn events(&self) -> &Self::Events {
        self.memory.events()
    }

    fn documents(&self) -> &Self::Documents {
        &self.documents
    }

    fn bodies(&self) -> &Self::Bodies {
        &self.bodies
    }

    fn tickets(&self) -> &Self::Tickets {
        self.memory.tickets()
    }

    fn secrets(&self) -> &Self::Secrets {
        self.memory.secrets()
    }

    fn clock(&self) -> &dyn Clock {
        self.memory.clock()
    }

    fn random(&self) -> &dyn Random {
        self.memory.random()
    }

    fn facts(&self) -> &dyn Facts {
        self.memory.facts()
    }
}
