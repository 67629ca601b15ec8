//! One definition, told to people.

use super::conformance::Rows;
use holdfast_domain::provider::Provider;
use holdfast_domain::time::Span;
use holdfast_providers::sample_keys;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

pub(crate) struct Definition {
    name: &'static str,
    pub(crate) provider: &'static Provider,
    /// Addresses that it names.
    pub(crate) sources: Vec<String>,
    notes: String,
    key_notes: String,
    table: Table,
}

impl Definition {
    pub(crate) fn read(name: &'static str) -> Self {
        let provider = holdfast_providers::find(name).unwrap_or_else(|missing| panic!("{missing}"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("definitions/{name}.toml"));
        let text = fs::read_to_string(path).expect("a definition");
        let (head, _) = text.split_once("\nname =").expect("a name");
        let (links, notes) = comments(head).partition(|line| line.starts_with("https://"));
        let event = text.split("\n[event]").nth(1).unwrap_or_default();
        let event = event.split("\n[").next().unwrap_or_default();
        // What stands behind the last empty line belongs to the next table.
        let event = event
            .rsplit_once("\n\n")
            .map_or(event, |(own, next)| if next.starts_with('#') { own } else { event });
        Self {
            name,
            provider,
            sources: links,
            notes: sentence(&notes),
            key_notes: sentence(&comments(event).collect::<Vec<_>>()),
            table: toml::from_str(&text).expect("TOML"),
        }
    }

    /// Its line in the table of all.
    pub(crate) fn line(&self, rows: &Rows) -> String {
        let lists = if self.provider.sends_lists() { "yes" } else { "–" };
        let vectors = match rows.all_of(self.name) {
            0 => "–".to_owned(),
            count => count.to_string(),
        };
        let handshakes = match self.handshakes().len() {
            0 => "–".to_owned(),
            count => count.to_string(),
        };
        let signed = self.key_is_signed();
        format!(
            "| [`{0}`](#{0}) | {1} | {2} | {signed} | {lists} | {handshakes} | {vectors} |\n",
            self.name,
            self.proof(),
            cell(&self.key()),
        )
    }

    /// What there is to say about it.
    pub(crate) fn section(&self, rows: &Rows) -> String {
        let mut text = format!("\n### {}\n\n{}. ", self.name, self.provider.title());
        let _ = writeln!(text, "{}\n", self.notes);
        let mut item = |name: &str, value: String| {
            if !value.is_empty() {
                let _ = writeln!(text, "- **{name}**: {value}");
            }
        };
        item("Proof", self.proof_in_full());
        item(
            "Key",
            format!("{}; signed: {}. {}", self.key(), self.key_is_signed(), self.key_notes),
        );
        item("Says", self.says());
        item("Lists", self.lists());
        item("Handshakes", self.handshakes().join("; "));
        item("Answer", self.answer());
        item("Repeats", self.repeats());
        item("Vectors", self.vectors(rows));
        item("Sample", self.sample().to_owned());
        item(
            "Sources",
            self.sources.iter().map(|url| format!("<{url}>")).collect::<Vec<_>>().join(", "),
        );
        text
    }

    fn part(&self, name: &str) -> Option<&Table> {
        self.table.get(name).and_then(Value::as_table)
    }

    /// The texts of a key: of a text or of a list of them.
    fn texts(&self, part: &str, key: &str) -> Vec<String> {
        self.part(part).and_then(|part| part.get(key)).map(texts).unwrap_or_default()
    }

    fn text(&self, part: &str, key: &str) -> Option<String> {
        self.texts(part, key).into_iter().next()
    }

    /// The second proof that has to hold as well.
    fn second(&self) -> Option<&Table> {
        self.part("scheme").and_then(|scheme| scheme.get("also")).and_then(Value::as_table)
    }

    fn proof(&self) -> String {
        let own = proof_named(&self.text("scheme", "algorithm").unwrap_or_default());
        match self.second() {
            None => own,
            Some(second) => format!("{own} and {}", proof_named(text_of(second, "algorithm"))),
        }
    }

    fn proof_in_full(&self) -> String {
        let mut text = proof_named(&self.text("scheme", "algorithm").unwrap_or_default());
        let mut places = self.texts("scheme", "header");
        places.extend(self.texts("scheme", "signature"));
        if !places.is_empty() {
            let _ = write!(text, " in {}", codes(&places, ", "));
        }
        if let Some(encoding) = self.text("scheme", "encoding") {
            let _ = write!(text, ", {encoding}");
        }
        let content = self.texts("scheme", "content");
        if !content.is_empty() {
            let _ = write!(text, ", over {}", codes(&content, " or "));
        } else if let Some(claim) = self.text("scheme", "body_claim") {
            let _ = write!(text, "; the body's hash in its claim `{claim}`");
        } else {
            text.push_str("; it covers nothing of the request");
        }
        if let Some(format) = self.text("scheme", "key").filter(|format| format != "text") {
            let _ = write!(text, "; the secret's format is `{format}`");
        }
        if let Some(second) = self.second() {
            let proof = proof_named(text_of(second, "algorithm"));
            let (list, keys) = (text_of(second, "each"), text_of(second, "key_set"));
            let _ = write!(text, "; and {proof} in each item of `{list}`, under keys of <{keys}>");
        }
        match self.provider.scheme().tolerance() {
            Some(tolerance) => {
                let _ = write!(text, "; {} of tolerance", span(tolerance));
            }
            None => text.push_str("; no time is judged"),
        }
        text
    }

    fn key(&self) -> String {
        let choices = self.texts("event", "key");
        let with_body = self.part("event").is_some_and(|event| event.contains_key("key_with_body"));
        match (choices.is_empty(), self.text("event", "without_key").as_deref(), with_body) {
            (false, _, true) => {
                format!("{}, and the hash of its bytes", codes(&choices, ", else "))
            }
            (false, _, false) => codes(&choices, ", else "),
            (true, Some("body"), _) => "hash of its bytes".to_owned(),
            (true, _, _) => "hash of its bytes, and the time".to_owned(),
        }
    }

    fn key_is_signed(&self) -> &'static str {
        if self.provider.key_is_signed() { "yes" } else { "**no**" }
    }

