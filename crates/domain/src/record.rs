//! The event record: one small item per event, the truth about it. Bodies are elsewhere.
//!
//! This module owns what is stored and what the fields mean. How a record may change is
//! [`crate::lifecycle`]'s business.

use crate::body_hash::BodyHash;
use crate::identity::{Entity, EventKey, Kind, Version};
use crate::outcome::{Attempt, Ending, Failure};
use crate::source::SourceName;
use crate::time::{Span, Timestamp};
use sha2::{Digest, Sha256};
use std::fmt;

/// How many shards a writer spreads a room over. Readers ask for [`READ_SHARDS`], so that this
/// number may grow without a migration.
pub const SHARDS: u8 = 8;

/// How many shards of a room a reader asks for.
pub const READ_SHARDS: u8 = 16;

/// The key of a record: `E#<source>#<event key>` for an event as it arrived,
/// `R#<source>#<event key>#<n>` for the n-th forced replay of a processed one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(String);

impl RecordKey {
    /// The key of an event of a source.
    pub fn event(source: &SourceName, key: &EventKey) -> Self {
        Self(format!("E#{}#{}", source.as_str(), key.as_str()))
    }

    /// The key of the `number`-th forced replay of this record.
    #[must_use]
    pub fn replay(&self, number: u32) -> Self {
        let origin = self.0.strip_prefix("E#").or_else(|| self.0.strip_prefix("R#"));
        Self(format!("R#{}#{number}", origin.unwrap_or(&self.0)))
    }

    /// Reads a key that was written by this module; `None` for anything that names no record.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("E#").or_else(|| text.strip_prefix("R#"))?;
        let (source, key) = rest.split_once('#')?;
        (SourceName::new(source).is_ok() && !key.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the source.
    pub fn source(&self) -> &str {
        self.0.split('#').nth(1).unwrap_or_default()
    }

    /// The part after the source: the event key (with the replay's number, if it is one).
    pub fn event_key(&self) -> &str {
        self.0.splitn(3, '#').nth(2).unwrap_or_default()
    }

    /// The shard of every room that this record is listed in.
    pub fn shard(&self) -> u8 {
        let hash = Sha256::digest(self.0.as_bytes());
        hash.first().copied().unwrap_or_default() % SHARDS
    }

    /// The `Idempotency-Key` of every outgoing call made for this record, the same at each attempt.
    pub fn idempotency_key(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Where an event is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Stored, waiting for a claim.
    Received,
    /// Claimed by a processor until the lease lapses.
    Processing,
    /// Finished. Nothing leads out of it.
    Processed,
    /// Given up, quiet until an operator replays or discards it.
    Dead,
}

impl State {
    /// All states, in the order of a life.
    pub const ALL: [Self; 4] = [Self::Received, Self::Processing, Self::Processed, Self::Dead];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "RECEIVED",
            Self::Processing => "PROCESSING",
            Self::Processed => "PROCESSED",
            Self::Dead => "DEAD",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Which list of the sparse index a record is in; a processed record is in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Room {
    /// Received or being processed: the sweep looks after it.
    Open,
    /// Received, waiting for a time too far away for a ticket to wait in the queue.
    Later,
    /// Received, waiting for its switch to be turned on again.
    Parked,
    /// Dead: waiting for an operator.
    Dead,
}

impl Room {
    /// All rooms.
    pub const ALL: [Self; 4] = [Self::Open, Self::Later, Self::Parked, Self::Dead];

    /// The prefix of the index' hash key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Later => "later",
            Self::Parked => "parked",
            Self::Dead => "dead",
        }
    }

    /// The room of that prefix.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|room| room.as_str() == text)
    }

    /// The index' hash key of one shard of this room, `open#3`.
    pub fn shard(self, shard: u8) -> String {
        format!("{}#{shard}", self.as_str())
    }

    /// Whether a ticket may be dropped because this room will send a new one.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Later | Self::Parked)
    }
}

