//! Fields of an event that come from outside, made to fit. Their constructors are total: a signed
//! event is never refused because one of its fields is long or odd.

use crate::body_hash::BodyHash;
use serde::{Deserialize, Serialize};
use std::fmt;

const KEY_BYTES: usize = 512;
const LABEL_BYTES: usize = 256;

/// The identity of an event within its source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventKey(String);

impl EventKey {
    /// The bytes themselves when they are 1–512 bytes of UTF-8 without control characters, else
    /// `sha256:` and the hex hash of them.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let fits = (1..=KEY_BYTES).contains(&bytes.len());
        match std::str::from_utf8(bytes) {
            Ok(text) if fits && !text.chars().any(char::is_control) => Self(text.to_owned()),
            _ => Self::of_hash(&BodyHash::of(bytes)),
        }
    }

    /// `sha256:` and a hash, for an event whose provider gives it no id.
    pub fn of_hash(hash: &BodyHash) -> Self {
        Self(format!("sha256:{hash}"))
    }

    /// A key that was made by this type before: read back from a record, a ticket or a command.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key under which another event is stored that came with the same key: `<key>~` and 16
    /// hex digits of its body's hash.
    #[must_use]
    pub fn beside(&self, body: &BodyHash) -> Self {
        let hex = body.hex();
        Self(format!("{}~{}", self.0, hex.get(..16).unwrap_or_default()))
    }

    /// The key as text, at most 529 bytes, without control characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes a text fit for a label: no control characters and at most 256 bytes. What had to be
/// changed gets `~` and 16 hex digits of the original's hash, so that different texts stay
/// different.
fn label(text: &str) -> String {
    if text.len() <= LABEL_BYTES && !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    let hex = BodyHash::of(text.as_bytes()).hex();
    let room = LABEL_BYTES - 17;
    let mut cut = String::with_capacity(LABEL_BYTES);
    for character in text.chars() {
        let shown = if character.is_control() { '\u{fffd}' } else { character };
        if cut.len() + shown.len_utf8() > room {
            break;
        }
        cut.push(shown);
    }
    format!("{cut}~{}", hex.get(..16).unwrap_or_default())
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes any text; at most 256 bytes of it are kept (see the module).
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(label(text.as_ref()))
            }

            /// The text, at most 256 bytes, without control characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(label: $name) -> Self {
                label.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    )*};
}

labels! {
    /// What happened, in the provider's words, e.g. `invoice.paid`.
    Kind,
    /// Which object it happened to, e.g. a customer's id.
    Entity,
    /// Which version of that object the event describes; compared only within one entity.
    Version
}

impl Kind {
    /// The kind of an event that does not say: `unknown`.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_keys_stay_as_they_are() {
        for text in ["e", "evt_1", "a b", "ü/~#", &"x".repeat(512)] {
            assert_eq!(EventKey::new(text).as_str(), text);
        }
    }

    #[test]
    fn odd_keys_are_hashed_and_stay_different() {
        let odd: Vec<Vec<u8>> = vec![
            vec![],
            b"a\nb".to_vec(),
            b"a\0".to_vec(),
            vec![b'x'; 513],
            vec![b'x'; 514],
            vec![0xff],
        ];
        let keys: std::collections::BTreeSet<EventKey> = odd.iter().map(EventKey::new).collect();
        assert_eq!(keys.len(), odd.len());
        for key in keys {
            assert_eq!(key.as_str().len(), 71, "{key}");
            assert!(key.as_str().starts_with("sha256:"), "{key}");
        }
    }

    #[test]
    fn a_key_beside_another_names_its_body() {
        let key = EventKey::new("evt_1").beside(&BodyHash::of(b""));
        assert_eq!(key.as_str(), "evt_1~e3b0c44298fc1c14");
        assert_eq!(EventKey::from_stored(key.as_str()), key);
    }

    #[test]
    fn labels_are_cut_on_a_character() {
        assert_eq!(Kind::new("invoice.paid").as_str(), "invoice.paid");
        assert_eq!(Kind::new("x".repeat(256)).as_str(), "x".repeat(256));
        assert_eq!(Kind::new("x".repeat(257)).as_str().len(), 256, "cut no shorter than need be");
        let (first, second) = ("é".repeat(200), format!("{}x", "é".repeat(199)));
        let (first, second) = (Entity::new(first), Entity::new(second));
        assert_ne!(first, second);
        assert_eq!(first.as_str().len(), 238 + 17);
        assert!(first.as_str().starts_with("éé"));
    }

    #[test]
    fn labels_have_no_control_characters() {
        let kind = Kind::new("a\u{1b}[31m\nb");
        assert!(kind.as_str().starts_with("a\u{fffd}[31m\u{fffd}b~"), "{kind}");
    }

    #[test]
    fn making_a_label_fit_again_changes_nothing() {
        for text in ["a\n".to_owned(), "z".repeat(1000), "€".repeat(90)] {
            let once = Version::new(text);
            assert_eq!(Version::new(once.as_str()), once);
        }
    }
}
