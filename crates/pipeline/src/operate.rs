//! What an operator orders: replay a dead event, replay a processed one once more, discard.

use crate::accept::send;
use crate::facts::Fact;
use crate::ports::{BodyStore, Created, Error, EventStore, Ports, Result};
use holdfast_domain::lifecycle::Updated;
use holdfast_domain::lifecycle::operator::{Ordered, Replay, discard as discard_update};
use holdfast_domain::outcome::Ending;
use holdfast_domain::record::{BodyKey, BodyRef, Event, Origin, Record, RecordKey, State};
use holdfast_domain::time::Span;

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was carried out.
    Done(Done),
    /// There is no such record.
    Missing,
    /// The record is in this state, which the order is not for.
    WrongState(State),
    /// Somebody else was faster.
    Overtaken,
    /// Its body is gone: there is nothing to replay.
    BodyGone,
}

/// An order that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The record that was changed, or made.
    pub key: RecordKey,
    /// Whether its ticket could not be sent: the sweep sends one in a few minutes.
    pub awaits_sweep: bool,
}

impl Done {
    async fn with_ticket<P: Ports>(ports: &P, record: &Record) -> Self {
        let sent = send(ports, record).await;
        Self { key: record.key().clone(), awaits_sweep: !sent }
    }

    fn without_ticket(key: &RecordKey) -> Self {
        Self { key: key.clone(), awaits_sweep: false }
    }
}

/// How often a forced replay looks for a free number before it gives up.
const MAX_FORCED_REPLAYS: u32 = 1000;

/// Brings a dead event back.
///
/// # Errors
/// When it is not known whether it was brought back; the order may be given again.
pub async fn replay<P: Ports>(ports: &P, key: &RecordKey) -> Result<Answer> {
    let Some(seen) = ports.events().read(key).await? else { return Ok(Answer::Missing) };
    if seen.state != State::Dead {
        return Ok(Answer::WrongState(seen.state));
    }
    Ok(match replay_seen(ports, &seen).await? {
        Some(done) => Answer::Done(done),
        None => Answer::Overtaken,
    })
}

/// Brings back the death that was seen, and sends a ticket.
pub(crate) async fn replay_seen<P: Ports>(ports: &P, seen: &Record) -> Result<Option<Done>> {
    let Some(record) = revive(ports, seen).await? else { return Ok(None) };
    ports.facts().record(Fact::Ordered { key: record.key().clone(), order: "replay" });
    Ok(Some(Done::with_ticket(ports, &record).await))
}

/// Brings back the death that was seen, without a ticket: the caller has one in hand.
pub(crate) async fn revive<P: Ports>(ports: &P, seen: &Record) -> Result<Option<Box<Record>>> {
    let Some(replay) = Replay::of(seen, ports.random().nonce(), ports.now()) else {
        return Ok(None);
    };
    let updated = ports.events().update(replay.update()).await?;
    Ok(match replay.answer(updated) {
        Ordered::Done(record) => Some(record),
        Ordered::Overtaken(_) => None,
    })
}

/// Runs a processed event once more, as a new record with a body of its own: PROCESSED stays
/// PROCESSED.
///
/// # Errors
/// When it is not known whether the new record was made; the order may be given again, at the
/// price of one more run.
pub async fn replay_processed<P: Ports>(
    ports: &P,
    key: &RecordKey,
    keep_body: Span,
) -> Result<Answer> {
    let Some(seen) = ports.events().read(key).await? else { return Ok(Answer::Missing) };
    if seen.state != State::Processed {
        return Ok(Answer::WrongState(seen.state));
    }
    let Some(body) = ports.bodies().read(&seen.event.body).await? else {
        return Ok(Answer::BodyGone);
    };
    for number in 1..=MAX_FORCED_REPLAYS {
        let key = key.replay(number);
        if ports.events().read(&key).await?.is_some() {
            continue;
        }
        let now = ports.now();
        let body_key = BodyKey::new(&key, &seen.event.body.hash);
        let kept_until = now.plus(keep_body);
        let place = ports.bodies().write(&body_key, &body, kept_until).await?;
        let event = Event {
            key: key.clone(),
            origin: Origin::Replay,
            received_at: now,
            body: BodyRef { place, key: body_key, kept_until, ..seen.event.body.clone() },
            ..seen.event.clone()
        };
        let record = Record::new(event, ports.random().nonce(), now);
        let created = match ports.events().create(&record).await? {
            Created::Stored => true,
            Created::Taken(stored) => stored.ingest_nonce == record.ingest_nonce,
        };
        if created {
            ports.facts().record(Fact::Ordered { key: key.clone(), order: "replay" });
            return Ok(Answer::Done(Done::with_ticket(ports, &record).await));
        }
    }
    Err(Error::new("replay the event", "too many replays of it are kept"))
}

/// Lets a dead event go.
///
/// # Errors
/// When it is not known whether it was let go; the order may be given again.
pub async fn discard<P: Ports>(
    ports: &P,
    key: &RecordKey,
    reason: &str,
    dedupe_window: Span,
) -> Result<Answer> {
    let Some(seen) = ports.events().read(key).await? else { return Ok(Answer::Missing) };
    let Some(update) = discard_update(&seen, reason, dedupe_window, ports.now()) else {
        return Ok(Answer::WrongState(seen.state));
    };
    Ok(match ports.events().update(&update).await? {
        Updated::Applied(_) => {
            ports.facts().record(Fact::Ordered { key: key.clone(), order: "discard" });
            Answer::Done(Done::without_ticket(key))
        }
        // By this very order, whose answer was lost, or by another's: what was wanted is so. A replay that
        // was delivered meanwhile is not what was wanted.
        Updated::Refused(Some(record)) if was_discarded(&record) => {
            Answer::Done(Done::without_ticket(key))
        }
        Updated::Refused(_) => Answer::Overtaken,
    })
}

fn was_discarded(record: &Record) -> bool {
    record.processed.as_ref().is_some_and(|processed| processed.ending == Ending::Discarded)
}
