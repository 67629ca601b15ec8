//! The rules by which a provider's events are identified: the `[event]` table of a definition.

use super::{Entity, EventKey, Identified, Kind, Version};
use crate::body_hash::BodyHash;
use crate::expression::{Expression, Facts, Place, Value};
use crate::inbound::Inbound;
use crate::json::Pointer;
use crate::moment::Unit;
use crate::reading::Table;
use crate::time::{Span, Timestamp};

/// Where key, kind, entity, version and time stand. Each is a list: the first that is there wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    key: Vec<Expression>,
    kind: Vec<Expression>,
    entity: Vec<Expression>,
    version: Vec<Expression>,
    time: Vec<Expression>,
    time_unit: Unit,
    without_key: WithoutKey,
    /// Whether a request may carry several events. It is stored as one, so that its key must not be
    /// that of its first event alone: another request may begin with the same one.
    batch: bool,
}

/// What stands in for a missing key. A doubled event is harmless, a lost one is not: equal bodies
/// are taken for the same event only where a definition says that the body holds something unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum WithoutKey {
    /// The body's hash.
    Body,
    /// The body's hash and the signed timestamp, or the minute of arrival if nothing is signed.
    #[default]
    BodyAndTime,
}

impl Rules {
    /// Reads an `[event]` table; reports what is wrong with it.
    pub fn read(table: &mut Table<'_>) -> Self {
        let key = expressions(table, "key");
        let kind = expressions(table, "kind");
        let entity = expressions(table, "entity");
        let version = expressions(table, "version");
        let time = expressions(table, "time");
        let time_unit = table.optional_one_of("time_unit", &Unit::WORDS).unwrap_or_default();
        let words = [("body", WithoutKey::Body), ("body+time", WithoutKey::BodyAndTime)];
        let without_key = table.optional_one_of("without_key", &words).unwrap_or_default();
        let batch = table.boolean("batch", false);
        Self { key, kind, entity, version, time, time_unit, without_key, batch }
    }

    /// The places that the key may be made of; none when it is always made of the body.
    pub fn key_places(&self) -> impl Iterator<Item = &Place> {
        self.key.iter().flat_map(Expression::places)
    }

    /// Identifies a request whose JSON is the document. `signed_at` is the timestamp that its signature covers, if any.
    pub(crate) fn identify(
        &self,
        inbound: &Inbound,
        document: &[u8],
        signed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Identified {
        let facts = Facts::read_in(inbound, document, self.pointers());
        let (key, key_parts) = match first(&self.key, &facts) {
            Some(value) => {
                let key = EventKey::new(&value.bytes);
                let key = if self.batch { key.beside(&BodyHash::of(&inbound.body)) } else { key };
                (key, value.parts.iter().map(text).collect())
            }
            None => (self.key_of_body(&inbound.body, signed_at, now), Vec::new()),
        };
        Identified {
            key,
            key_parts,
            kind: first(&self.kind, &facts)
                .map_or_else(Kind::unknown, |value| Kind::new(text(&value.bytes))),
            entity: first(&self.entity, &facts).map(|value| Entity::new(text(&value.bytes))),
            version: first(&self.version, &facts).map(|value| Version::new(text(&value.bytes))),
            source_time: first(&self.time, &facts)
                .and_then(|value| self.time_unit.read(&value.bytes)),
            parsed: facts.is_json() || is_form(inbound),
        }
    }

    fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        [&self.key, &self.kind, &self.entity, &self.version, &self.time]
            .into_iter()
            .flatten()
            .flat_map(Expression::pointers)
    }

    fn key_of_body(&self, body: &[u8], signed_at: Option<Timestamp>, now: Timestamp) -> EventKey {
        let hashed = EventKey::of_hash(&BodyHash::of(body));
        match (self.without_key, signed_at) {
            (WithoutKey::Body, _) => hashed,
            (WithoutKey::BodyAndTime, Some(at)) => EventKey::new(format!("{hashed}@{at}")),
            (WithoutKey::BodyAndTime, None) => {
                EventKey::new(format!("{hashed}@{}", minute_of(now)))
            }
        }
    }
}

fn expressions(table: &mut Table<'_>, key: &'static str) -> Vec<Expression> {
    let line = table.line_of(key);
    let mut read = Vec::new();
    for text in table.one_or_more(key) {
        match Expression::parse(&text) {
            Ok(expression) => read.push(expression),
            Err(why) => table.problem_on_line(line, format!("`{key}`: {why}")),
        }
    }
    read
}

fn first<'f>(choices: &[Expression], facts: &'f Facts<'_>) -> Option<Value<'f>> {
    choices.iter().find_map(|expression| expression.evaluate(facts))
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(bytes.as_ref()).into_owned()
}

fn minute_of(now: Timestamp) -> Timestamp {
    let past = now.millis().rem_euclid(60_000);
    now.minus(Span::from_millis(past.unsigned_abs()))
}

