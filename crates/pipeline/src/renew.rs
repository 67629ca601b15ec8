//! Renew: keep the bodies of everything that is not PROCESSED. Bodies expire by age; an event that
//! is parked, waits or lies dead for months still needs its own.
//!
//! It is asked every hour and passes through every room once a day, from where the last run stopped.

use crate::facts::Fact;
use crate::pages::{Bounds, End, Places, is_near, walk};
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
    #[serde(default)]
    passes: BTreeMap<String, Pass>,
    #[serde(default)]
    places: Places,
}

/// The passes through one room.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Pass {
    /// When one last came to its end.
    through_at: Option<Timestamp>,
    /// How many bodies it found gone.
    gone: u64,
    /// How many the one that is on its way has found gone so far.
    gone_so_far: u64,
    /// Whether that one could not read a part of the room: it is no whole pass then, whatever its
    /// last run says.
    lacks: bool,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were read.
    pub looked_at: u64,
    /// Bodies that are kept longer.
    pub renewed: u64,
    /// Bodies that are gone, by the last pass through each room and those on their way. Their events
    /// will die of it.
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
    let mut due = due.into_iter();
    while let Some(room) = due.next() {
        let mut pass = memory.pass(room);
        let mut done = |looked: Looked| {
            report.count(looked);
            pass.gone_so_far += u64::from(looked == Looked::Gone);
            u64::MAX
        };
        let look = |entry| look(ports, entry, keep_body);
        let bounds = Bounds { up_to: EVER, deadline, allowed: u64::MAX, end: End::LastShard };
        let through = walk(ports, room, &mut memory.places, bounds, look, &mut done).await;
        pass.lacks |= through.is_err();
        report.complete &= matches!(through, Ok(true)) && !pass.lacks;
        if !memory.places.holds(room) {
            pass = pass.ended(ports.now());
        }
        memory.passes.insert(room.as_str().to_owned(), pass);
        failed = failed.or(through.err());
        // Each run does a page at least, and no more than it has time for.
        if is_near(deadline, ports.now()) {
            report.complete &= due.len() == 0;
            break;
        }
    }
    report.gone = memory.gone();
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            // Counted by room.
            Looked::Gone => {}
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

impl Pass {
    /// After the last shard. One that lacks something begins anew.
    fn ended(self, now: Timestamp) -> Self {
        if self.lacks {
            return Self {
                gone_so_far: 0,
                lacks: false,
                gone: self.gone.max(self.gone_so_far),
                ..self
            };
        }
        Self { through_at: Some(now), gone: self.gone_so_far, ..Self::default() }
    }
}

impl Memory {
    /// One that cannot be read is none: the pass begins anew.
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    fn pass(&self, room: Room) -> Pass {
        self.passes.get(room.as_str()).copied().unwrap_or_default()
    }

    fn is_due(&self, room: Room, now: Timestamp) -> bool {
        self.pass(room).through_at.is_none_or(|through_at| now.since(through_at) >= EVERY)
    }

    /// Over all rooms: what one run alone finds says nothing of the rooms that were not due in it.
    fn gone(&self) -> u64 {
        self.passes.values().map(|pass| pass.gone.max(pass.gone_so_far)).sum()
    }

    async fn write<P: Ports>(&self, ports: &P, revision: u64) -> Result<()> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::new("write the renewal's memory", error))?;
        ports.documents().save(NAME, &json, revision).await?;
        Ok(())
    }
}
