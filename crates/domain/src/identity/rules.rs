//! The rules by which a provider's events are identified: the `[event]` table of a definition.

use super::{Entity, EventKey, Identified, Kind, Version};
use crate::body_hash::BodyHash;
use crate::expression::{Expression, Facts, Picked, Place, Value, picked};
use crate::inbound::Inbound;
use crate::json::Pointer;
use crate::moment::Unit;
use crate::reading::Table;
use crate::time::Timestamp;

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
    /// Whether the key is made of the event's bytes too: what it names is not unique by itself, as
    /// where an event holds several that are not taken apart.
    key_with_body: bool,
    /// The list whose items are the events of a request.
    pub(super) each: Option<Pointer>,
    /// The content type of a request that is such a list, where others are not taken apart.
    pub(super) each_type: Option<String>,
    /// The content type of an item, where that of the request is the list's.
    pub(super) item_type: Option<String>,
    /// Values of the request that its items would be without, and the headers that keep them.
    context: Vec<(String, Expression)>,
}

/// What stands in for a missing key. A doubled event is harmless, a lost one is not: equal bodies
/// are taken for the same event only where a definition says that the body holds something unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum WithoutKey {
    /// The body's hash.
    Body,
    /// The body's hash and the signed timestamp, or the moment of arrival if nothing is signed: equal
    /// hints may stand for two changes, however soon the second comes after the first.
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
        let key_with_body = table.boolean("key_with_body", false);
        let each = read_each(table);
        let each_type = table.optional_string("each_type").map(|one| one.to_ascii_lowercase());
        let item_type = table.optional_string("item_type");
        let context = read_context(table);
        Self {
            key,
            kind,
            entity,
            version,
            time,
            time_unit,
            without_key,
            key_with_body,
            each,
            each_type,
            item_type,
            context,
        }
    }

    /// Whether a request's events are the items of a list in it.
    pub fn splits(&self) -> bool {
        self.each.is_some()
    }

    /// Whether an event without an id is known by its bytes alone.
    pub(super) fn equals_are_one(&self) -> bool {
        self.without_key == WithoutKey::Body
    }

    /// The places that the key may be made of; none when it is always made of the body.
    pub fn key_places(&self) -> impl Iterator<Item = &Place> {
        self.key.iter().flat_map(Expression::places)
    }

    /// Why a listed event would not be known for the one that a webhook brought: each would be stored, and
    /// run, twice. What it differs in has to stand in the event itself, which is all that a list has.
    pub(crate) fn unfit_for_lists(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.key.is_empty() {
            problems.push("`list` needs `event.key`: listed events are known by it".to_owned());
        }
        if self.key_with_body {
            problems.push(
                "`list` cannot be used with `event.key_with_body`: the bytes of a listed event are not those \
                 of its webhook"
                    .to_owned(),
            );
        }
        let is_beside = |place: &&Place| match place {
            Place::Pointer(_) | Place::FirstNested => false,
            Place::Root(_) => self.splits(),
            Place::Header(_) | Place::Form(_) | Place::Query(_) => true,
        };
        for (part, expressions) in [
            ("key", &self.key),
            ("kind", &self.kind),
            ("entity", &self.entity),
            ("version", &self.version),
            ("time", &self.time),
        ] {
            for place in expressions.iter().flat_map(Expression::places).filter(is_beside) {
                problems.push(format!(
                    "`list` cannot be used with `event.{part}` = \"{place}\": a listed event has \
                     nothing but itself"
                ));
            }
        }
        problems
    }

    /// Identifies a request whose JSON is the document, as one event. `signed_at` is the timestamp
    /// that its signature covers, if any.
    pub(crate) fn identify(
        &self,
        inbound: &Inbound,
        document: &[u8],
        signed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Identified {
        let facts = Facts::read_in(inbound, document, self.places().filter_map(Place::pointer));
        self.identify_by(&facts, inbound, &inbound.body, signed_at, now)
    }

    /// Identifies one item of a request's list.
    pub(super) fn identify_item(
        &self,
        inbound: &Inbound,
        (item, root): (&[u8], &Picked<'_>),
        signed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Identified {
        let inner = self.places().filter(|place| place.root().is_none());
        let facts = Facts::of_item(inbound, item, inner.filter_map(Place::pointer), root);
        self.identify_by(&facts, inbound, item, signed_at, now)
    }

    /// What the rules ask of the whole beside each item.
    pub(super) fn pick_root<'r>(&'r self, document: &[u8]) -> Picked<'r> {
        let kept = self.context.iter().flat_map(|(_, of)| of.places());
        picked(document, self.places().chain(kept).filter_map(Place::root))
    }

    /// The headers that keep what an item would be without, at most 256 bytes each.
    pub(super) fn context<'r>(
        &self,
        inbound: &'r Inbound,
        root: &'r Picked<'r>,
    ) -> Vec<(String, String)> {
        let facts = Facts::of_item(inbound, &[], std::iter::empty(), root);
        let values = self.context.iter().filter_map(|(name, of)| {
            let value = of.evaluate(&facts)?;
            Some((name.clone(), String::from(Kind::new(text(&value.bytes)))))
        });
        values.collect()
    }

    fn identify_by(
        &self,
        facts: &Facts<'_>,
        inbound: &Inbound,
        bytes: &[u8],
        signed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Identified {
        let (key, key_parts) = match first(&self.key, facts) {
            Some(value) => {
                let key = EventKey::new(without_line_end(&value.bytes));
                let key = if self.key_with_body { key.beside(&BodyHash::of(bytes)) } else { key };
                (key, value.parts.iter().map(text).collect())
            }
            None => (self.key_of_body(bytes, signed_at, now), Vec::new()),
        };
        Identified {
            key,
            key_parts,
            kind: first(&self.kind, facts)
                .map_or_else(Kind::unknown, |value| Kind::new(text(&value.bytes))),
            entity: first(&self.entity, facts).map(|value| Entity::new(text(&value.bytes))),
            version: first(&self.version, facts).map(|value| Version::new(text(&value.bytes))),
            source_time: first(&self.time, facts)
                .and_then(|value| self.time_unit.read(&value.bytes)),
            parsed: facts.is_json() || is_form(inbound),
        }
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        [&self.key, &self.kind, &self.entity, &self.version, &self.time]
            .into_iter()
            .flatten()
            .flat_map(Expression::places)
    }

    fn key_of_body(&self, body: &[u8], signed_at: Option<Timestamp>, now: Timestamp) -> EventKey {
        let hashed = EventKey::of_hash(&BodyHash::of(body));
        match (self.without_key, signed_at) {
            (WithoutKey::Body, _) => hashed,
            (WithoutKey::BodyAndTime, Some(at)) => EventKey::new(format!("{hashed}@{at}")),
            (WithoutKey::BodyAndTime, None) => EventKey::new(format!("{hashed}@{now}")),
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

fn read_each(table: &mut Table<'_>) -> Option<Pointer> {
    let line = table.line_of("each");
    let text = table.optional_string("each")?;
    let pointer = if text == "body" { Some(Pointer::whole()) } else { Pointer::parse(&text) };
    if pointer.is_none() {
        let why = "`each` must be a JSON pointer like \"/events\", or \"body\" for the whole";
        table.problem_on_line(line, why);
    }
    pointer
}

fn read_context(table: &mut Table<'_>) -> Vec<(String, Expression)> {
    let Some(mut inner) = table.table("context") else { return Vec::new() };
    let mut context = Vec::new();
    for (name, text) in inner.texts() {
        match Expression::parse(&text) {
            Ok(value) if value.places().all(|place| place.root().is_some()) => {
                context.push((name.to_ascii_lowercase(), value));
            }
            Ok(_) => inner.problem(format!("`{name}` must be a place like \"root:/pointer\"")),
            Err(why) => inner.problem(format!("`{name}`: {why}")),
        }
    }
    inner.finish();
    context
}

fn first<'f>(choices: &[Expression], facts: &'f Facts<'_>) -> Option<Value<'f>> {
    choices.iter().find_map(|expression| expression.evaluate(facts))
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(bytes.as_ref()).into_owned()
}

/// A line end that was lost on the way, or that somebody leaves out, makes no other event: there are
/// signatures that hold with it and without it.
fn without_line_end(mut key: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\n'] = key {
        key = rest;
    }
    key
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
    fn several_in_one_are_not_known_by_the_first_alone() {
        let rules = rules("key = \"/0/id\"\nkey_with_body = true\n");
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
        assert_eq!(key(&by_time, None, 60), key(&by_time, None, 60));
        assert_ne!(key(&by_time, None, 60), key(&by_time, None, 61));
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
