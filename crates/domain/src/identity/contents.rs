//! The events of a request: itself, or the items of a list in it, each with bytes and a key of its
//! own.
//!
//! Nothing of a list is lost. An item that stands twice, byte for byte, is one event, unless equal
//! bytes prove nothing (`without_key = "body+time"`), where they are counted. An item under
//! another's key goes beside it. What is no list, or too long a one, is one event as a whole.
//! The same request gives the same keys each time, so that one of which a part was stored may be
//! repeated; but for items without a key of which nothing signed says when: these are known by the
//! moment of their arrival, and come twice rather than be lost.

use super::{EventKey, Identified, Rules};
use crate::body_hash::BodyHash;
use crate::inbound::Inbound;
use crate::json;
use crate::time::Timestamp;
use bytes::Bytes;
use std::collections::HashMap;

/// What a request holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its events in its order; none when its list is empty.
    pub events: Vec<Found>,
    /// How long its list is, if that is too long to take it apart.
    pub too_long: Option<usize>,
}

/// An event of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Who it is.
    pub identity: Identified,
    /// Its own bytes: the request's body, or its item as it stands in there.
    pub body: Bytes,
    /// Where in the request's list it stood.
    pub position: Option<Position>,
    /// The content type of its bytes, if that is not the request's.
    pub content_type: Option<String>,
    /// Headers that keep what the item alone does not say.
    pub context: Vec<(String, String)>,
}

/// A place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub number: usize,
    /// How many items there were.
    pub of: usize,
}

impl Rules {
    /// The events of a request whose JSON is the document, if its list has at most so many items.
    pub(crate) fn contents(
        &self,
        inbound: &Inbound,
        document: &Bytes,
        (signed_at, now): (Option<Timestamp>, Timestamp),
        max_items: usize,
    ) -> Contents {
        let list = self.each.as_ref().filter(|_| self.is_list(inbound));
        let items = list.and_then(|list| json::items_at(document, list));
        let whole = |too_long| Contents {
            events: vec![Found {
                identity: self.identify(inbound, document, signed_at, now),
                body: inbound.body.clone(),
                position: None,
                content_type: None,
                context: Vec::new(),
            }],
            too_long,
        };
        let items = match items {
            None => return whole(None),
            Some(items) if items.len() > max_items => return whole(Some(items.len())),
            Some(items) => items,
        };
        let root = self.pick_root(document);
        let context = self.context(inbound, &root);
        let of = items.len();
        let mut known = Known::default();
        let mut events = Vec::with_capacity(of);
        for (at, item) in items.into_iter().enumerate() {
            let bytes = item.as_bytes();
            let mut identity = self.identify_item(inbound, (bytes, &root), signed_at, now);
            let counted = identity.is_keyed_by_body() && !self.equals_are_one();
            let Some(key) = known.free(identity.key, bytes, counted) else { continue };
            identity.key = key;
            events.push(Found {
                identity,
                body: document.slice_ref(bytes),
                position: Some(Position { number: at + 1, of }),
                content_type: self.item_type.clone(),
                context: context.clone(),
            });
        }
        Contents { events, too_long: None }
    }

    /// Whether the request is of the type of which lists are.
    fn is_list(&self, inbound: &Inbound) -> bool {
        self.each_type.as_ref().is_none_or(|wanted| {
            let declared = inbound.headers.text("content-type").unwrap_or_default();
            let declared = declared.split(';').next().unwrap_or_default();
            declared.trim().eq_ignore_ascii_case(wanted)
        })
    }
}

/// The keys of a request so far.
#[derive(Default)]
struct Known<'i>(HashMap<EventKey, (&'i [u8], usize)>);

impl<'i> Known<'i> {
    /// The key for an item; `None` if it stood there before.
    fn free(&mut self, key: EventKey, item: &'i [u8], counted: bool) -> Option<EventKey> {
        let Some((other, count)) = self.0.get_mut(&key) else {
            self.0.insert(key.clone(), (item, 1));
            return Some(key);
        };
        if counted {
            *count += 1;
            return Some(EventKey::new(format!("{key}~{count}")));
        }
        if *other == item {
            return None;
        }
        let beside = key.beside(&BodyHash::of(item));
        self.0.insert(beside.clone(), (item, 1)).is_none().then_some(beside)
    }
}

impl std::fmt::Debug for Found {
    /// Shows no body and no value of the request.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Found")
            .field("key", &self.identity.key)
            .field("kind", &self.identity.kind)
            .field("position", &self.position)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    const NOW: Timestamp = Timestamp::from_millis(1_780_286_699_999);

    fn contents(rules: &str, body: &'static str) -> Contents {
        let rules = read(rules, |root| Some(Rules::read(root))).expect("valid rules");
        let inbound = Inbound::post("/", Default::default(), body);
        rules.contents(&inbound, &inbound.body, (None, NOW), 3)
    }

    fn keys(contents: &Contents) -> Vec<&str> {
        contents.events.iter().map(|found| found.identity.key.as_str()).collect()
    }

