//! Sweep: hold the table against the queue. Whatever is open and stuck gets a new ticket, whatever
//! waited long enough is released; nothing is run and nothing is buried here.
//!
//! While the queue is long the sweep holds back ("gate and budget"): tickets are slow then, not
//! lost, and sending them again would only make the queue longer.
//!
//! A run goes through the shards from where the last one stopped, so that what cannot be helped
//! yet never starves what can.

use crate::accept::send;
use crate::facts::Fact;
use crate::pages::{Bounds, End, Places, halfway, walk};
use crate::ports::{Cursor, DocumentStore, Error, EventStore, Ports, Result, TicketSender};
use crate::switches::{self, Off, Switches};
use crate::target::Routing;
use holdfast_domain::lifecycle::Updated;
use holdfast_domain::lifecycle::sweep::{budget, is_short, release, resend};
use holdfast_domain::record::{READ_SHARDS, Record, Room};
use holdfast_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// The name of the sweep's memory.
const NAME: &str = "S#sweep";

/// How many waiting records of a room a run looks at.
const RELEASES: u64 = 10_000;

/// How many dead records are counted in a shard; more is only "many".
const COUNTED_DEAD: u32 = 1000;

/// What the sweep remembers between its runs.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// When the queue was last seen to be short.
    short_at: Option<Timestamp>,
    /// Where to go on.
    #[serde(default)]
    places: Places,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were read.
    pub looked_at: u64,
    /// Tickets that were sent again.
    pub resent: u64,
    /// Waiting records that were opened again.
    pub released: u64,
    /// Records for which a call failed; the next run comes back to them.
    pub failed: u64,
    /// Dead records; at most a thousand are counted in a shard.
    pub dead: u64,
    /// Whether everything was looked at before time or budget ran out; of what waits, as much as a run
    /// is to look at.
    pub complete: bool,
}

/// Runs a sweep until it is through, its budget is spent, or `deadline` comes near.
///
/// # Errors
/// When its memory or the switches cannot be loaded, or a part of the index cannot be read: then
/// the rest was swept nevertheless. Single records that fail are counted.
pub async fn sweep<P: Ports, R: Routing>(
    ports: &P,
    routing: &R,
    deadline: Timestamp,
) -> Result<Report> {
    let document = ports.documents().load(NAME).await?;
    let mut memory = Memory::read(&document.json);
    let (switches, _) = switches::load(ports).await?;
    // A queue whose length cannot be found out is taken for long: better late than too much.
    let visible = ports.tickets().visible().await.unwrap_or(u64::MAX);
    let now = ports.now();
    let short_at = if is_short(visible) { now } else { memory.short_at.unwrap_or(now) };
    memory.short_at = Some(short_at);
    let lag = now.since(short_at);

    let mut report = Report { complete: true, ..Report::default() };
    let budget = budget(visible);
    let stuck: Look<'_, P, R> = Look { ports, how: How::Resend { lag } };
    let left = |report: &Report| budget.saturating_sub(report.resent);
    // A long open room must not take the time of those who wait.
    let half = halfway(deadline, now);
    let swept = sweep_room(&stuck, Room::Open, &mut memory, &mut report, &left, half).await;
    let mut failed = swept.err();

    for room in [Room::Later, Room::Parked] {
        // Whoever waits for a time may have a handler, whom no destination's switch concerns: what is
        // off after all, the processor parks.
        let switches = (room == Room::Parked).then_some(&switches);
        let due = Look { ports, how: How::Release { switches, routing } };
        let most = report.looked_at.saturating_add(RELEASES);
        let left = |report: &Report| most.saturating_sub(report.looked_at);
        let swept = sweep_room(&due, room, &mut memory, &mut report, &left, deadline).await;
        failed = failed.or(swept.err());
    }
    memory.write(ports, document.revision).await?;
    report.dead = count_dead(ports).await?;
    ports.facts().record(Fact::Swept {
        looked_at: report.looked_at,
        resent: report.resent,
        released: report.released,
        failed: report.failed,
        visible,
        lag,
        dead: report.dead,
        complete: report.complete,
    });
    failed.map_or(Ok(report), Err)
}

async fn sweep_room<P: Ports, R: Routing>(
    look: &Look<'_, P, R>,
    room: Room,
    memory: &mut Memory,
    report: &mut Report,
    left: &(dyn Fn(&Report) -> u64 + Send + Sync),
    deadline: Timestamp,
) -> Result<()> {
    let (up_to, allowed) = (look.ports.now(), left(report));
    let bounds = Bounds { up_to, deadline, allowed, end: End::Round };
    let mut looked = |seen: Seen| {
        report.count(seen);
        left(report)
    };
    let at = |entry| look.at(entry);
    let through = walk(look.ports, room, &mut memory.places, bounds, at, &mut looked).await;
    report.complete &= is_enough(room, &through, left(report));
    through.map(drop)
}