    fn says(&self) -> String {
        let parts =
            ["kind", "entity", "version", "time"].map(|part| (part, self.texts("event", part)));
        let said = parts.iter().filter(|(_, places)| !places.is_empty());
        said.map(|(part, places)| format!("{part} {}", codes(places, ", else ")))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn lists(&self) -> String {
        let Some(list) = self.text("event", "each") else { return String::new() };
        let list = if list == "body" { "the body".to_owned() } else { format!("`{list}`") };
        let only = self.text("event", "each_type");
        let only = only.map_or_else(String::new, |one| format!(", where its type is `{one}`"));
        let context =
            self.part("event").and_then(|event| event.get("context")).and_then(Value::as_table);
        let kept = context
            .map(|context| context.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>());
        let kept =
            kept.map_or_else(String::new, |kept| format!("; each is given {}", kept.join(", ")));
        format!("each item of {list} is an event{only}{kept}")
    }

    fn handshakes(&self) -> Vec<String> {
        let all =
            self.table.get("handshakes").and_then(Value::as_array).cloned().unwrap_or_default();
        all.iter().filter_map(Value::as_table).map(handshake).collect()
    }

    fn answer(&self) -> String {
        let Some(reply) = self.part("reply") else { return String::new() };
        let status = reply.get("status").and_then(Value::as_integer).unwrap_or(200);
        match reply.get("text").and_then(Value::as_str) {
            Some(text) => format!("{status} with `{text}`"),
            None => format!("{status} without a body"),
        }
    }

    fn repeats(&self) -> String {
        let retries = self.provider.retries();
        let said = |span_of: Option<Span>| span_of.map_or_else(|| "0".to_owned(), span);
        format!(
            "{}. Remembered for {} (its own retries {} + by hand {} + 30 d, at least 90 d)",
            retries.how,
            span(self.provider.dedupe()),
            said(retries.lasting),
            said(retries.by_hand),
        )
    }

    fn vectors(&self, rows: &Rows) -> String {
        match (rows.of(self.name, "public"), rows.of(self.name, "own")) {
            (0, 0) => {
                "none: written from the documentation. Send a test event before you rely on it"
                    .to_owned()
            }
            (public, 0) => format!("{public} of the public corpus"),
            (0, own) => format!("{own} of our own"),
            (public, own) => format!("{public} of the public corpus, {own} of our own"),
        }
    }

    /// Who can sign a sample of it. That there is one for each is the registry's own test.
    fn sample(&self) -> &'static str {
        let scheme = self.provider.scheme();
        if !scheme.has_public_key() {
            return "`holdfast send` signs one";
        }
        match scheme.verified_by(&sample_keys()).page {
            None => {
                "`holdfast send` signs one, with a private key of yours for a source that is deployed"
            }
            Some(_) => {
                "`holdfast send` signs one for `holdfast dev`; nobody but the provider can for a source that is deployed"
            }
        }
    }
}

