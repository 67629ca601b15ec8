//! A record as an item of the events table, and back.

use super::attributes::{
    attempt_log, body, body_place, death, headers, number, place, present, processed, text, time,
};
use super::keys::{
    ATTEMPT_LOG, ATTEMPTS, BODY_KEPT_UNTIL, BODY_REF, BODY_SHA256, CLASS, DEAD_AT, ENTITY,
    EXPIRES_AT, HEADERS, HTTP_STATUS, INDEX_AT, INGEST_NONCE, KIND, LAST_SENT_AT, LEASE_UNTIL,
    NEXT_ATTEMPT_AT, OPEN_SHARD, ORIGIN, OUTCOME, OWNER, PK, PROCESSED_AT, PROCESSED_REASON,
    REASON, RECEIVED_AT, REPLAYS, SOURCE_TIME, STATE, TOKEN, VERSION,
};
use super::reading::{Item, Reader, Unreadable, as_number, as_text, as_time, as_time_in_secs};
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, Kind, Version};
use holdfast_domain::outcome::{Attempt, Class, Ending, Failure};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Death, Event, Nonce, Origin, Place, Processed, Record, RecordKey,
    Room, State,
};
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Span;

/// The whole item of a record.
pub(super) fn encode(record: &Record) -> Item {
    let event = &record.event;
    let fixed = [
        (PK, Some(text(event.key.as_str()))),
        (KIND, Some(text(event.kind.as_str()))),
        (ENTITY, event.entity.as_ref().map(|entity| text(entity.as_str()))),
        (VERSION, event.version.as_ref().map(|version| text(version.as_str()))),
        (SOURCE_TIME, event.source_time.map(time)),
        (ORIGIN, Some(text(event.origin.as_str()))),
        (RECEIVED_AT, Some(time(event.received_at))),
        (HEADERS, Some(headers(&event.headers))),
        (INGEST_NONCE, Some(text(record.ingest_nonce.as_str()))),
    ];
    let changing = [
        (STATE, Some(text(record.state.as_str()))),
        (TOKEN, Some(number(record.token))),
        (OWNER, record.owner.as_ref().map(|owner| text(owner.as_str()))),
        (LEASE_UNTIL, record.lease_until.map(time)),
        (ATTEMPTS, Some(number(record.attempts))),
        (REPLAYS, Some(number(record.replays))),
        (NEXT_ATTEMPT_AT, Some(time(record.next_attempt_at))),
        (LAST_SENT_AT, Some(time(record.last_sent_at))),
        attempt_log(&record.attempt_log),
    ];
    present(fixed)
        .chain(present(changing))
        .chain(present(body(&event.body)))
        .chain(present(place(&event.key, record.place)))
        .chain(present(processed(record.processed.as_ref())))
        .chain(present(death(record.death.as_ref())))
        .collect()
}

/// The record of an item. Attributes that are not known are passed over.
///
/// # Errors
/// Names the first attribute that is missing or cannot be read.
pub(super) fn decode(item: &Item) -> Result<Record, Unreadable> {
    let from = Reader::new(item);
    Ok(Record {
        event: event(from)?,
        state: from.required(STATE, |value| State::parse(as_text(value)?))?,
        token: from.required(TOKEN, as_number)?,
        owner: from.optional(OWNER, nonce)?,
        ingest_nonce: from.required(INGEST_NONCE, nonce)?,
        lease_until: from.optional(LEASE_UNTIL, as_time)?,
        attempts: from.required(ATTEMPTS, as_number)?,
        replays: from.required(REPLAYS, as_number)?,
        next_attempt_at: from.required(NEXT_ATTEMPT_AT, as_time)?,
        last_sent_at: from.required(LAST_SENT_AT, as_time)?,
        place: read_place(from)?,
        attempt_log: read_log(from)?,
        processed: read_processed(from)?,
        death: read_death(from)?,
    })
}

