//! How the parts of a record look as attributes: used where a whole item is written and where a
//! part of it is changed, so that both write the same.

use super::keys::{
    ATTEMPT_LOG, BODY_KEPT_UNTIL, BODY_REF, BODY_SHA256, CLASS, DEAD_AT, EXPIRES_AT, HTTP_STATUS,
    INDEX_AT, OPEN_SHARD, OUTCOME, PROCESSED_AT, PROCESSED_REASON, REASON,
};
use crate::expiry::ttl_secs;
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::outcome::Attempt;
use holdfast_domain::record::{BodyPlace, BodyRef, Death, Place, Processed, RecordKey};
use holdfast_domain::time::Timestamp;
use std::collections::HashMap;

/// An attribute and its value; `None` means that the attribute is absent.
pub(super) type Assignment = (&'static str, Option<AttributeValue>);

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn time(at: Timestamp) -> AttributeValue {
    number(at.millis())
}

pub(super) fn place(key: &RecordKey, place: Option<Place>) -> [Assignment; 2] {
    [
        (OPEN_SHARD, place.map(|place| text(place.room.shard(key.shard())))),
        (INDEX_AT, place.map(|place| time(place.index_at))),
    ]
}

pub(super) fn body(body: &BodyRef) -> [Assignment; 3] {
    [
        (BODY_REF, Some(text(body_ref(body)))),
        (BODY_SHA256, Some(text(body.hash.hex()))),
        (BODY_KEPT_UNTIL, Some(time(body.kept_until))),
    ]
}

/// `table:<key>` or `bucket:<key>`.
pub(super) fn body_ref(body: &BodyRef) -> String {
    format!("{}:{}", body_place(body.place), body.key.as_str())
}

pub(super) const fn body_place(place: BodyPlace) -> &'static str {
    match place {
        BodyPlace::Table => "table",
        BodyPlace::Bucket => "bucket",
    }
}

pub(super) fn processed(processed: Option<&Processed>) -> [Assignment; 4] {
    [
        (OUTCOME, processed.map(|processed| text(processed.ending.as_str()))),
        (PROCESSED_AT, processed.map(|processed| time(processed.at))),
        (PROCESSED_REASON, processed.and_then(|processed| processed.reason.clone()).map(text)),
        (EXPIRES_AT, processed.map(|processed| number(ttl_secs(processed.expires_at)))),
    ]
}

pub(super) fn death(death: Option<&Death>) -> [Assignment; 4] {
    let failure = death.map(|death| &death.failure);
    [
        (DEAD_AT, death.map(|death| time(death.at))),
        (CLASS, failure.map(|failure| text(failure.class.as_str()))),
        (REASON, failure.map(|failure| text(&failure.message))),
        (HTTP_STATUS, failure.and_then(|failure| failure.status).map(number)),
    ]
}

pub(super) fn attempt_log(log: &[Attempt]) -> Assignment {
    let lines = log.iter().map(|attempt| AttributeValue::M(line(attempt))).collect();
    (ATTEMPT_LOG, (!log.is_empty()).then_some(AttributeValue::L(lines)))
}

fn line(attempt: &Attempt) -> HashMap<String, AttributeValue> {
    let fields = [
        ("at", Some(time(attempt.at))),
        ("took_ms", Some(number(attempt.took.millis()))),
        ("result", Some(text(&attempt.result))),
        ("status", attempt.status.map(number)),
        ("error", attempt.error.clone().map(text)),
    ];
    present(fields).collect()
}

/// Pairs of name and value, in their order.
pub(super) fn headers(headers: &[(String, String)]) -> AttributeValue {
    let pairs =
        headers.iter().map(|(name, value)| AttributeValue::L(vec![text(name), text(value)]));
    AttributeValue::L(pairs.collect())
}

/// The attributes that are there.
pub(super) fn present(
    assignments: impl IntoIterator<Item = Assignment>,
) -> impl Iterator<Item = (String, AttributeValue)> {
    assignments.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))
}