fn text_of<'t>(table: &'t Table, key: &str) -> &'t str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn proof_named(algorithm: &str) -> String {
    match algorithm {
        "sha1" | "sha256" | "sha512" => {
            format!("HMAC-{}", algorithm.to_uppercase().replace("SHA", "SHA-"))
        }
        "ed25519" => "Ed25519".to_owned(),
        "ecdsa-p256" => "ECDSA P-256".to_owned(),
        "rsa" => "RSA".to_owned(),
        "token" => "shared token".to_owned(),
        "basic" => "HTTP Basic".to_owned(),
        other => other.replace("jwt-", "JWT ").to_uppercase(),
    }
}

fn handshake(one: &Table) -> String {
    let is = |key: &str| one.get(key).and_then(Value::as_bool);
    let text = |key: &str| one.get(key).and_then(Value::as_str);
    let mut said = format!(
        "{} {}",
        if is("signed") == Some(false) { "unsigned" } else { "signed" },
        text("method").unwrap_or("POST")
    );
    match (text("when"), text("equals")) {
        (Some(when), Some(equals)) => said.push_str(&format!(" with `{when}` = `{equals}`")),
        (Some(when), None) => said.push_str(&format!(" with `{when}`")),
        _ => {}
    }
    for (key, meaning) in [
        ("token", "and the source's `verify_token`"),
        ("origin", "of an allowed origin"),
        ("offers", "that offers a secret"),
        ("visit", "that asks for a visit"),
    ] {
        if one.contains_key(key) {
            said.push_str(&format!(" {meaning}"));
        }
    }
    if is("unless_secret") == Some(true) {
        said.push_str(", while the source has none");
    }
    let status = one.get("status").and_then(Value::as_integer).unwrap_or(200);
    said.push_str(&format!(" → {status}"));
    if let Some(body) = text("body") {
        said.push_str(&format!(", echoes `{body}`"));
    }
    if let Some(body) = text("text") {
        said.push_str(&format!(", `{body}`"));
    }
    for key in ["json", "headers"] {
        let Some(inner) = one.get(key).and_then(Value::as_table) else { continue };
        let names: Vec<String> = inner.keys().map(|name| format!("`{name}`")).collect();
        said.push_str(&format!(
            ", {} {}",
            if key == "json" { "JSON with" } else { "header" },
            names.join(", ")
        ));
    }
    said
}

fn comments(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| line.trim().strip_prefix('#')).map(|line| line.trim().to_owned())
}

fn sentence(lines: &[String]) -> String {
    lines.join(" ").replace('|', "\\|")
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// As code, on one line: line breaks in signed content are shown.
fn codes(texts: &[String], between: &str) -> String {
    let codes: Vec<String> =
        texts.iter().map(|text| format!("`{}`", text.replace('\n', "⏎"))).collect();
    codes.join(between)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn span(span: Span) -> String {
    let secs = span.secs_up();
    match secs {
        0 => "0".to_owned(),
        _ if secs.is_multiple_of(86_400) => format!("{} d", secs / 86_400),
        _ if secs > 172_800 && secs.is_multiple_of(3_600) => {
            format!("{} d {} h", secs / 86_400, secs % 86_400 / 3_600)
        }
        _ if secs.is_multiple_of(3_600) => format!("{} h", secs / 3_600),
        _ if secs.is_multiple_of(60) => format!("{} min", secs / 60),
        _ => format!("{secs} s"),
    }
}
