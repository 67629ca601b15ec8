//! The ticket: the queue's message. It carries ids and labels only, so that losing or doubling one
//! changes nothing but latency, and no personal data lies in a queue.

use crate::identity::Kind;
use crate::record::{Event, RecordKey};
use crate::source::SourceName;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the message format that this code writes.
const VERSION: u8 = 1;

/// A request to work on one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The record.
    pub key: RecordKey,
    /// Its source: a label to route by without reading the record, and the queue's fairness group.
    pub source: SourceName,
    /// Its kind: a label to route by without reading the record.
    pub kind: Kind,
    /// Our own clock, stamped before the send call.
    pub sent_at: Timestamp,
}

/// Why a message is no ticket.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON of the expected shape.
    #[error("the message is not a ticket: {0}")]
    Shape(#[source] serde_json::Error),
    /// Written by another version of the program.
    #[error("the ticket has version {0}, this program reads version {VERSION}")]
    Version(u8),
    /// The key or the source is not one that this program writes.
    #[error("the ticket names no record")]
    Key,
}

#[derive(Serialize, Deserialize)]
struct Message {
    v: u8,
    pk: String,
    source: String,
    kind: String,
    sent_at: Timestamp,
}

impl Ticket {
    /// A ticket for an event, to be sent now.
    pub fn new(event: &Event, now: Timestamp) -> Self {
        Self {
            key: event.key.clone(),
            source: event.source.clone(),
            kind: event.kind.clone(),
            sent_at: now,
        }
    }

    /// The message's text, in printable ASCII: queues refuse some characters that an event's key or
    /// kind may have.
    pub fn to_message(&self) -> String {
        let json = serde_json::json!({
            "v": VERSION,
            "pk": self.key.as_str(),
            "source": self.source.as_str(),
            "kind": self.kind.as_str(),
            "sent_at": self.sent_at,
        });
        ascii(&json.to_string())
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When it was not written by [`Ticket::to_message`] of a known version.
    pub fn from_message(text: &str) -> Result<Self, Error> {
        let message: Message = serde_json::from_str(text).map_err(Error::Shape)?;
        if message.v != VERSION {
            return Err(Error::Version(message.v));
        }
        Ok(Self {
            key: RecordKey::parse(&message.pk).ok_or(Error::Key)?,
            source: SourceName::new(&message.source).map_err(|_| Error::Key)?,
            kind: Kind::new(&message.kind),
            sent_at: message.sent_at,
        })
    }
}

/// The same JSON with everything but printable ASCII escaped, which can stand in its strings only.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::EventKey;

    #[test]
    fn a_ticket_survives_the_queue() {
        let source = SourceName::new("stripe").unwrap();
        let ticket = Ticket {
            key: RecordKey::event(&source, &EventKey::new("evt_\"1\"")),
            source,
            kind: Kind::new("invoice.paid"),
            sent_at: Timestamp::from_millis(1_700_000_000_123),
        };
        assert_eq!(Ticket::from_message(&ticket.to_message()).unwrap(), ticket);
    }

    /// SQS takes the characters of XML 1.0 only (SendMessage, MessageBody); a ticket with another
    /// one could never be sent, and its event would wait for ever.
    #[test]
    fn a_ticket_is_of_characters_that_every_queue_carries() {
        let source = SourceName::new("stripe").unwrap();
        let ticket = Ticket {
            key: RecordKey::event(&source, &EventKey::new("evt\u{ffff}\u{fffe}é🚀\u{7f}")),
            source,
            kind: Kind::new("\u{ffff}.paid\u{1f680}"),
            sent_at: Timestamp::EPOCH,
        };
        let message = ticket.to_message();
        assert!(message.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{message}");
        assert_eq!(Ticket::from_message(&message).unwrap(), ticket);
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "null",
            "{}",
            r#"{"v":2,"pk":"E#a#b","source":"a","kind":"k","sent_at":0}"#,
            r#"{"v":1,"pk":"S#sweep","source":"a","kind":"k","sent_at":0}"#,
            r#"{"v":1,"pk":"E#a#b","source":"A B","kind":"k","sent_at":0}"#,
        ] {
            assert!(Ticket::from_message(text).is_err(), "{text}");
        }
    }
}
