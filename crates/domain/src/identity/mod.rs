//! Who an event is: its key, kind, entity, version and time, found in a proved request by the
//! rules of its provider.
//!
//! Total by design: whatever was signed is identified, if only by the hash of its body and the
//! kind `unknown`. Does not own the decision to refuse; it only says whether the body was readable.

mod bounded;
mod contents;
mod rules;

pub use bounded::{Entity, EventKey, Kind, Version};
pub use contents::{Contents, Found, Position};
pub use rules::Rules;

use crate::time::Timestamp;

/// An event's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// What tells it from the other events of its source; the same for each delivery of it.
    pub key: EventKey,
    /// The provider's own values that the key is made of; empty when it is made of the body's hash.
    pub key_parts: Vec<String>,
    /// What happened; `unknown` when the request does not say.
    pub kind: Kind,
    /// Which object it happened to.
    pub entity: Option<Entity>,
    /// Which version of that object it describes.
    pub version: Option<Version>,
    /// When it happened, by the provider's clock.
    pub source_time: Option<Timestamp>,
    /// Whether the body is what its provider sends: JSON, or a form that says it is one.
    pub parsed: bool,
}

impl Identified {
    /// Whether the provider gave no id, so that the key had to be made of the body.
    pub fn is_keyed_by_body(&self) -> bool {
        self.key_parts.is_empty()
    }
}
