//! The headers of an outgoing request.
//!
//! | header | holds |
//! |---|---|
//! | `webhook-id`, `webhook-timestamp`, `webhook-signature` | Standard Webhooks v1 |
//! | `idempotency-key` | the same text at every attempt |
//! | `content-type`, `content-encoding` | as the body came; `application/json` where it had none |
//! | `holdfast-source`, `-event-key`, `-kind`, `-origin`, `-attempt`, `-received-at` | the labels |
//! | `holdfast-header-<name>` | the provider's headers that were kept |
//!
//! `webhook-id` is `msg_` and the first 128 bits of the idempotency key: the same at every attempt
//! and another for every record, replays included, and unlike an event key always short and made
//! of characters that the signed content `<id>.<timestamp>.<body>` cannot be misread with.
//!
//! A kept header can neither stand for one of ours, because of its prefix, nor bring a line break
//! along: a value is sent as it is when it is printable ASCII, and left out otherwise. Headers that
//! belong to one connection or that hold a credential of the provider's are left out too.

use crate::labels;
use holdfast_pipeline::deliver::Delivery;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// The prefix of the provider's headers.
pub(crate) const KEPT_PREFIX: &str = "holdfast-header-";

/// Headers of the provider's request that say nothing about the event: its connection, its
/// length and coding (sent under their own names), its credentials.
const NOT_FORWARDED: [&str; 18] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The `webhook-id` of a delivery.
pub(crate) fn webhook_id(delivery: &Delivery) -> String {
    let key = labels::encode(&delivery.idempotency_key).replace('.', "%2E");
    format!("msg_{}", key.get(..32).unwrap_or(&key))
}

/// All headers of a delivery.
pub(crate) fn headers(delivery: &Delivery, id: &str, signature: &str) -> HeaderMap {
    let kept = &delivery.record.event.headers;
    let mut headers = HeaderMap::new();
    for (name, value) in kept.iter() {
        if !NOT_FORWARDED.iter().any(|not| name.eq_ignore_ascii_case(not)) {
            put(&mut headers, &format!("{KEPT_PREFIX}{name}"), value);
        }
    }
    for (name, value) in labels::labels(delivery) {
        put(&mut headers, name, value.as_bytes());
    }
    put(&mut headers, "content-type", labels::content_type(delivery).as_bytes());
    if let Some(coding) = labels::content_encoding(delivery) {
        put(&mut headers, "content-encoding", coding.as_bytes());
    }
    put(&mut headers, "idempotency-key", labels::encode(&delivery.idempotency_key).as_bytes());
    put(&mut headers, "webhook-id", id.as_bytes());
    put(&mut headers, "webhook-timestamp", delivery.now.secs().to_string().as_bytes());
    put(&mut headers, "webhook-signature", signature.as_bytes());
    headers
}

fn put(headers: &mut HeaderMap, name: &str, value: &[u8]) {
    let name = HeaderName::from_bytes(name.as_bytes()).ok();
    let value = labels::printable(value).and_then(|value| HeaderValue::from_str(value).ok());
    if let (Some(name), Some(value)) = (name, value) {
        headers.insert(name, value);
    }
}
