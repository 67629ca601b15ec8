use super::lock;
use crate::ports::{Completed, Created, Cursor, EventStore, Page, Result};
use holdfast_domain::effect::{Effect, Item, Value, VersionGuard, Write};
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::record::{Record, RecordKey, Room};
use holdfast_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// How many items a transaction of DynamoDB takes, the record among them.
const MOST_ITEMS: usize = 100;

/// Event records on memory, with the tables of transactional handlers beside them.
#[derive(Debug, Default)]
pub struct MemoryEvents(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    records: BTreeMap<RecordKey, Record>,
    versions: BTreeMap<String, i64>,
    /// Tables of the user's: an item is found by its attribute `pk`.
    items: BTreeMap<(String, String), Item>,
    /// The completions made so far, by their `once`.
    made: BTreeSet<String>,
}

impl MemoryEvents {
    /// All records in the order of their keys.
    pub fn all(&self) -> Vec<Record> {
        lock(&self.0).records.values().cloned().collect()
    }

    /// An item of a table of the user's, by its attribute `pk`.
    pub fn item(&self, table: &str, pk: &str) -> Option<Item> {
        lock(&self.0).items.get(&(table.to_owned(), pk.to_owned())).cloned()
    }

    /// Deletes the processed records whose dedupe window is over.
    pub fn expire(&self, now: Timestamp) {
        lock(&self.0).records.retain(|_, record| {
            record.processed.as_ref().is_none_or(|processed| processed.expires_at > now)
        });
    }
}

impl EventStore for MemoryEvents {
    async fn create(&self, record: &Record) -> Result<Created> {
        let mut tables = lock(&self.0);
        if let Some(stored) = tables.records.get(record.key()) {
            return Ok(Created::Taken(Box::new(stored.clone())));
        }
        tables.records.insert(record.key().clone(), record.clone());
        Ok(Created::Stored)
    }

    async fn update(&self, update: &Update) -> Result<Updated> {
        Ok(lock(&self.0).update(update))
    }

    async fn complete(&self, update: &Update, effect: &Effect, once: &str) -> Result<Completed> {
        if let Some(reason) = impossible(effect) {
            return Ok(Completed::Impossible(reason.to_owned()));
        }
        let mut tables = lock(&self.0);
        if tables.made.contains(once) {
            return Ok(Completed::Applied);
        }
        let stored = tables.records.get(update.key());
        if !update.guard().holds(stored) {
            return Ok(Completed::Refused(stored.cloned().map(Box::new)));
        }
        if effect.version_guard.as_ref().is_some_and(|guard| !tables.is_current(guard)) {
            return Ok(Completed::Stale);
        }
        tables.update(update);
        if let Some(guard) = &effect.version_guard {
            tables.versions.insert(guard.key(), guard.version);
        }
        effect.writes.iter().for_each(|write| tables.write(write));
        if !effect.is_empty() {
            tables.made.insert(once.to_owned());
        }
        Ok(Completed::Applied)
    }

    async fn read(&self, key: &RecordKey) -> Result<Option<Record>> {
        Ok(lock(&self.0).records.get(key).cloned())
    }

    async fn page(
        &self,
        room: Room,
        shard: u8,
        up_to: Timestamp,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page> {
        let tables = lock(&self.0);
        let mut entries: Vec<Cursor> = tables
            .records
            .values()
            .filter(|record| record.key().shard() == shard)
            .filter_map(|record| {
                let place = record.place.filter(|place| place.room == room)?;
                Some(Cursor { index_at: place.index_at, key: record.key().clone() })
            })
            .filter(|entry| entry.index_at <= up_to)
            .filter(|entry| after.is_none_or(|after| order(entry) > order(after)))
            .collect();
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        let more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        Ok(Page { entries, more })
    }
}

fn order(entry: &Cursor) -> (Timestamp, &RecordKey) {
    (entry.index_at, &entry.key)
}

impl Tables {
    fn update(&mut self, update: &Update) -> Updated {
        let stored = self.records.get(update.key());
        match stored {
            Some(stored) if update.guard().holds(Some(stored)) => {
                let after = update.apply(stored);
                self.records.insert(after.key().clone(), after.clone());
                Updated::Applied(Box::new(after))
            }
            stored => Updated::Refused(stored.cloned().map(Box::new)),
        }
    }

    fn is_current(&self, guard: &VersionGuard) -> bool {
        self.versions.get(&guard.key()).is_none_or(|version| *version <= guard.version)
    }

    fn write(&mut self, write: &Write) {
        match write {
            Write::Put { table, item } => {
                self.items.insert((table.clone(), pk(item)), item.clone());
            }
            Write::Add { table, key, attribute, amount } => {
                let item =
                    self.items.entry((table.clone(), pk(key))).or_insert_with(|| key.clone());
                let before = match item.get(attribute) {
                    Some(Value::Number(before)) => *before,
                    _ => 0,
                };
                item.insert(attribute.clone(), Value::Number(before.saturating_add(*amount)));
            }
            Write::Delete { table, key } => {
                self.items.remove(&(table.clone(), pk(key)));
            }
        }
    }
}

/// Why DynamoDB would not even look at the tables. Which items are the same is only known of tables
/// whose key is the text `pk` alone.
fn impossible(effect: &Effect) -> Option<&'static str> {
    let items = 1 + usize::from(effect.version_guard.is_some()) + effect.writes.len();
    if items > MOST_ITEMS {
        return Some("too many writes");
    }
    let mut written = BTreeSet::new();
    let is_first = |target| written.insert(target);
    let once = effect.writes.iter().filter_map(target).all(is_first);
    (!once).then_some("one item is written twice")
}

fn target(write: &Write) -> Option<(&str, &str)> {
    let (Write::Put { table, item: key }
    | Write::Add { table, key, .. }
    | Write::Delete { table, key }) = write;
    match key.get("pk") {
        Some(Value::Text(pk)) => Some((table, pk)),
        _ => None,
    }
}

fn pk(item: &Item) -> String {
    match item.get("pk") {
        Some(Value::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}
