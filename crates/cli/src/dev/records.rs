//! Records as JSON, for scripts that want to know what became of an event.

use holdfast_domain::outcome::Attempt;
use holdfast_domain::record::Record;
use holdfast_pipeline::memory::Memory;
use serde_json::{Value, json};

/// All records.
pub(super) fn all(memory: &Memory) -> Value {
    memory.events.all().iter().map(value).collect()
}

/// The record of `<source>/<event key>`, where the key may be percent-encoded.
pub(super) fn one(memory: &Memory, name: &str) -> Option<Value> {
    let name = decoded(name);
    let (source, key) = name.split_once('/')?;
    let all = memory.events.all();
    all.iter()
        .find(|record| record.event.source.as_str() == source && record.key().event_key() == key)
        .map(value)
}

fn value(record: &Record) -> Value {
    let event = &record.event;
    json!({
        "key": record.key().as_str(),
        "source": event.source.as_str(),
        "event_key": record.key().event_key(),
        "kind": event.kind.as_str(),
        "entity": event.entity.as_ref().map(|entity| entity.as_str()),
        "version": event.version.as_ref().map(|version| version.as_str()),
        "origin": event.origin.as_str(),
        "received_at": event.received_at.to_string(),
        "source_time": event.source_time.map(|time| time.to_string()),
        "body_sha256": event.body.hash.hex(),
        "state": record.state.as_str(),
        "room": record.room().map(|room| room.as_str()),
        "token": record.token,
        "attempts": record.attempts,
        "replays": record.replays,
        "next_attempt_at": record.next_attempt_at.to_string(),
        "attempt_log": record.attempt_log.iter().map(attempt).collect::<Vec<_>>(),
        "outcome": record.processed.as_ref().map(|processed| processed.ending.as_str()),
        "processed_at": record.processed.as_ref().map(|processed| processed.at.to_string()),
        "expires_at": record.processed.as_ref().map(|processed| processed.expires_at.to_string()),
        "dead_at": record.death.as_ref().map(|death| death.at.to_string()),
        "class": record.death.as_ref().map(|death| death.failure.class.as_str()),
        "reason": record.death.as_ref().map(|death| death.failure.message.as_str()),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "at": attempt.at.to_string(),
        "took_ms": attempt.took.millis(),
        "result": attempt.result,
        "status": attempt.status,
        "error": attempt.error,
    })
}

/// Undoes percent-encoding; what is none stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_be_percent_encoded() {
        assert_eq!(decoded("github/a%2Fb%23c"), "github/a/b#c");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
    }
}
