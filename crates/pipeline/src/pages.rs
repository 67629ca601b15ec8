//! Walk through a room of the index, shard by shard, from where the last walk stopped.

use crate::ports::{Cursor, EventStore, Ports, Result};
use futures_util::StreamExt;
use holdfast_domain::record::{READ_SHARDS, RecordKey, Room};
use holdfast_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many entries are read at once.
const PAGE: u32 = 100;

/// How many entries are worked on at once.
const AT_ONCE: usize = 16;

/// A walk stops this long before its deadline, to leave time for writing down where it stopped.
const STOP_BEFORE: Span = Span::from_secs(5);

/// Where walks stopped: the shard to begin with, and where in it; for each room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Places(BTreeMap<String, Place>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    shard: u8,
    index_at: Timestamp,
    key: String,
}

impl Places {
    fn take(&mut self, room: Room) -> (u8, Option<Cursor>) {
        let Some(place) = self.0.remove(room.as_str()) else { return (0, None) };
        let key = RecordKey::parse(&place.key);
        (place.shard % READ_SHARDS, key.map(|key| Cursor { index_at: place.index_at, key }))
    }

    /// Whether a walk through a room is to go on somewhere.
    pub(crate) fn holds(&self, room: Room) -> bool {
        self.0.contains_key(room.as_str())
    }

    fn keep(&mut self, room: Room, shard: u8, last: Option<&Cursor>) {
        let key = last.map_or_else(String::new, |last| last.key.to_string());
        let index_at = last.map_or(Timestamp::EPOCH, |last| last.index_at);
        self.0.insert(room.as_str().to_owned(), Place { shard, index_at, key });
    }
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Up to which position of each shard.
    pub(crate) up_to: Timestamp,
    /// When its process is killed.
    pub(crate) deadline: Timestamp,
    /// How many entries are allowed to begin with.
    pub(crate) allowed: u64,
    /// Where it ends.
    pub(crate) end: End,
}

/// Where a walk ends that is not stopped before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Where it began, once round: what it worked on leaves the list, and new entries come anywhere.
    Round,
    /// After the last shard: what it worked on stays in the list, and would be worked on for ever.
    LastShard,
}

/// Whether it is time to write down where a walk stopped.
pub(crate) fn is_near(deadline: Timestamp, now: Timestamp) -> bool {
    deadline.since(now) < STOP_BEFORE
}

/// The deadline of a walk that leaves half of its time to others.
pub(crate) fn halfway(deadline: Timestamp, now: Timestamp) -> Timestamp {
    let time = deadline.minus(STOP_BEFORE).since(now);
    deadline.minus(Span::from_millis(time.millis() / 2))
}

/// Calls `work` for every entry within bounds, several at once, and `done` with each answer, until
/// all shards are through (`true`), the allowance is spent, or the deadline comes near (`false`).
/// `done` answers how many more entries are allowed.
///
/// A walk that goes round and begins in the middle of a shard comes back to that shard's beginning
/// only in the next walk: this one ends where it began.
///
/// # Errors
/// When a shard could not be read. The others were walked through nevertheless: all recovery depends
/// on it, and one shard may be throttled for long.
pub(crate) async fn walk<P, T, Work, Fut>(
    ports: &P,
    room: Room,
    places: &mut Places,
    bounds: Bounds,
    work: Work,
    done: &mut (dyn FnMut(T) -> u64 + Send),
) -> Result<bool>
where
    P: Ports,
    Work: Fn(Cursor) -> Fut,
    Fut: Future<Output = T>,
{
    let (first, mut after) = places.take(room);
    let Bounds { up_to, deadline, mut allowed, end } = bounds;
    let steps = match end {
        End::Round => READ_SHARDS,
        End::LastShard => READ_SHARDS.saturating_sub(first),
    };
    let mut failed = None;
    for step in 0..steps {
        let shard = (first + step) % READ_SHARDS;
        loop {
            let limit = u32::try_from(allowed).unwrap_or(PAGE).min(PAGE);
            let page = ports.events().page(room, shard, up_to, after.as_ref(), limit).await;
            let page = match page {
                Ok(page) => page,
                Err(error) if is_near(deadline, ports.now()) => {
                    // With the next shard: this one may take all the time again.
                    let next = (shard + 1) % READ_SHARDS;
                    if end == End::Round || next > 0 {
                        places.keep(room, next, None);
                    }
                    return Err(error);
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            let Some(last) = page.entries.last().cloned() else { break };
            let mut answers =
                futures_util::stream::iter(page.entries).map(&work).buffer_unordered(AT_ONCE);
            while let Some(answer) = answers.next().await {
                allowed = done(answer);
            }
            if allowed == 0 || is_near(deadline, ports.now()) {
                places.keep(room, shard, Some(&last));
                return failed.map_or(Ok(false), Err);
            }
            after = Some(last);
            if !page.more {
                break;
            }
        }
        after = None;
    }
    failed.map_or(Ok(true), Err)
}
