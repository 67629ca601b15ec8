//! The effect of the transactional handlers of the worlds: each event is counted in a ledger, under
//! a guard of its object's version. How often an event was counted is how often it took effect.

use holdfast_domain::effect::{Effect, Item, Value, VersionGuard, Write};
use holdfast_domain::record::RecordKey;
use holdfast_pipeline::deliver::Delivery;
use holdfast_pipeline::memory::MemoryEvents;

/// The table that the handlers write to.
const LEDGER: &str = "ledger";

/// The attribute that they count in.
const TIMES: &str = "times";

/// How often the effect of an event was committed.
pub fn times(events: &MemoryEvents, key: &RecordKey) -> i64 {
    let item = events.item(LEDGER, key.as_str());
    match item.as_ref().and_then(|item| item.get(TIMES)) {
        Some(Value::Number(times)) => *times,
        _ => 0,
    }
}

/// What no store commits: it counts an event twice in one go.
pub fn impossible_effect(delivery: &Delivery) -> Effect {
    let mut effect = effect(delivery);
    effect.writes.extend(effect.writes.clone());
    effect
}

/// Counts an event, unless a newer version of its object was counted.
pub fn effect(delivery: &Delivery) -> Effect {
    let event = &delivery.record.event;
    let key = Item::from([("pk".to_owned(), Value::Text(event.key.to_string()))]);
    let times =
        Write::Add { table: LEDGER.to_owned(), key, attribute: TIMES.to_owned(), amount: 1 };
    let version = event.version.as_ref().and_then(|version| version.as_str().parse().ok());
    let entity = event.entity.as_ref().map(|entity| entity.as_str().to_owned());
    let version_guard = entity.zip(version).map(|(entity, version)| VersionGuard {
        scope: "bookkeeping".to_owned(),
        entity,
        version,
    });
    Effect { writes: vec![times], version_guard }
}
