//! Reading a provider: from a definition of its own, or from a source of `holdfast.toml` that
//! describes a provider nobody has defined yet.

use super::acknowledgement::Acknowledgement;
use super::handshake::Handshake;
use super::{Mark, Provider, Retries, sample};
use crate::expression::Place;
use crate::identity::Rules;
use crate::poll::Listing;
use crate::reading::{Problems, Table, read};
use crate::signature::Scheme;
use crate::time::Span;

const DEDUPE_DAYS: std::ops::RangeInclusive<i64> = 30..=3650;

impl Provider {
    /// The name that asks for a provider described in the source itself.
    pub const GENERIC: &'static str = "hmac";

    /// Reads a definition.
    ///
    /// # Errors
    /// All problems of the text with their lines.
    pub fn from_toml(text: &str) -> Result<Self, Problems> {
        read(text, |root| {
            let name = root.string("name");
            let title = root.string("title");
            let aliases = root.strings("aliases");
            let provider = Self::read_body(root, name.unwrap_or_default());
            Some(Self { title: title?, aliases, ..provider? })
        })
    }

    /// Reads a generic provider out of a source's table, from its keys `scheme`, `event`,
    /// `keep_headers`, `dedupe_days`, `retries`, `handshakes`, `reply`, `sample`, `list`, `methods` and `json_in`; leaves the other keys alone. `None` after
    /// reporting what is wrong.
    pub fn read_generic(source: &mut Table<'_>) -> Option<Self> {
        Self::read_body(source, Self::GENERIC.to_owned())
    }

    /// Reads a definition out of a table `[providers.<name>]`.
    pub(crate) fn read_own(name: &str, table: &mut Table<'_>) -> Option<Self> {
        let title = table.optional_string("title");
        let provider = Self::read_body(table, name.to_owned())?;
        Some(Self { title: title.unwrap_or_else(|| name.to_owned()), ..provider })
    }