/// Slack and GitHub can be told to send forms; that such a body is not JSON is no fault of it.
fn is_form(inbound: &Inbound) -> bool {
    let declared = inbound.headers.get("content-type").unwrap_or_default();
    let form = b"application/x-www-form-urlencoded";
    let matches = declared.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form));
    matches && std::str::from_utf8(&inbound.body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    const NOW: Timestamp = Timestamp::from_millis(1_780_286_699_999);

    fn rules(text: &str) -> Rules {
        read(text, |root| Some(Rules::read(root))).expect("valid rules")
    }

    fn identify(rules: &Rules, headers: &[(&str, &str)], body: &[u8]) -> Identified {
        let headers = headers.iter().copied().collect();
        rules.identify(&Inbound::post("/", headers, body.to_vec()), body, None, NOW)
    }

    #[test]
    fn everything_is_found() {
        let rules = rules(
            "key = [\"{header:X-Event}:{header:X-Topic}\", \"/id\"]\nkind = [\"/event/type\", \"/type\"]\n\
             entity = \"/object\"\nversion = \"/at\"\ntime = \"/at\"\ntime_unit = \"ms\"\n",
        );
        let body = br#"{"id":"evt_1","type":"made","object":7,"at":1234}"#;
        let found = identify(&rules, &[], body);
        assert_eq!(found.key.as_str(), "evt_1");
        assert_eq!(found.key_parts, ["evt_1"]);
        assert_eq!(found.kind.as_str(), "made");
        assert_eq!(found.entity, Some(Entity::new("7")));
        assert_eq!(found.version, Some(Version::new("1234")));
        assert_eq!(found.source_time, Some(Timestamp::from_millis(1234)));
        assert!(found.parsed && !found.is_keyed_by_body());

        let found = identify(&rules, &[("x-event", "e"), ("x-topic", "t")], body);
        assert_eq!(found.key.as_str(), "e:t");
        assert_eq!(found.key_parts, ["e", "t"]);
    }

    #[test]
    fn a_batch_is_not_known_by_its_first_event_alone() {
        let rules = rules("key = \"/0/id\"\nbatch = true\n");
        let key = |body: &[u8]| identify(&rules, &[], body).key;
        let one = br#"[{"id":"a"}]"#;
        let two = br#"[{"id":"a"},{"id":"b"}]"#;
        assert_eq!(key(one), key(one));
        assert_ne!(key(one), key(two), "the second event of the second request would be lost");
        assert_eq!(identify(&rules, &[], two).key_parts, ["a"]);
    }

    #[test]
    fn whatever_was_signed_is_identified() {
        let rules = rules("key = \"/id\"\nkind = \"/type\"\ntime = \"/created\"\n");
        let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        let bodies: [&[u8]; 6] =
            [b"", b"\xff\xfe", b"not json", b"{}", deep.as_bytes(), br#"{"id":{},"type":null}"#];
        let mut keys = std::collections::BTreeSet::new();
        for body in bodies {
            let found = identify(&rules, &[], body);
            assert!(found.is_keyed_by_body(), "{body:?}");
            assert_eq!(found.kind, Kind::unknown());
            assert_eq!(found.source_time, None);
            keys.insert(found.key);
        }
        assert_eq!(keys.len(), bodies.len());
        assert!(!identify(&rules, &[], b"not json").parsed);
        assert!(!identify(&rules, &[], b"").parsed);
    }

    #[test]
    fn a_form_that_says_so_is_readable() {
        let form = [("Content-Type", "Application/x-www-form-urlencoded; charset=utf-8")];
        assert!(identify(&Rules::default(), &form, b"payload=%7B%7D").parsed);
        assert!(!identify(&Rules::default(), &form, b"\xff").parsed);
    }

    #[test]
    fn absurd_values_are_bounded() {
        let rules = rules("key = \"/id\"\nkind = \"/id\"\nentity = \"/id\"\nversion = \"/id\"\n");
        let body = format!("{{\"id\":\"{}\"}}", "é\\n".repeat(50_000));
        let found = identify(&rules, &[], body.as_bytes());
        assert!(found.key.as_str().len() <= 512);
        assert!(found.kind.as_str().len() <= 256);
        assert!(found.entity.is_some_and(|entity| entity.as_str().len() <= 256));
    }

    #[test]
    fn equal_bodies_without_a_key_are_one_event_only_if_the_definition_says_so() {
        let by_body = rules("without_key = \"body\"");
        let by_time = Rules::default();
        let inbound = Inbound::post("/", Default::default(), "{}");
        let key = |rules: &Rules, signed_at: Option<i64>, now: i64| {
            let signed_at = signed_at.map(Timestamp::from_secs);
            rules.identify(&inbound, b"{}", signed_at, Timestamp::from_secs(now)).key
        };
        assert_eq!(key(&by_body, Some(1), 1), key(&by_body, Some(2), 1000));
        assert_ne!(key(&by_time, Some(1), 1), key(&by_time, Some(2), 1));
        assert_eq!(key(&by_time, Some(1), 1), key(&by_time, Some(1), 1000));
        assert_eq!(key(&by_time, None, 60), key(&by_time, None, 119));
        assert_ne!(key(&by_time, None, 59), key(&by_time, None, 60));
    }

    #[test]
    fn wrong_rules_name_the_line() {
        let found =
            read("kind = \"/type\"\nkey = \"id\"\nwhen = \"/x\"\n", |root| Some(Rules::read(root)));
        let text = found.expect_err("two problems").to_string();
        assert!(text.contains("line 2: `key`: \"id\" is neither"), "{text}");
        assert!(text.contains("line 3: unknown key `when`"), "{text}");
    }
}