/// A record's place in the sparse index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The list it is in.
    pub room: Room,
    /// Its position in the list: when the sweep should look next (open), when it is due (later),
    /// when it arrived (parked), when it died (dead).
    pub index_at: Timestamp,
}

/// A random id that recognises one's own write when its answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// From 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(hex::encode(bytes))
    }

    /// As read back from the store.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an event came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The provider's webhook.
    Webhook,
    /// The provider's API, asked by the reconciler.
    Poll,
    /// An operator's forced replay of a processed event.
    Replay,
}

impl Origin {
    /// All origins.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Poll, Self::Replay];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Replay => "replay",
        }
    }

    /// The origin of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text)
    }
}

/// The key of a stored body: from the record's key and the body's hash, so that the same bytes
/// are written when it is written again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyKey(String);

impl BodyKey {
    /// The key of this body of this record.
    pub fn new(record: &RecordKey, hash: &BodyHash) -> Self {
        let owner = hex::encode(Sha256::digest(record.as_str().as_bytes()));
        Self(format!("{owner}-{hash}"))
    }

    /// As read back from the store.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which store holds a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyPlace {
    /// The bodies table: small ones.
    Table,
    /// The bodies bucket: large ones.
    Bucket,
}

/// Where a record's body is and until when it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyRef {
    /// Which store.
    pub place: BodyPlace,
    /// Its key there.
    pub key: BodyKey,
    /// The SHA-256 of the bytes.
    pub hash: BodyHash,
    /// When the store may drop it, unless it is renewed.
    pub kept_until: Timestamp,
}

/// What is known of an event when it arrives: everything of a record that never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The record's key.
    pub key: RecordKey,
    /// The source it arrived at.
    pub source: SourceName,
    /// What happened, in the provider's words.
    pub kind: Kind,
    /// The object it happened to.
    pub entity: Option<Entity>,
    /// The version of that object.
    pub version: Option<Version>,
    /// When it happened, says the provider.
    pub source_time: Option<Timestamp>,
    /// How it came to be known.
    pub origin: Origin,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// The headers that are kept, names in lower case; at most 4 KB in all.
    pub headers: Vec<(String, String)>,
    /// Where its body is.
    pub body: BodyRef,
}

/// How a processed record ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processed {
    /// What came of it.
    pub ending: Ending,
    /// When.
    pub at: Timestamp,
    /// When the record may be forgotten: the end of the dedupe window.
    pub expires_at: Timestamp,
    /// An operator's words, where there are any.
    pub reason: Option<String>,
}

/// Why a dead record died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// When; it names this death, so that a replay meant for another is refused.
    pub at: Timestamp,
    /// What for.
    pub failure: Failure,
}

/// An event's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What never changes.
    pub event: Event,
    /// Where it is in its life.
    pub state: State,
    /// The fencing token: one more at every claim.
    pub token: u64,
    /// The nonce of the last claim or replay.
    pub owner: Option<Nonce>,
    /// The nonce of the put that created it.
    pub ingest_nonce: Nonce,
    /// When the running claim lapses.
    pub lease_until: Option<Timestamp>,
    /// How many claims since it was received or last replayed.
    pub attempts: u32,
    /// How often it was brought back from the dead.
    pub replays: u32,
    /// Not to be run before.
    pub next_attempt_at: Timestamp,
    /// When a ticket was last sent, or will show again in the queue.
    pub last_sent_at: Timestamp,
    /// Where it stands in the index; `None` once it is processed.
    pub place: Option<Place>,
    /// The latest attempts, oldest first.
    pub attempt_log: Vec<Attempt>,
    /// How it ended, if it did.
    pub processed: Option<Processed>,
    /// Why it died, if it did.
    pub death: Option<Death>,
}

