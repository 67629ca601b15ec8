//! Single values out of a JSON text by JSON pointer (RFC 6901), without building a tree of it.
//!
//! Numbers keep the digits they were written with, so that a long id is not rounded. Where a key
//! stands twice the last one counts, as in most parsers. Nesting is not limited: what no pointer
//! leads into is skipped, not parsed into memory.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

/// A JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The pointer to the whole.
    pub const fn whole() -> Self {
        Self(Vec::new())
    }

    /// Reads `/a/b/0`; `None` unless the text starts with `/`.
    pub fn parse(text: &str) -> Option<Self> {
        let steps = text.strip_prefix('/')?.split('/');
        Some(Self(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|step| write!(out, "/{}", step.replace('~', "~0").replace('/', "~1")))
    }
}

/// The scalar values (strings, numbers, booleans) that pointers lead to, in the order of the
/// pointers. `None` as a whole when the bytes are not one JSON value in UTF-8 (a byte order mark
/// before it is allowed).
pub fn pick(body: &[u8], pointers: &[&Pointer]) -> Option<Vec<Option<String>>> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let wanted: Vec<Wanted<'_>> =
        pointers.iter().enumerate().map(|(slot, pointer)| (slot, pointer.0.as_slice())).collect();
    let mut found = vec![None; pointers.len()];
    look_into(text, &wanted, &mut found).ok()?;
    Some(found)
}

/// The text of the value that a pointer leads to through objects, whatever that value is. `None`
/// when there is none, or when the bytes are not one JSON value in UTF-8.
pub fn raw_at<'b>(body: &'b [u8], pointer: &Pointer) -> Option<&'b str> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    pointer.0.iter().try_fold(text, |text, step| {
        let level: BTreeMap<Key, &'b RawValue> = serde_json::from_str(text).ok()?;
        level.get(step.as_bytes()).map(|value| value.get())
    })
}

/// The texts of the items of the list that a pointer leads to through objects. `None` when there is
/// no such list, or when the bytes are not one JSON value in UTF-8.
pub fn items_at<'b>(body: &'b [u8], pointer: &Pointer) -> Option<Vec<&'b str>> {
    let items: Vec<&'b RawValue> = serde_json::from_str(raw_at(body, pointer)?).ok()?;
    Some(items.into_iter().map(RawValue::get).collect())
}

/// A key of an object, unescaped. As bytes: a lone surrogate (`"\ud800"`) is no Unicode text, and
/// must not hide the values beside it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(Vec<u8>);

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Key;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a key")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Key, E> {
                Ok(Key(bytes.to_vec()))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Key, E> {
                self.visit_bytes(text.as_bytes())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// The name of the first member that holds an object or a list. `None` when there is none, or when
/// the bytes are not one JSON object in UTF-8.
pub fn first_nested(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(FirstNested).ok()?;
    deserializer.end().ok()?;
    found
}

struct FirstNested;

impl<'de> Visitor<'de> for FirstNested {
    type Value = Option<String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(Key(name)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            if found.is_none() && value.get().starts_with(['{', '[']) {
                found = Some(String::from_utf8_lossy(&name).into_owned());
            }
        }
        Ok(found)
    }
}

/// A slot for the value, and the steps that still lead to it.
type Wanted<'p> = (usize, &'p [String]);

/// Reads one JSON value to its end, whether a pointer leads into it or not.
fn look_into(
    text: &str,
    wanted: &[Wanted<'_>],
    found: &mut [Option<String>],
) -> serde_json::Result<()> {
    for (slot, steps) in wanted {
        // A key that stands a second time takes back what the first one gave.
        if let Some(value) = found.get_mut(*slot) {
            *value = if steps.is_empty() { scalar(text) } else { None };
        }
    }
    let deeper = wanted.iter().any(|(_, steps)| !steps.is_empty());
    if deeper && text.trim_start().starts_with(['{', '[']) {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer.deserialize_any(Level { wanted, found })?;
        return deserializer.end();
    }
    serde_json::from_str::<IgnoredAny>(text).map(drop)
}

fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(text.to_owned()),
    }
}

/// One object or list on the way to wanted values.
struct Level<'l, 'p> {
    wanted: &'l [Wanted<'p>],
    found: &'l mut [Option<String>],
}

impl<'p> Level<'_, 'p> {
    fn through(&self, key: &[u8]) -> Vec<Wanted<'p>> {
        let follow = |(slot, steps): &Wanted<'p>| {
            let (first, rest) = steps.split_first()?;
            (first.as_bytes() == key).then_some((*slot, rest))
        };
        self.wanted.iter().filter_map(follow).collect()
    }
}