/// Whether a run did with a room what it is to do. Of what waits, that is no more than it may look at: behind
/// a switch there may be any number, for as long as it is off, and a sweep that is never complete
/// would be no sign of life.
fn is_enough(room: Room, through: &Result<bool>, left: u64) -> bool {
    match through {
        Ok(through) => *through || (room != Room::Open && left == 0),
        Err(_) => false,
    }
}

/// What became of an entry of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    LeftAlone,
    Resent,
    Released,
    Failed,
}

impl Report {
    const fn count(&mut self, seen: Seen) {
        self.looked_at += 1;
        match seen {
            Seen::LeftAlone => {}
            Seen::Resent => self.resent += 1,
            Seen::Released => self.released += 1,
            Seen::Failed => self.failed += 1,
        }
    }
}

struct Look<'a, P, R> {
    ports: &'a P,
    how: How<'a, R>,
}

enum How<'a, R> {
    Resend {
        lag: Span,
    },
    /// Of what is parked, what is on again by these switches.
    Release {
        switches: Option<&'a Switches>,
        routing: &'a R,
    },
}

impl<P: Ports, R: Routing> Look<'_, P, R> {
    async fn at(&self, entry: Cursor) -> Seen {
        match self.help(&entry).await {
            Ok(seen) => seen,
            Err(error) => {
                let (key, cause) = (entry.key, error.to_string());
                self.ports.facts().record(Fact::SweepFailed { key, cause });
                Seen::Failed
            }
        }
    }

    async fn help(&self, entry: &Cursor) -> Result<Seen> {
        if self.is_known_to_be_off(entry) {
            return Ok(Seen::LeftAlone);
        }
        let Some(record) = self.ports.events().read(&entry.key).await? else {
            return Ok(Seen::LeftAlone);
        };
        let now = self.ports.now();
        let (update, helped) = match &self.how {
            How::Resend { lag } => (resend(&record, *lag, now), Seen::Resent),
            How::Release { switches, routing } if is_on(&record, *switches, *routing) => {
                (release(&record, now), Seen::Released)
            }
            How::Release { .. } => (None, Seen::LeftAlone),
        };
        let Some(update) = update else { return Ok(Seen::LeftAlone) };
        match self.ports.events().update(&update).await? {
            Updated::Applied(record) => {
                send(self.ports, &record).await;
                Ok(helped)
            }
            Updated::Refused(_) => Ok(Seen::LeftAlone),
        }
    }

    /// A source that is off altogether needs no reading of its records: they may be many.
    fn is_known_to_be_off(&self, entry: &Cursor) -> bool {
        match &self.how {
            How::Resend { .. } | How::Release { switches: None, .. } => false,
            How::Release { switches: Some(switches), .. } => switches
                .off()
                .iter()
                .any(|off| matches!(off, Off::Source { source } if source == entry.key.source())),
        }
    }
}

fn is_on<R: Routing>(record: &Record, switches: Option<&Switches>, routing: &R) -> bool {
    let Some(switches) = switches else { return true };
    let event = &record.event;
    let route = routing.find(&event.source, &event.kind);
    switches.is_on(&event.source, &event.kind, route.map(|route| route.name))
}

async fn count_dead<P: Ports>(ports: &P) -> Result<u64> {
    let mut dead = 0;
    for shard in 0..READ_SHARDS {
        let page = ports.events().page(Room::Dead, shard, ports.now(), None, COUNTED_DEAD).await?;
        dead += page.entries.len() as u64;
    }
    Ok(dead)
}

impl Memory {
    /// One that cannot be read is none: all recovery depends on the sweep, and nothing on this but
    /// where a run begins.
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// Two runs that overlap may both come here: the first one's memory stays. Nothing depends on
    /// it but where the next run begins.
    async fn write<P: Ports>(&self, ports: &P, revision: u64) -> Result<()> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::new("write the sweep's memory", error))?;
        ports.documents().save(NAME, &json, revision).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_behind_a_switch_makes_no_sweep_incomplete() {
        let enough = |room, through, left| is_enough(room, &Ok(through), left);
        for room in [Room::Later, Room::Parked] {
            assert!(enough(room, true, 1) && enough(room, true, 0), "it was through");
            assert!(enough(room, false, 0), "it has looked at what it may");
            assert!(!enough(room, false, 1), "it was short of time");
        }
        assert!(enough(Room::Open, true, 1));
        assert!(!enough(Room::Open, false, 0), "more is stuck than may be sent again");
        let unread = Err(Error::new("read the index", "down"));
        assert!(!is_enough(Room::Parked, &unread, 0), "what could not be read was not looked at");
    }
}
