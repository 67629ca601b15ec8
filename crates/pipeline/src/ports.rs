//! What the use cases need from the world, named by intent. The adapters are in `holdfast-aws`
//! and in [`crate::memory`]; one contract suite runs against both.
//!
//! An `Err` means "could not find out": the call may or may not have had its effect. Races and
//! duplicates are ordinary answers.

use crate::facts::Facts;
use bytes::Bytes;
use holdfast_domain::effect::Effect;
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef, Nonce, Record, RecordKey, Room};
use holdfast_domain::secret::Secret;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use std::collections::HashMap;
use std::future::Future;

/// A call to the world failed: nobody knows whether it had its effect.
#[derive(Debug, thiserror::Error)]
#[error("could not {operation}: {cause}")]
pub struct Error {
    /// What was attempted, as an infinitive: "store the record".
    pub operation: &'static str,
    /// Why it failed, without secrets or bodies.
    pub cause: String,
}

impl Error {
    /// A failed operation and its cause.
    pub fn new(operation: &'static str, cause: impl std::fmt::Display) -> Self {
        Self { operation, cause: cause.to_string() }
    }
}

/// A result of a call to the world.
pub type Result<T> = std::result::Result<T, Error>;

/// The store's answer to a first put.
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// The record is stored.
    Stored,
    /// The key is taken; by this record.
    Taken(Box<Record>),
}

/// The store's answer to a completion.
#[derive(Clone, Debug, PartialEq)]
pub enum Completed {
    /// The record is PROCESSED and the effect is committed.
    Applied,
    /// The claim does not hold (any more); nothing was written. The record as it is.
    Refused(Option<Box<Record>>),
    /// A newer version of the entity was completed before; nothing was written.
    Stale,
    /// The effect cannot be committed as it is, for this reason, and the same again would most likely
    /// be answered the same. Nothing was written, unless an earlier try of this call was applied
    /// after all: a closing write by the same claim then finds that out.
    Impossible(String),
}

/// A place in a room's shard to go on reading from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The position of the last entry read.
    pub index_at: Timestamp,
    /// Its key.
    pub key: RecordKey,
}

/// Some entries of a room's shard, in the order of their position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Cursor>,
    /// Whether there are more behind the last one.
    pub more: bool,
}

/// The event records.
pub trait EventStore: Send + Sync {
    /// Stores a new record if its key is free.
    fn create(&self, record: &Record) -> impl Future<Output = Result<Created>> + Send;

    /// Makes a guarded change.
    fn update(&self, update: &Update) -> impl Future<Output = Result<Updated>> + Send;

    /// Makes a guarded change together with a handler's effect: all or nothing. `once` makes the
    /// call repeatable: the same text within ten minutes is the same call.
    fn complete(
        &self,
        update: &Update,
        effect: &Effect,
        once: &str,
    ) -> impl Future<Output = Result<Completed>> + Send;

    /// Reads a record, with all writes before.
    fn read(&self, key: &RecordKey) -> impl Future<Output = Result<Option<Record>>> + Send;

    /// Reads entries of a room's shard up to a position, after a cursor. The index may lag behind
    /// the records: an entry is a hint, the record is the truth.
    fn page(
        &self,
        room: Room,
        shard: u8,
        up_to: Timestamp,
        after: Option<&Cursor>,
        limit: u32,
    ) -> impl Future<Output = Result<Page>> + Send;
}

/// A small named document and the revision it was read at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// JSON; empty if it was never written.
    pub json: String,
    /// Which write it comes from; 0 if it was never written.
    pub revision: u64,
}

/// The reconciler's memory and the operators' switches: small documents beside the records.
pub trait DocumentStore: Send + Sync {
    /// Reads a document, with all writes before.
    fn load(&self, name: &str) -> impl Future<Output = Result<Document>> + Send;

    /// Writes a document if nobody wrote it since it was loaded. Answers whether it did.
    fn save(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// The same, for a document that the store deletes by itself some time after `kept_until`; what
    /// is deleted was never written. Until it is, or is saved otherwise, it can be loaded.
    fn save_until(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Timestamp,
    ) -> impl Future<Output = Result<bool>> + Send;
}

/// The bodies: immutable, written before the record that names them.
pub trait BodyStore: Send + Sync {
    /// Stores a body, or the same body once more, and says where. One that is kept longer already
    /// stays so.
    fn write(
        &self,
        key: &BodyKey,
        body: &Bytes,
        kept_until: Timestamp,
    ) -> impl Future<Output = Result<BodyPlace>> + Send;

    /// Reads a body; `None` if it is gone, or not the one that the hash names.
    fn read(&self, body: &BodyRef) -> impl Future<Output = Result<Option<Bytes>>> + Send;

    /// Keeps a body longer; `false` if it is gone.
    fn renew(
        &self,
        body: &BodyRef,
        kept_until: Timestamp,
    ) -> impl Future<Output = Result<bool>> + Send;
}

/// The queue as a sender sees it.
pub trait TicketSender: Send + Sync {
    /// Sends a ticket. May send it twice.
    fn send(&self, ticket: &Ticket) -> impl Future<Output = Result<()>> + Send;

    /// About how many tickets wait to be received.
    fn visible(&self) -> impl Future<Output = Result<u64>> + Send;
}

/// The queue as a receiver of tickets sees it. Deleting is not here: a ticket is deleted by
/// leaving it out of the batch's failures.
pub trait TicketHider: Send + Sync {
    /// Hides a received ticket for a while, or shows it again at once.
    fn hide(&self, receipt: &str, wait: Span) -> impl Future<Output = Result<()>> + Send;
}

/// Where the signing secrets are kept.
pub trait SecretStore: Send + Sync {
    /// Loads all of them: name → values, the newest first.
    fn load(&self) -> impl Future<Output = Result<HashMap<String, Vec<Secret>>>> + Send;
}

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Randomness. Nothing here needs to be secret; everything has to be unlikely to repeat.
pub trait Random: Send + Sync {
    /// 16 random bytes.
    fn bytes(&self) -> [u8; 16];

    /// A random id for a write of one's own.
    fn nonce(&self) -> Nonce {
        Nonce::from_random(self.bytes())
    }

    /// A number uniform over all `u64`.
    fn number(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

/// Everything the use cases need from the world, in one value.
pub trait Ports: Send + Sync + 'static {
    /// The event records.
    type Events: EventStore;
    /// The small documents.
    type Documents: DocumentStore;
    /// The bodies.
    type Bodies: BodyStore;
    /// The queue.
    type Tickets: TicketSender + TicketHider;
    /// The signing secrets.
    type Secrets: SecretStore;

    /// The event records.
    fn events(&self) -> &Self::Events;
    /// The small documents.
    fn documents(&self) -> &Self::Documents;
    /// The bodies.
    fn bodies(&self) -> &Self::Bodies;
    /// The queue.
    fn tickets(&self) -> &Self::Tickets;
    /// The signing secrets.
    fn secrets(&self) -> &Self::Secrets;
    /// The time.
    fn clock(&self) -> &dyn Clock;
    /// Randomness.
    fn random(&self) -> &dyn Random;
    /// Where facts go.
    fn facts(&self) -> &dyn Facts;

    /// Now.
    fn now(&self) -> Timestamp {
        self.clock().now()
    }
}