impl Record {
    /// A new record: received, listed as open, its ticket about to be sent.
    pub fn new(event: Event, nonce: Nonce, now: Timestamp) -> Self {
        Self {
            event,
            state: State::Received,
            token: 0,
            owner: None,
            ingest_nonce: nonce,
            lease_until: None,
            attempts: 0,
            replays: 0,
            next_attempt_at: Timestamp::EPOCH,
            last_sent_at: now,
            place: Some(Place { room: Room::Open, index_at: now.plus(SWEEP_AFTER) }),
            attempt_log: Vec::new(),
            processed: None,
            death: None,
        }
    }

    /// The record's key.
    pub fn key(&self) -> &RecordKey {
        &self.event.key
    }

    /// The room it is in, if any.
    pub fn room(&self) -> Option<Room> {
        self.place.map(|place| place.room)
    }
}

/// How long the sweep leaves a record alone after a ticket was sent for it.
pub const SWEEP_AFTER: Span = Span::from_mins(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_as_written() {
        let source = SourceName::new("stripe").unwrap();
        let key = RecordKey::event(&source, &EventKey::new("evt_1#x"));
        assert_eq!(key.as_str(), "E#stripe#evt_1#x");
        assert_eq!((key.source(), key.event_key()), ("stripe", "evt_1#x"));
        assert_eq!(key.to_string(), key.as_str());
        assert_eq!(RecordKey::parse(key.as_str()), Some(key.clone()));
        assert_eq!(key.replay(2).as_str(), "R#stripe#evt_1#x#2");
        assert_eq!(RecordKey::parse("R#stripe#evt_1#x#2"), Some(key.replay(2)));
    }

    /// What is stored outlives the program that stored it.
    #[test]
    fn names_stay_as_they_are_stored() {
        let states = State::ALL.map(State::as_str);
        assert_eq!(states, ["RECEIVED", "PROCESSING", "PROCESSED", "DEAD"]);
        assert_eq!(states.map(State::parse), State::ALL.map(Some));
        let rooms = Room::ALL.map(Room::as_str);
        assert_eq!(rooms, ["open", "later", "parked", "dead"]);
        assert_eq!(rooms.map(Room::parse), Room::ALL.map(Some));
        assert_eq!(Room::Later.shard(7), "later#7");
        assert_eq!(Room::ALL.map(Room::is_waiting), [false, true, true, false]);
        let origins = Origin::ALL.map(Origin::as_str);
        assert_eq!(origins, ["webhook", "poll", "replay"]);
        assert_eq!(origins.map(Origin::parse), Origin::ALL.map(Some));
        assert_eq!(
            (State::parse("received"), Room::parse(""), Origin::parse("?")),
            (None, None, None)
        );
        assert_eq!(Nonce::from_random([0xab; 16]).as_str(), "ab".repeat(16));
    }

    #[test]
    fn a_body_is_kept_under_its_record_and_its_hash() {
        let source = SourceName::new("s").unwrap();
        let keys = ["a", "b"].map(|key| RecordKey::event(&source, &EventKey::new(key)));
        let hashes = [b"1", b"2"].map(|body| BodyHash::of(body));
        let mut all = std::collections::BTreeSet::new();
        for (key, hash) in keys.iter().flat_map(|key| hashes.iter().map(move |hash| (key, hash))) {
            let made = BodyKey::new(key, hash);
            assert_eq!(made.as_str(), format!("{}-{hash}", key.idempotency_key()));
            assert_eq!(BodyKey::stored(made.as_str()), made);
            all.insert(made);
        }
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn what_names_no_record_is_refused() {
        for text in ["", "E#", "E#stripe", "E#stripe#", "E#Str ipe#x", "S#sweep", "V#a#b"] {
            assert_eq!(RecordKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn shards_are_within_what_readers_ask_for() {
        let source = SourceName::new("s").unwrap();
        let mut seen = [0; SHARDS as usize];
        for n in 0..1000 {
            let key = RecordKey::event(&source, &EventKey::new(n.to_string()));
            seen[usize::from(key.shard())] += 1;
        }
        assert!(seen.iter().all(|count| (60..190).contains(count)), "{seen:?}");
    }
}