    const EVENTS: &str = "each = \"/events\"\nkey = \"/id\"\nkind = \"{root:/object}.{/type}\"\n\
                          context = { To = \"root:/to\" }\n";

    #[test]
    fn each_item_is_an_event_with_its_own_bytes() {
        let body = r#"{"object":"o","events":[ {"id":1,"type":"a", "n":1.50} ,{"type":"b","id":2}],"to":"x"}"#;
        let found = contents(EVENTS, body);
        assert_eq!(keys(&found), ["1", "2"]);
        let [first, second] = &found.events[..] else { panic!("two events") };
        assert_eq!(first.body, r#"{"id":1,"type":"a", "n":1.50}"#);
        assert_eq!(first.identity.kind.as_str(), "o.a");
        assert_eq!(second.position, Some(Position { number: 2, of: 2 }));
        assert_eq!(second.context, [("to".to_owned(), "x".to_owned())]);
        let shown = format!("{first:?}");
        assert!(shown.contains("body_bytes: 29") && !shown.contains("1.50"), "{shown}");
    }

    #[test]
    fn the_whole_may_be_the_list() {
        let found =
            contents("each = \"body\"\nkey = \"/id\"\n", "[{\"id\":\"a\"},{\"id\":\"b\"}]\r\n");
        assert_eq!(keys(&found), ["a", "b"]);
        let one = contents("each = \"body\"\nkey = \"/id\"\n", r#"{"id":"a"}"#);
        assert_eq!((keys(&one), one.events[0].position), (vec!["a"], None));
    }

    #[test]
    fn a_list_may_be_known_by_its_type() {
        let text = "each = \"body\"\neach_type = \"application/x-batch+json\"\n\
                    item_type = \"application/x+json\"\n";
        let rules = read(text, |root| Some(Rules::read(root))).expect("valid rules");
        let split = |declared: &str| {
            let headers = [("Content-Type", declared)].into_iter().collect();
            let inbound = Inbound::post("/", headers, "[1,2]");
            rules.contents(&inbound, &inbound.body, (None, NOW), 3).events
        };
        assert_eq!(split("application/json").len(), 1);
        let events = split("Application/X-Batch+JSON; charset=utf-8");
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].content_type.as_deref(), Some("application/x+json"));
    }

    #[test]
    fn an_empty_list_holds_no_event() {
        assert!(contents(EVENTS, r#"{"events":[]}"#).events.is_empty());
    }

    #[test]
    fn what_is_no_list_is_one_event() {
        for body in
            ["", "{", "[]", "{}", r#"{"events":{}}"#, r#"{"events":null}"#, "{\"events\":[1}"]
        {
            let found = contents(EVENTS, body);
            assert_eq!((found.events.len(), found.too_long), (1, None), "{body}");
            assert_eq!(found.events[0].body, body);
        }
    }

    #[test]
    fn too_long_a_list_is_one_event_and_says_so() {
        let body = r#"{"events":[1,2,3,4],"id":"w"}"#;
        let found = contents(EVENTS, body);
        assert_eq!((keys(&found), found.too_long), (vec!["w"], Some(4)));
        assert_eq!(found.events[0].body, body);
    }

    #[test]
    fn odd_items_are_known_by_their_bytes() {
        let found = contents(EVENTS, r#"{"events":[17,"x",null]}"#);
        assert_eq!(found.events.len(), 3);
        for event in &found.events {
            assert!(event.identity.key.as_str().starts_with("sha256:"), "{event:?}");
            assert_eq!(event.identity.kind.as_str(), "unknown");
        }
    }

    #[test]
    fn an_item_that_stands_twice_is_one_event() {
        let found = contents(EVENTS, r#"{"events":[{"id":1},{"id":1},{"id":1}]}"#);
        assert_eq!(keys(&found), ["1"]);
        let by_body = "each = \"body\"\nwithout_key = \"body\"\n";
        assert_eq!(contents(by_body, "[{},{},{}]").events.len(), 1);
    }

    #[test]
    fn equal_hints_without_anything_to_tell_them_apart_are_counted() {
        let found = contents("each = \"body\"\n", "[{},{},{}]");
        let keys = keys(&found);
        assert_eq!(keys.len(), 3);
        assert_eq!(keys[2], format!("{}~3", keys[0]));
    }

    #[test]
    fn another_item_under_the_same_key_goes_beside() {
        let body = r#"{"events":[{"id":1},{"id":1,"n":2},{"id":1,"n":2}]}"#;
        let found = contents(EVENTS, body);
        let hash = BodyHash::of(br#"{"id":1,"n":2}"#);
        assert_eq!(keys(&found), ["1", EventKey::new("1").beside(&hash).as_str()]);
    }

    #[test]
    fn settings_are_checked() {
        let text = "each = \"events\"\ncontext = { to = \"/to\" }\n";
        let found = read(text, |root| Some(Rules::read(root))).expect_err("problems").to_string();
        assert!(found.contains("line 1: `each` must be a JSON pointer"), "{found}");
        assert!(found.contains("`to` must be a place like \"root:/pointer\""), "{found}");
    }
}
