//! Reading an item attribute by attribute. What cannot be read is named: key and attribute, never
//! the value.

use super::keys::PK;
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::time::Timestamp;
use std::collections::HashMap;
use std::str::FromStr;

/// An item as DynamoDB gives it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item that this program cannot have written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the item {key:?} has no readable attribute {attribute}")]
pub(super) struct Unreadable {
    /// Its key.
    pub(super) key: String,
    /// The first attribute that is missing or of another shape.
    pub(super) attribute: &'static str,
}

/// One item, or one map inside it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    item: &'a Item,
    key: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(item: &'a Item) -> Self {
        let key = item.get(PK).and_then(|value| value.as_s().ok());
        Self { item, key: key.map_or("", String::as_str) }
    }

    /// A map inside this item: errors name this item's key.
    pub(super) fn within(self, item: &'a Item) -> Self {
        Self { item, key: self.key }
    }

    pub(super) fn get(self, attribute: &'static str) -> Option<&'a AttributeValue> {
        self.item.get(attribute)
    }

    pub(super) fn has(self, attribute: &'static str) -> bool {
        self.item.contains_key(attribute)
    }

    pub(super) fn unreadable(self, attribute: &'static str) -> Unreadable {
        Unreadable { key: self.key.to_owned(), attribute }
    }

    /// An attribute that has to be there, made into something by `read`.
    pub(super) fn required<T>(
        self,
        attribute: &'static str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<T, Unreadable> {
        self.get(attribute).and_then(read).ok_or_else(|| self.unreadable(attribute))
    }

    /// An attribute that may be absent; if it is there it has to be readable.
    pub(super) fn optional<T>(
        self,
        attribute: &'static str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        self.get(attribute)
            .map(|value| read(value).ok_or_else(|| self.unreadable(attribute)))
            .transpose()
    }
}

pub(super) fn as_text(value: &AttributeValue) -> Option<&str> {
    value.as_s().ok().map(String::as_str)
}

pub(super) fn as_number<T: FromStr>(value: &AttributeValue) -> Option<T> {
    value.as_n().ok()?.parse().ok()
}

pub(super) fn as_time(value: &AttributeValue) -> Option<Timestamp> {
    as_number(value).map(Timestamp::from_millis)
}

pub(super) fn as_time_in_secs(value: &AttributeValue) -> Option<Timestamp> {
    as_number(value).map(Timestamp::from_secs)
}