impl<'de> Visitor<'de> for Level<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let inner = self.through(&key);
            if inner.is_empty() {
                map.next_value::<IgnoredAny>()?;
            } else {
                let value: &RawValue = map.next_value()?;
                look_into(value.get(), &inner, self.found).map_err(serde::de::Error::custom)?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let inner = self.through(index.to_string().as_bytes());
            if inner.is_empty() {
                if items.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(());
                }
            } else {
                let Some(value) = items.next_element::<&RawValue>()? else { return Ok(()) };
                look_into(value.get(), &inner, self.found).map_err(serde::de::Error::custom)?;
            }
            index = index.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_values_keep_their_text() {
        let at = |body: &'static str, pointer: &str| {
            raw_at(body.as_bytes(), &Pointer::parse(pointer).expect("a pointer"))
        };
        let body = r#"{"a": {"b/c": [ 1.50e3 ,{}], "d": null}, "a2": 1}"#;
        assert_eq!(at(body, "/a/b~1c"), Some("[ 1.50e3 ,{}]"));
        assert_eq!(at(body, "/a/d"), Some("null"));
        assert_eq!(at("{\"a\":1,\"a\":2}", "/a"), Some("2"));
        for (body, pointer) in [(body, "/x"), (body, "/a2/b"), (body, "/a/d/e"), ("{\"a\":1", "/a")]
        {
            assert_eq!(at(body, pointer), None, "{pointer}");
        }
    }

    #[test]
    fn items_keep_their_text() {
        let items = |body: &'static str, pointer: Pointer| items_at(body.as_bytes(), &pointer);
        let events = Pointer::parse("/events").expect("a pointer");
        assert_eq!(
            items("\u{feff}[ {\"a\": 1.50} ,2]\r\n", Pointer::whole()),
            Some(vec!["{\"a\": 1.50}", "2"])
        );
        assert_eq!(items(r#"{"events":[]}"#, events.clone()), Some(vec![]));
        for body in ["", "{}", "[1", "[1]x", r#"{"events":{}}"#, r#"{"events":[1]"#] {
            assert_eq!(items(body, events.clone()), None, "{body}");
        }
        assert_eq!(items("{}", Pointer::whole()), None);
    }

    #[test]
    fn the_first_member_that_holds_something() {
        let first = |body: &str| first_nested(body.as_bytes());
        assert_eq!(first(r#"{"id":1,"a\u0062":{},"c":[]}"#).as_deref(), Some("ab"));
        assert_eq!(first(r#"{"for":"1", "list": [1], "x":{}}"#).as_deref(), Some("list"));
        for body in ["", "[]", "{}", r#"{"a":1}"#, r#"{"a":{}"#, r#"{"a":{}}x"#] {
            assert_eq!(first(body), None, "{body}");
        }
    }

    fn one(body: &str, pointer: &str) -> Option<String> {
        let pointer = Pointer::parse(pointer).expect("a pointer");
        pick(body.as_bytes(), &[&pointer]).expect("JSON").remove(0)
    }

    #[test]
    fn values() {
        let body =
            r#" {"a": {"b": [10, {"c": "x\u00e9"}], "t": true, "n": null}, "~/": -1.50e3 } "#;
        assert_eq!(one(body, "/a/b/0").as_deref(), Some("10"));
        assert_eq!(one(body, "/a/b/1/c").as_deref(), Some("xé"));
        assert_eq!(one(body, "/a/t").as_deref(), Some("true"));
        assert_eq!(one(body, "/~0~1").as_deref(), Some("-1.50e3"));
        for absent in ["/a", "/a/b", "/a/n", "/a/b/2", "/a/b/x", "/a/t/x", "/z", "/"] {
            assert_eq!(one(body, absent), None, "{absent}");
        }
    }

    #[test]
    fn a_value_and_what_is_in_it_can_both_be_wanted() {
        let (whole, inner) = (Pointer(vec!["c".into()]), Pointer(vec!["c".into(), "id".into()]));
        let both = |body: &str| pick(body.as_bytes(), &[&whole, &inner]).expect("JSON");
        assert_eq!(both(r#"{"c":"C1"}"#), [Some("C1".to_owned()), None]);
        assert_eq!(both(r#"{"c":{"id":"C2"}}"#), [None, Some("C2".to_owned())]);
    }

    #[test]
    fn long_numbers_are_not_rounded() {
        let digits = "123456789012345678901234567890";
        assert_eq!(one(&format!("{{\"id\":{digits}}}"), "/id").as_deref(), Some(digits));
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        assert_eq!(one(r#"{"id":1,"id":2}"#, "/id").as_deref(), Some("2"));
        assert_eq!(one(r#"{"a":{"id":1},"a":{}}"#, "/a/id"), None);
        assert_eq!(one(r#"{"a":{"id":1},"a":7}"#, "/a/id"), None);
    }

    #[test]
    fn nesting_does_not_matter() {
        let deep =
            format!("{{\"deep\":{}1{},\"id\":\"x\"}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(one(&deep, "/id").as_deref(), Some("x"));
        assert_eq!(one(&deep, "/deep/0/0/0"), None);
    }

    #[test]
    fn what_is_not_json_gives_nothing() {
        let id = Pointer(vec!["id".into()]);
        for body in [
            &b""[..],
            b" ",
            b"{",
            b"{\"id\":1}x",
            b"{\"id\":1,,}",
            b"id=1",
            b"{\"id\":\"\xff\"}",
            b"\xef\xbb",
        ] {
            assert_eq!(pick(body, &[&id]), None, "{body:?}");
        }
        assert_eq!(pick(b"\xef\xbb\xbf{\"id\":1}", &[&id]), Some(vec![Some("1".to_owned())]));
        assert_eq!(pick(b"17", &[&id]), Some(vec![None]));
        assert_eq!(pick(b"{\"id\":\"\\ud800\"}", &[&id]), Some(vec![None]));
    }

    #[test]
    fn a_key_that_is_no_text_hides_nothing() {
        let body = br#"{"\ud800":1,"a":{"\udfff":{},"id":"1"}}"#;
        let pointer = Pointer::parse("/a/id").expect("a pointer");
        assert_eq!(pick(body, &[&pointer]), Some(vec![Some("1".to_owned())]));
        assert_eq!(raw_at(body, &pointer), Some("\"1\""));
    }
}
