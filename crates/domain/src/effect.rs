//! What a transactional handler wants committed together with the completion of its event: all of
//! it or none, exactly once.

use std::collections::BTreeMap;

/// Writes and a version guard that commit with the completion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effect {
    /// Writes to tables of the user's.
    pub writes: Vec<Write>,
    /// Refuses the whole completion when a newer version was there before.
    pub version_guard: Option<VersionGuard>,
}

impl Effect {
    /// Whether the completion stands alone.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.version_guard.is_none()
    }
}

/// An attribute's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// True or false.
    Bool(bool),
}

/// An item: attribute names and values.
pub type Item = BTreeMap<String, Value>;

/// One write to a table of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Put an item, replacing what is there.
    Put {
        /// The table's name.
        table: String,
        /// The whole item, key attributes included.
        item: Item,
    },
    /// Add to a number, which counts as 0 where it is absent.
    Add {
        /// The table's name.
        table: String,
        /// The key attributes.
        key: Item,
        /// The attribute to add to.
        attribute: String,
        /// How much; may be negative.
        amount: i64,
    },
    /// Delete an item, if it is there.
    Delete {
        /// The table's name.
        table: String,
        /// The key attributes.
        key: Item,
    },
}

/// "Only if nothing newer was completed for this entity." The last version completed is kept in
/// an item of the event table; a completion with an older one is refused as stale. The same
/// version again is let through: two events of one second are both wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionGuard {
    /// What the versions are compared within: a source, route or handler of the user's choice.
    pub scope: String,
    /// The object that has versions.
    pub entity: String,
    /// Its version: a counter or a time.
    pub version: i64,
}

impl VersionGuard {
    /// The key of the guard's item.
    pub fn key(&self) -> String {
        format!("V#{}#{}", self.scope, self.entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_commit_is_nothing() {
        let guard = VersionGuard { scope: "s".to_owned(), entity: "e".to_owned(), version: 1 };
        let write = Write::Delete { table: "t".to_owned(), key: Item::new() };
        assert_eq!(guard.key(), "V#s#e");
        assert!(Effect::default().is_empty());
        let guarded = Effect { version_guard: Some(guard), ..Effect::default() };
        let written = Effect { writes: vec![write], ..Effect::default() };
        assert!(!guarded.is_empty() && !written.is_empty());
    }
}
