//! Accept an event: its body, then its record under a key that was free, then its ticket. The
//! receiver and the poll do the same thing here.
//!
//! ```text
//! body ──▶ record (if the key is free) ──▶ ticket ──▶ 2xx
//!   │         │                              │
//!   └ crash: nothing was promised            └ crash or failure: the sweep sends the ticket
//!             └ crash: the provider comes again; if not, the sweep sends the ticket
//! ```

use crate::facts::Fact;
use crate::operate;
use crate::ports::{BodyStore, Created, EventStore, Ports, Result, TicketSender};
use bytes::Bytes;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, EventKey, Kind, Version};
use holdfast_domain::lifecycle::Updated;
use holdfast_domain::lifecycle::accept::{Taken, taken};
use holdfast_domain::record::{BodyKey, BodyRef, Event, Origin, Record, RecordKey};
use holdfast_domain::source::SourceName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};

/// An event that is known to be real: its signature held, or the provider's API listed it.
#[derive(Clone)]
pub struct Arrival {
    /// Where it arrived.
    pub(crate) source: SourceName,
    /// Its identity within the source.
    pub(crate) key: EventKey,
    /// What happened.
    pub(crate) kind: Kind,
    /// To what.
    pub(crate) entity: Option<Entity>,
    /// In which version.
    pub(crate) version: Option<Version>,
    /// When, says the provider.
    pub(crate) source_time: Option<Timestamp>,
    /// The headers to keep.
    pub(crate) headers: Vec<(String, String)>,
    /// The raw body.
    pub(crate) body: Bytes,
    /// How it came to be known.
    pub(crate) origin: Origin,
}

/// How a source wants its events accepted.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How long bodies are kept.
    pub keep_body: Span,
    /// Whether a dead event that arrives again is brought back.
    pub replay_dead: bool,
}

/// What became of an arrival. In every case the event is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It was new.
    New {
        /// The record's key.
        key: RecordKey,
        /// Whether its ticket was sent; if not, the sweep will.
        sent: bool,
    },
    /// It was there before.
    Known {
        /// The record's key.
        key: RecordKey,
    },
}

/// Stores an event and sends its ticket.
///
/// # Errors
/// When it is not known to be durable: the sender has to come again.
pub async fn accept<P: Ports>(ports: &P, arrival: &Arrival, rules: Rules) -> Result<Accepted> {
    let key = RecordKey::event(&arrival.source, &arrival.key);
    match put(ports, arrival, &key, rules).await? {
        Put::Created(record) => Ok(created(ports, &record).await),
        Put::Taken(record, Taken::Collision) => beside(ports, arrival, &record, rules).await,
        Put::Taken(record, taken) => known(ports, &record, taken, rules).await,
    }
}

/// What became of the two puts.
enum Put {
    Created(Box<Record>),
    Taken(Box<Record>, Taken),
}

async fn put<P: Ports>(ports: &P, arrival: &Arrival, key: &RecordKey, rules: Rules) -> Result<Put> {
    let now = ports.now();
    let hash = BodyHash::of(&arrival.body);
    let body_key = BodyKey::new(key, &hash);
    let kept_until = now.plus(rules.keep_body);
    let place = ports.bodies().write(&body_key, &arrival.body, kept_until).await?;
    let body = BodyRef { place, key: body_key, hash, kept_until };
    let event = arrival.event(key, body, now);
    let record = Box::new(Record::new(event, ports.random().nonce(), now));
    Ok(match ports.events().create(&record).await? {
        Created::Stored => Put::Created(record),
        Created::Taken(stored) => match taken(&record, &stored, now) {
            Taken::Mine => Put::Created(record),
            other => Put::Taken(stored, other),
        },
    })
}

async fn created<P: Ports>(ports: &P, record: &Record) -> Accepted {
    let key = record.key().clone();
    ports.facts().record(Fact::Accepted {
        key: key.clone(),
        kind: record.event.kind.as_str().to_owned(),
        origin: record.event.origin,
    });
    let sent = send(ports, record).await;
    Accepted::New { key, sent }
}

/// Sends a ticket; a failure is a fact, not an error, because the sweep sends it again.
pub(crate) async fn send<P: Ports>(ports: &P, record: &Record) -> bool {
    let ticket = Ticket::new(&record.event, ports.now());
    match ports.tickets().send(&ticket).await {
        Ok(()) => true,
        Err(error) => {
            let key = record.key().clone();
            ports.facts().record(Fact::TicketNotSent { key, cause: error.to_string() });
            false
        }
    }
}

/// The key belongs to another event: this one is stored beside it, under a key made of its body.
async fn beside<P: Ports>(
    ports: &P,
    arrival: &Arrival,
    other: &Record,
    rules: Rules,
) -> Result<Accepted> {
    let beside = arrival.key.beside(&BodyHash::of(&arrival.body));
    let key = RecordKey::event(&arrival.source, &beside);
    match put(ports, arrival, &key, rules).await? {
        Put::Created(record) => {
            let (key, beside) = (other.key().clone(), key);
            ports.facts().record(Fact::KeyCollision { key, beside });
            Ok(created(ports, &record).await)
        }
        Put::Taken(record, taken) => known(ports, &record, taken, rules).await,
    }
}

async fn known<P: Ports>(
    ports: &P,
    stored: &Record,
    taken: Taken,
    rules: Rules,
) -> Result<Accepted> {
    let key = stored.key().clone();
    ports.facts().record(Fact::Duplicate { key: key.clone(), state: stored.state });
    match taken {
        Taken::Stranded(update) => {
            if let Updated::Applied(record) = ports.events().update(&update).await? {
                send(ports, &record).await;
            }
        }
        Taken::Dead if rules.replay_dead => {
            operate::replay_seen(ports, stored).await?;
        }
        Taken::Dead | Taken::Duplicate | Taken::Mine | Taken::Collision => {}
    }
    Ok(Accepted::Known { key })
}

impl Arrival {
    fn event(&self, key: &RecordKey, body: BodyRef, now: Timestamp) -> Event {
        Event {
            key: key.clone(),
            source: self.source.clone(),
            kind: self.kind.clone(),
            entity: self.entity.clone(),
            version: self.version.clone(),
            source_time: self.source_time,
            origin: self.origin,
            received_at: now,
            headers: self.headers.clone(),
            body,
        }
    }
}

impl Accepted {
    /// The record's key.
    pub const fn key(&self) -> &RecordKey {
        match self {
            Self::New { key, .. } | Self::Known { key } => key,
        }
    }
}
