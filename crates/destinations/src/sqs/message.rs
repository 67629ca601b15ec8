//! How an event looks as an SQS message.
//!
//! The body is the raw body where SQS can carry it: UTF-8 text of the characters of XML 1.0. Other
//! bodies are sent in base64, and an empty one, which SQS refuses, as `-`. The attribute
//! `holdfast-body` says which: `text`, `base64` or `empty`.
//!
//! The other attributes, ten being all that SQS carries, are the labels, `idempotency-key`,
//! `content-type`, and `content-encoding` where the body had one. The provider's other headers are
//! not sent.
//!
//! In a FIFO queue events of one entity (or else of one source) form a message group, and the
//! idempotency key is the deduplication id.

use crate::labels;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_pipeline::deliver::Delivery;
use sha2::{Digest, Sha256};

/// The most that SQS carries, names, types and values of the attributes included.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// The longest message group id.
const MAX_GROUP_BYTES: usize = 128;

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The body.
    pub(crate) body: String,
    /// Names and values; all are of the type `String`.
    pub(crate) attributes: Vec<(&'static str, String)>,
    /// Group and deduplication id, for a FIFO queue.
    pub(crate) fifo: Option<(String, String)>,
}

impl Message {
    /// The message of a delivery.
    pub(crate) fn new(delivery: &Delivery, to_fifo: bool) -> Self {
        let (form, body) = body(&delivery.body);
        let mut attributes = Vec::from(labels::labels(delivery));
        attributes.push(("idempotency-key", labels::encode(&delivery.idempotency_key)));
        attributes.push(("content-type", labels::content_type(delivery).to_owned()));
        if let Some(coding) = labels::content_encoding(delivery) {
            attributes.push(("content-encoding", coding.to_owned()));
        }
        attributes.push(("holdfast-body", form.to_owned()));
        // SQS refuses an empty value.
        attributes.retain(|(_, value)| !value.is_empty());
        let once = || bounded(&delivery.idempotency_key);
        let fifo = to_fifo.then(|| (group(delivery), once()));
        Self { body, attributes, fifo }
    }

    /// How much of [`MAX_BYTES`] it takes.
    pub(crate) fn bytes(&self) -> usize {
        let attribute = |(name, value): &(&str, String)| name.len() + "String".len() + value.len();
        self.body.len() + self.attributes.iter().map(attribute).sum::<usize>()
    }
}

fn body(raw: &[u8]) -> (&'static str, String) {
    match std::str::from_utf8(raw) {
        Ok("") => ("empty", "-".to_owned()),
        Ok(text) if text.chars().all(is_carried) => ("text", text.to_owned()),
        _ => ("base64", STANDARD.encode(raw)),
    }
}

/// The characters that SQS accepts (SendMessage, MessageBody).
fn is_carried(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Events of one entity are handed out in order, and those of others beside them.
fn group(delivery: &Delivery) -> String {
    let event = &delivery.record.event;
    match &event.entity {
        Some(entity) => bounded(&format!("{}/{}", event.source.as_str(), entity.as_str())),
        None => event.source.as_str().to_owned(),
    }
}

/// The text itself where SQS accepts it as a group or deduplication id, else its hash.
fn bounded(text: &str) -> String {
    let accepted = (1..=MAX_GROUP_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if accepted { text.to_owned() } else { hex::encode(Sha256::digest(text.as_bytes())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_as_it_is() {
        for text in ["{\"a\":1}", " ", "\t\r\n", "über 🚀", "\u{fffd}\u{e000}\u{10ffff}\u{85}"] {
            assert_eq!(body(text.as_bytes()), ("text", text.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_sqs_refuses_goes_otherwise() {
        assert_eq!(body(b""), ("empty", "-".to_owned()));
        assert_eq!(body(b"\xff\xfe"), ("base64", "//4=".to_owned()));
        for text in ["a\0b", "\u{1b}[31m", "\u{b}", "\u{fffe}", "\u{ffff}"] {
            assert_eq!(body(text.as_bytes()).0, "base64", "{text:?}");
        }
    }

    #[test]
    fn ids_are_bounded() {
        assert_eq!(bounded("stripe/cus_1"), "stripe/cus_1");
        for text in ["", "a b", "ü", &"x".repeat(129)] {
            let id = bounded(text);
            assert!(id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
        }
    }
}
