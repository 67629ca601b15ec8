//! `holdfast list`: the events that are not finished. Finished ones are in no index: `holdfast show`
//! finds each by its name.

use crate::event_name::name;
use crate::report::Report;
use crate::stack;
use crate::table::table;
use anyhow::Result;
use holdfast_domain::record::{READ_SHARDS, Record, RecordKey, Room};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{Cursor, EventStore, Ports};

/// Which events to list; all that are not finished, unless told otherwise.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Arguments {
    /// Those on their way: received, or being processed.
    #[arg(long, group = "room")]
    pub open: bool,
    /// Those that wait for a later attempt.
    #[arg(long, group = "room")]
    pub waiting: bool,
    /// Those whose source, kind or destination is switched off.
    #[arg(long, group = "room")]
    pub parked: bool,
    /// Those that were given up.
    #[arg(long, group = "room")]
    pub dead: bool,
    /// Only those of this source.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// How many at the most of each sort.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

impl Arguments {
    fn rooms(&self) -> Vec<Room> {
        let asked = [
            (Room::Dead, self.dead),
            (Room::Parked, self.parked),
            (Room::Later, self.waiting),
            (Room::Open, self.open),
        ];
        let any = asked.iter().any(|(_, asked)| *asked);
        asked.iter().filter(|(_, asked)| *asked || !any).map(|(room, _)| *room).collect()
    }

    fn asks_for_all(&self) -> bool {
        self.source.is_none() && self.rooms().len() == Room::ALL.len()
    }

    fn asks_for(&self, key: &RecordKey) -> bool {
        self.source.as_deref().is_none_or(|source| source == key.source())
    }
}

/// Lists.
///
/// # Errors
/// When the store does not answer.
pub async fn run<P: Ports>(ports: &P, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::new();
    let mut rows = Vec::new();
    for room in arguments.rooms() {
        let (records, more) = find(ports.events(), room, arguments).await?;
        rows.extend(records.iter().map(row));
        if more {
            let what = what(room);
            report.line(format!("There are more {what} events; see --limit and --source."));
        }
    }
    if rows.is_empty() {
        report.line(if arguments.asks_for_all() {
            "Nothing: every event is finished."
        } else {
            "Nothing like that."
        });
        return Ok(report);
    }
    let listed = table(&["STATE", "EVENT", "KIND", "RECEIVED", "ATTEMPTS", "SINCE/UNTIL"], &rows);
    report.text.insert_str(0, &listed);
    Ok(report)
}

/// The first records of a room by their place in it, and whether there are more.
async fn find<E: EventStore>(
    events: &E,
    room: Room,
    arguments: &Arguments,
) -> Result<(Vec<Record>, bool)> {
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let mut entries = Vec::new();
    let mut more = false;
    for shard in 0..READ_SHARDS {
        more |= collect(events, room, shard, arguments, limit, &mut entries).await?;
    }
    entries.sort_by(|left, right| (left.index_at, &left.key).cmp(&(right.index_at, &right.key)));
    more |= entries.len() > limit;
    entries.truncate(limit);
    let mut records = Vec::new();
    for entry in entries {
        // The index lags behind the records: what has moved on is not listed.
        let record = events.read(&entry.key).await?;
        records.extend(record.filter(|record| record.room() == Some(room)));
    }
    Ok((records, more))
}

/// Adds at most `limit` entries of a shard; answers whether there are more.
async fn collect<E: EventStore>(
    events: &E,
    room: Room,
    shard: u8,
    arguments: &Arguments,
    limit: usize,
    entries: &mut Vec<Cursor>,
) -> Result<bool> {
    let until = entries.len() + limit;
    let ever = Timestamp::from_millis(i64::MAX);
    let mut after: Option<Cursor> = None;
    loop {
        let page = events.page(room, shard, ever, after.as_ref(), 100).await?;
        after = page.entries.last().cloned();
        let mut wanted = page.entries.into_iter().filter(|entry| arguments.asks_for(&entry.key));
        entries.extend(wanted.by_ref().take(until - entries.len()));
        if wanted.next().is_some() {
            return Ok(true);
        }
        if !page.more || after.is_none() {
            return Ok(false);
        }
        if entries.len() == until {
            return Ok(true);
        }
    }
}

const fn what(room: Room) -> &'static str {
    match room {
        Room::Open => "open",
        Room::Later => "waiting",
        Room::Parked => "parked",
        Room::Dead => "dead",
    }
}

fn row(record: &Record) -> Vec<String> {
    vec![
        state(record),
        name(record.key()),
        record.event.kind.to_string(),
        record.event.received_at.to_string(),
        record.attempts.to_string(),
        moment(record).map_or_else(String::new, |moment| moment.to_string()),
    ]
}

fn state(record: &Record) -> String {
    match record.room() {
        Some(Room::Later) => "waiting".to_owned(),
        Some(Room::Parked) => "parked".to_owned(),
        _ => record.state.as_str().to_owned(),
    }
}

/// The moment that matters: of its death, of its next attempt, or of the end of its lease.
fn moment(record: &Record) -> Option<Timestamp> {
    let due = Some(record.next_attempt_at).filter(|due| *due > Timestamp::EPOCH);
    record.death.as_ref().map(|death| death.at).or(record.lease_until).or(due)
}

#[cfg(test)]
mod tests;