fn event(from: Reader<'_>) -> Result<Event, Unreadable> {
    let key = from.required(PK, |value| RecordKey::parse(as_text(value)?))?;
    let source = SourceName::new(key.source()).map_err(|_| from.unreadable(PK))?;
    Ok(Event {
        key,
        source,
        kind: from.required(KIND, |value| as_text(value).map(Kind::new))?,
        entity: from.optional(ENTITY, |value| as_text(value).map(Entity::new))?,
        version: from.optional(VERSION, |value| as_text(value).map(Version::new))?,
        source_time: from.optional(SOURCE_TIME, as_time)?,
        origin: from.required(ORIGIN, |value| Origin::parse(as_text(value)?))?,
        received_at: from.required(RECEIVED_AT, as_time)?,
        headers: from.required(HEADERS, read_headers)?,
        body: read_body(from)?,
    })
}

fn nonce(value: &AttributeValue) -> Option<Nonce> {
    as_text(value).map(Nonce::stored)
}

fn read_headers(value: &AttributeValue) -> Option<Vec<(String, String)>> {
    value.as_l().ok()?.iter().map(read_header).collect()
}

fn read_header(value: &AttributeValue) -> Option<(String, String)> {
    let [name, value] = value.as_l().ok()?.as_slice() else { return None };
    Some((as_text(name)?.to_owned(), as_text(value)?.to_owned()))
}

fn read_body(from: Reader<'_>) -> Result<BodyRef, Unreadable> {
    let (place, key) = from.required(BODY_REF, |value| {
        let (place, key) = as_text(value)?.split_once(':')?;
        let known = [BodyPlace::Table, BodyPlace::Bucket];
        let place = known.into_iter().find(|known| body_place(*known) == place)?;
        Some((place, BodyKey::stored(key)))
    })?;
    let hash = from.required(BODY_SHA256, |value| BodyHash::from_hex(as_text(value)?))?;
    Ok(BodyRef { place, key, hash, kept_until: from.required(BODY_KEPT_UNTIL, as_time)? })
}

/// The shard is not read: it follows from the key, and the number of shards may have grown.
fn read_place(from: Reader<'_>) -> Result<Option<Place>, Unreadable> {
    let room = from.optional(OPEN_SHARD, |value| {
        let (room, _shard) = as_text(value)?.split_once('#')?;
        Room::parse(room)
    })?;
    let Some(room) = room else { return Ok(None) };
    Ok(Some(Place { room, index_at: from.required(INDEX_AT, as_time)? }))
}

fn read_log(from: Reader<'_>) -> Result<Vec<Attempt>, Unreadable> {
    let Some(lines) = from.optional(ATTEMPT_LOG, |value| value.as_l().ok())? else {
        return Ok(Vec::new());
    };
    lines.iter().map(|line| read_attempt(from, line)).collect()
}

fn read_attempt(from: Reader<'_>, line: &AttributeValue) -> Result<Attempt, Unreadable> {
    let line = line.as_m().map_err(|_| from.unreadable(ATTEMPT_LOG))?;
    let from = from.within(line);
    Ok(Attempt {
        at: from.required("at", as_time)?,
        took: from.required("took_ms", |value| as_number(value).map(Span::from_millis))?,
        result: from.required("result", as_text)?.to_owned(),
        status: from.optional("status", as_number)?,
        error: from.optional("error", as_text)?.map(str::to_owned),
    })
}

fn read_processed(from: Reader<'_>) -> Result<Option<Processed>, Unreadable> {
    if !from.has(PROCESSED_AT) {
        return Ok(None);
    }
    Ok(Some(Processed {
        ending: from.required(OUTCOME, |value| Ending::parse(as_text(value)?))?,
        at: from.required(PROCESSED_AT, as_time)?,
        expires_at: from.required(EXPIRES_AT, as_time_in_secs)?,
        reason: from.optional(PROCESSED_REASON, as_text)?.map(str::to_owned),
    }))
}

fn read_death(from: Reader<'_>) -> Result<Option<Death>, Unreadable> {
    if !from.has(DEAD_AT) {
        return Ok(None);
    }
    let failure = Failure {
        class: from.required(CLASS, |value| Class::parse(as_text(value)?))?,
        status: from.optional(HTTP_STATUS, as_number)?,
        message: from.required(REASON, as_text)?.to_owned(),
    };
    Ok(Some(Death { at: from.required(DEAD_AT, as_time)?, failure }))
}