    fn read_body(table: &mut Table<'_>, name: String) -> Option<Self> {
        let scheme = table.required_table("scheme").and_then(|mut inner| {
            let scheme = Scheme::read(&mut inner);
            inner.finish();
            scheme
        });
        let mut rules = Rules::default();
        if let Some(mut inner) = table.table("event") {
            rules = Rules::read(&mut inner);
            inner.finish();
        }
        let keep = table.strings("keep_headers");
        let mut retries = Retries::default();
        if let Some(mut inner) = table.table("retries") {
            retries = Retries::read(&mut inner);
            inner.finish();
        }
        let days = table.optional_integer("dedupe_days", DEDUPE_DAYS);
        let mut handshakes = Vec::new();
        for mut inner in table.array("handshakes") {
            let read = Handshake::read(&mut inner);
            let signer = scheme.as_ref();
            handshakes.extend(read.map(|handshake| handshake.signed_by(signer)));
            inner.finish();
        }
        let given_away = handshakes.iter().flat_map(Handshake::gives_away).collect();
        let mut acknowledgement = Acknowledgement::default();
        if let Some(mut inner) = table.table("reply") {
            acknowledgement = Acknowledgement::read(&mut inner);
            inner.finish();
        }
        let mut sample = sample::Template::default();
        if let Some(mut inner) = table.table("sample") {
            sample = sample::Template::read(&mut inner).unwrap_or(sample);
            inner.finish();
        }
        let methods = table.strings("methods");
        let json_line = table.line_of("json_in");
        let json_in = table.optional_string("json_in").and_then(|text| {
            let place = Place::parse(&text).filter(|place| place.pointer().is_none());
            if place.is_none() {
                table.problem_on_line(json_line, "`json_in` must be a place like \"form:payload\"");
            }
            place
        });
        let xml_in = table.optional_string("xml_in").and_then(|text| Place::parse(&text));
        let only_line = table.line_of("needs_only");
        let mut needs_only = Vec::new();
        for text in table.strings("needs_only") {
            match Mark::parse(&text) {
                Some(mark) => needs_only.push(mark),
                None => table.problem_on_line(only_line, "`needs_only` must be a list of places"),
            }
        }
        let mut listing = None;
        let list_line = table.line_of("list");
        if let Some(mut inner) = table.table("list") {
            listing = Listing::read(&mut inner);
            inner.finish();
            for problem in rules.unfit_for_lists() {
                table.problem_on_line(list_line, problem);
            }
        }
        Some(Self {
            title: name.clone(),
            name,
            aliases: Vec::new(),
            scheme: scheme?.giving_away(given_away),
            rules,
            keep: keep.into_iter().map(|name| name.to_ascii_lowercase()).collect(),
            dedupe: days
                .map_or_else(|| retries.dedupe(), |days| Span::from_days(days.unsigned_abs())),
            retries,
            handshakes,
            acknowledgement,
            sample,
            listing,
            methods: if methods.is_empty() { vec!["POST".to_owned()] } else { methods },
            json_in,
            xml_in,
            needs_only,
            only: super::only::Only::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = r#"
name = "acme"
title = "Acme"
keep_headers = ["X-Acme-Delivery"]
[scheme]
header = "X-Acme-Signature"
algorithm = "sha256"
encoding = "hex"
content = "{body}"
[event]
key = "/id"
"#;

    #[test]
    fn a_definition() {
        let provider = Provider::from_toml(ACME).expect("valid");
        assert_eq!((provider.name(), provider.title()), ("acme", "Acme"));
        assert_eq!(provider.aliases(), [""; 0]);
        let also = ACME.replacen("title", "aliases = [\"acme-events\", \"a\"]\ntitle", 1);
        assert_eq!(Provider::from_toml(&also).expect("valid").aliases(), ["acme-events", "a"]);
        assert_eq!(provider.dedupe(), Span::from_days(90));
        assert!(provider.key_is_signed());
        let methods = ["POST", "GET", "PUT"];
        assert_eq!(methods.map(|method| provider.speaks(method)), [true, false, false]);
        let greeted = ACME.replacen("[scheme]", "[[handshakes]]\nmethod = \"GET\"\n[scheme]", 1);
        let greeted = Provider::from_toml(&greeted).expect("valid");
        assert_eq!(methods.map(|method| greeted.speaks(method)), [true, true, false]);
        assert_eq!(methods.map(|method| greeted.sends(method)), [true, false, false]);
        let unsigned = ACME.replace("\"/id\"", "[\"header:X-Acme-Delivery\", \"/id\"]");
        assert!(!Provider::from_toml(&unsigned).expect("valid").key_is_signed());
    }

    #[test]
    fn a_source_that_describes_its_provider() {
        let text = r#"
            [sources.acme]
            provider = "hmac"
            scheme = { header = "X-Acme-Signature", algorithm = "sha256", encoding = "hex", prefix = "sha256=", content = "{timestamp}.{body}", timestamp = "X-Acme-Timestamp", tolerance_secs = 300 }
            event = { key = "/id", kind = "/type", time = "/created" }
        "#;
        let provider = read(text, |root| {
            let (_, mut source) = root.tables("sources").pop()?;
            source.string("provider");
            let provider = Provider::read_generic(&mut source);
            source.finish();
            provider
        });
        assert_eq!(provider.expect("valid").name(), "hmac");
    }

    /// An event would have another key when it is listed than when its webhook comes.
    #[test]
    fn a_list_needs_events_that_are_known_by_themselves() {
        let list = "[list]\nbase_url = \"https://api.example.com\"\npath = \"/events\"\nauth = \"bearer\"\n\
                    query = { since = \"{start}\" }\nitems = \"/data\"\nid = \"/id\"\ntime = \"/at\"\nretention = \"30d\"\n\
                    paging = { kind = \"last_id\", param = \"after\", more = \"/more\" }\n";
        let problems = |event: &str| {
            let scheme = "name = \"a\"\ntitle = \"A\"\n[scheme]\nheader = \"S\"\nalgorithm = \"sha256\"\n\
                          encoding = \"hex\"\ncontent = \"{body}\"\n";
            match Provider::from_toml(&format!("{scheme}[event]\n{event}\n{list}")) {
                Ok(_) => Vec::new(),
                Err(problems) => problems.to_string().lines().map(str::to_owned).collect(),
            }
        };
        for event in [
            "key = \"/id\"\nkind = \"/type\"\ntime = \"/at\"",
            "key = \"root:/id\"\nentity = \"first-nested\"",
        ] {
            assert_eq!(problems(event), [""; 0], "{event}");
        }
        for (event, problem) in [
            ("", "`list` needs `event.key`"),
            ("key = \"/id\"\nkey_with_body = true", "`event.key_with_body`"),
            ("key = [\"header:X-Delivery\", \"/id\"]", "`event.key` = \"header:x-delivery\""),
            ("key = \"/id\"\nkind = \"header:X-Topic\"", "`event.kind` = \"header:x-topic\""),
            ("key = \"/id\"\nentity = \"query:of\"", "`event.entity` = \"query:of\""),
            ("key = \"/id\"\nversion = \"form:v\"", "`event.version` = \"form:v\""),
            ("key = \"/id\"\ntime = \"{header:X-Day}\"", "`event.time` = \"header:x-day\""),
            ("each = \"/events\"\nkey = \"root:/id\"", "`event.key` = \"root:/id\""),
        ] {
            let found = problems(event);
            assert!(matches!(&*found, [one] if one.contains(problem)), "{event}: {found:?}");
        }
    }

    #[test]
    fn the_path_of_a_list_is_a_path_and_nothing_else() {
        let problems = |path: &str| {
            let list = format!("[list]\npath = '{path}'\n");
            Provider::from_toml(&(ACME.to_owned() + &list))
                .expect_err("much is missing")
                .to_string()
        };
        assert!(!problems("/v1/events:all").contains("`path`"));
        for path in ["v1", "/v1?x=1", "/v1#x", "/v1\\x", "/a@b", "/a b", "/é"] {
            assert!(problems(path).contains("`path` must begin with a slash"), "{path}");
        }
    }

    #[test]
    fn problems_of_every_part_are_listed_together() {
        let text = "title = \"A\"\ndedupe_days = 20\n[scheme]\nheader = \"S\"\nalgorithm = \"md5\"\nencoding = \"hex\"\ncontent = \"{body}\"\n[event]\nkee = \"/id\"\n[[handshakes]]\nwhen = \"type\"\n";
        let found = Provider::from_toml(text).expect_err("problems").to_string();
        for expected in [
            "line 1: `name` is missing",
            "line 2: `dedupe_days` must be an integer from 30 to 3650, not 20",
            "line 5: in [scheme]: `algorithm` must be one of",
            "line 9: in [event]: unknown key `kee`, did you mean `key`?",
            "line 11: in [[handshakes]]: `when`: \"type\" is neither",
        ] {
            assert!(found.contains(expected), "missing {expected:?} in:\n{found}");
        }
    }
}
