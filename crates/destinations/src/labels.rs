//! What every destination is told about an event beside its body: names and values that are safe
//! in an HTTP header and in an SQS message attribute alike.
//!
//! Event keys and kinds may be any Unicode text. Everything but visible ASCII is percent-encoded
//! (as UTF-8), and so is the percent sign: any percent-decoder gives the text back, and the
//! everyday `invoice.paid` stays as it is.

use holdfast_pipeline::deliver::Delivery;
use std::fmt::Write;

/// The labels of a delivery, encoded.
pub(crate) fn labels(delivery: &Delivery) -> [(&'static str, String); 6] {
    let record = &delivery.record;
    let event = &record.event;
    [
        ("holdfast-source", encode(event.source.as_str())),
        ("holdfast-event-key", encode(record.key().event_key())),
        ("holdfast-kind", encode(event.kind.as_str())),
        ("holdfast-origin", event.origin.as_str().to_owned()),
        // Counted since the event was received or last replayed; the first attempt is 1.
        ("holdfast-attempt", record.attempts.to_string()),
        ("holdfast-received-at", event.received_at.to_string()),
    ]
}

/// The content type of the body, as it came; JSON where it came with none, as most webhooks are.
pub(crate) fn content_type(delivery: &Delivery) -> &str {
    kept(delivery, "content-type").unwrap_or("application/json")
}

/// The coding of the body, as it came: nothing is ever decompressed on the way.
pub(crate) fn content_encoding(delivery: &Delivery) -> Option<&str> {
    kept(delivery, "content-encoding")
}

fn kept<'d>(delivery: &'d Delivery, name: &str) -> Option<&'d str> {
    delivery.record.event.headers.get(name).and_then(printable)
}

/// A value that is printable ASCII throughout and not empty, without the white space around it,
/// which HTTP does not keep; `None` for any other.
pub(crate) fn printable(value: &[u8]) -> Option<&str> {
    let value = value.trim_ascii();
    let clean = !value.is_empty() && value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if clean { std::str::from_utf8(value).ok() } else { None }
}

/// Percent-encodes everything but visible ASCII, and the percent sign.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' => encoded.push_str("%25"),
            b'!'..=b'~' => encoded.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_text_stays_as_it_is() {
        assert_eq!(encode("invoice.paid"), "invoice.paid");
        assert_eq!(encode("evt_1#2~a:b/c,\"d\""), "evt_1#2~a:b/c,\"d\"");
        assert_eq!(encode(""), "");
    }

    #[test]
    fn anything_else_is_encoded() {
        assert_eq!(encode("100%"), "100%25");
        assert_eq!(encode("a b"), "a%20b");
        assert_eq!(encode("a\r\nset-cookie: x\0\u{7f}"), "a%0D%0Aset-cookie:%20x%00%7F");
        assert_eq!(encode("über 🚀"), "%C3%BCber%20%F0%9F%9A%80");
    }
}
