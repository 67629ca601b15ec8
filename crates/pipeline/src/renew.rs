//! Renew: keep the bodies of everything that is not PROCESSED. Bodies expire by age; an event that
//! is parked, waits or lies dead for months still needs its own.
//!
//! It is asked every hour and passes through every room once a day, from where the last run stopped.

use crate::facts::Fact;
use crate::pages::{Bounds, End, Places, walk};
use crate::ports::{BodyStore, Cursor, DocumentStore, Error, EventStore, Ports, Result};
use holdfast_domain::lifecycle::renew::{is_needed, renewed};
use holdfast_domain::record::Room;
use holdfast_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the pass's memory.
const NAME: &str = "S#renew";

/// How long after a pass the next one begins.
const EVERY: Span = Span::from_secs(20 * 3600);

/// A pass looks at what is due in months, too: a handler may put an event off for longer than its
/// body is kept.
const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Each room has passes of its own: one that cannot be read to its end, for however long, must not
/// keep the others from theirs.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// When a pass through a room last came to its end.
    #[serde(default)]
    through_at: BTreeMap<String, Timestamp>,
    #[serde(default)]
    places: Places,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were read.
    pub looked_at: u64,
    /// Bodies that are kept longer.
    pub renewed: u64,
    /// Bodies that are gone. Their events will die of it.
    pub gone: u64,
    /// Records for which a call failed; the next pass comes back to them.
    pub failed: u64,
    /// Whether all rooms are passed through.
    pub complete: bool,
}

/// Goes on with the passes, and begins those whose last one is a day old.
///
/// # Errors
/// When its memory cannot be loaded, or a part of the index cannot be read: then the rest was passed
/// over nevertheless. Single records that fail are counted.
pub async fn renew<P: Ports>(ports: &P, keep_body: Span, deadline: Timestamp) -> Result<Report> {
    let document = ports.documents().load(NAME).await?;
    let mut memory = Memory::read(&document.json);
    let mut report = Report { complete: true, ..Report::default() };
    let due: Vec<Room> =
        Room::ALL.into_iter().filter(|room| memory.is_due(*room, ports.now())).collect();
    if due.is_empty() {
        return Ok(report);
    }
    let mut failed = None;
    for room in due {
        let mut done = |looked: Looked| {
            report.count(looked);
            u64::MAX
        };
        let look = |entry| look(ports, entry, keep_body);
        let bounds = Bounds { up_to: EVER, deadline, allowed: u64::MAX, end: End::LastShard };
        let through = walk(ports, room, &mut memory.places, bounds, look, &mut done).await;
        report.complete &= matches!(through, Ok(true));
        match through {
            Ok(true) => memory.end(room, ports.now()),
            Ok(false) => break,
            Err(error) => failed = Some(error),
        }
    }
    memory.write(ports, document.revision).await?;
    ports.facts().record(Fact::Renewed {
        looked_at: report.looked_at,
        renewed: report.renewed,
        gone: report.gone,
        failed: report.failed,
        complete: report.complete,
    });
    failed.map_or(Ok(report), Err)
}

#[derive(Clone, Copy, Debug)]
enum Looked {
    Kept,
    Renewed,
    Gone,
    Failed,
}

impl Report {
    const fn count(&mut self, looked: Looked) {
        self.looked_at += 1;
        match looked {
            Looked::Kept => {}
            Looked::Renewed => self.renewed += 1,
            Looked::Gone => self.gone += 1,
            Looked::Failed => self.failed += 1,
        }
    }
}

async fn look<P: Ports>(ports: &P, entry: Cursor, keep_body: Span) -> Looked {
    match renew_one(ports, &entry, keep_body).await {
        Ok(looked) => looked,
        Err(error) => {
            let (key, cause) = (entry.key, error.to_string());
            ports.facts().record(Fact::RenewFailed { key, cause });
            Looked::Failed
        }
    }
}

/// First the body, then the record's note of it.
async fn renew_one<P: Ports>(ports: &P, entry: &Cursor, keep_body: Span) -> Result<Looked> {
    let now = ports.now();
    let Some(record) = ports.events().read(&entry.key).await? else { return Ok(Looked::Kept) };
    if !is_needed(&record, now) {
        return Ok(Looked::Kept);
    }
    let kept_until = now.plus(keep_body);
    if !ports.bodies().renew(&record.event.body, kept_until).await? {
        return Ok(Looked::Gone);
    }
    ports.events().update(&renewed(&record, kept_until)).await?;
    Ok(Looked::Renewed)
}

impl Memory {
    /// One that cannot be read is none: the pass begins anew.
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    fn is_due(&self, room: Room, now: Timestamp) -> bool {
        let through_at = self.through_at.get(room.as_str());
        through_at.is_none_or(|through_at| now.since(*through_at) >= EVERY)
    }

    fn end(&mut self, room: Room, now: Timestamp) {
        self.through_at.insert(room.as_str().to_owned(), now);
    }

    async fn write<P: Ports>(&self, ports: &P, revision: u64) -> Result<()> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::new("write the renewal's memory", error))?;
        ports.documents().save(NAME, &json, revision).await?;
        Ok(())
    }
}
