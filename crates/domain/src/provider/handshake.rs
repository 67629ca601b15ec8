//! Requests that want an answer instead of being stored: Slack's signed `url_verification`, Meta's
//! unsigned GET with the source's own token.
//!
//! An unsigned handshake is answered before anything is verified, and so to anybody. What it says
//! back is short and never taken for a page. Anybody may ask for the code of a text that looks like a
//! challenge, so that no request is believed for such a code.

use crate::expression::{Expression, Facts};
use crate::inbound::Inbound;
use crate::json::Pointer;
use crate::reading::Table;
use crate::secret::Secret;
use crate::signature::{Challenge, Scheme, code};
use crate::web::UrlPattern;
use bytes::Bytes;
use memchr::memmem;

/// An answer to a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, `content-type` among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// A page to visit before this is answered: the provider asks for it, and an answer without the
    /// visit would be a lie.
    pub visit: Option<String>,
}

/// What a source knows that an unsigned handshake may ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'s> {
    /// The source's secrets, the newest first.
    pub secrets: &'s [Secret],
    /// The tokens that a provider was told to identify itself with at a handshake.
    pub verify_tokens: &'s [Secret],
    /// The origins that may announce themselves.
    pub allowed_origins: &'s [String],
}

/// When a request is a handshake, and what to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    method: String,
    signed: bool,
    unless_secret: bool,
    /// A secret that the request offers, to be shown to an operator. It never takes a place by itself.
    offers: Option<Expression>,
    when: Option<Expression>,
    unless: Option<Expression>,
    equals: Option<String>,
    token: Option<Expression>,
    origin: Option<Expression>,
    status: u16,
    content_type: String,
    body: Option<Value>,
    signer: Option<Box<Scheme>>,
    /// How many hex digits the value to be signed has.
    hex_digits: Option<Challenge>,
    text: Option<String>,
    json: Vec<(String, Value)>,
    headers: Vec<(String, Expression)>,
    visit: Option<(Expression, Vec<UrlPattern>)>,
}

/// A value of the answer's JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Echo(Expression),
    /// The value's code by the scheme of the provider itself.
    Signed(Expression),
    /// The HMAC-SHA256 of the value, as hex or base64, after a prefix.
    Code {
        of: Expression,
        base64: bool,
        prefix: String,
    },
}

/// An echoed value is never longer than this: no provider's challenge is, and a longer one is
/// somebody's payload.
const LONGEST_ECHO: usize = 1024;

/// No provider's secret is longer.
const LONGEST_OFFER: usize = 256;

impl Handshake {
    /// Reads one `[[handshakes]]` table; `None` after reporting what is wrong.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let words = ["POST", "GET", "HEAD", "OPTIONS"].map(|word| (word, word));
        let method = table.optional_one_of("method", &words).unwrap_or("POST").to_owned();
        let signed = table.boolean("signed", true);
        let unless_secret = table.boolean("unless_secret", false);
        let offers_line = table.line_of("offers");
        let offers = expression(table, "offers");
        if offers.is_some() && (signed || !unless_secret) {
            let why = "`offers` needs `signed = false` and `unless_secret = true`: an unasked secret \
                       must not take the place of a known one";
            table.problem_on_line(offers_line, why);
        }
        if method == "POST" && !table.has("when") {
            table.problem("`when` is missing: where an event and a handshake differ");
        }
        let when = expression(table, "when");
        let unless = expression(table, "unless");
        let equals = table.optional_string("equals");
        let token = expression(table, "token");
        let origin = expression(table, "origin");
        let status = table.optional_integer("status", 200..=299).unwrap_or(200);
        let content_type = table.optional_string("content_type");
        let body = value(table, "body");
        let hex_digits = read_hex_digits(table);
        let text = table.optional_string("text");
        let json = read_values(table);
        let headers = read_headers(table);
        let visit = read_visit(table, signed);
        Some(Self {
            method,
            signed,
            unless_secret,
            offers,
            when,
            unless,
            equals,
            token,
            origin,
            status: u16::try_from(status).unwrap_or(200),
            content_type: content_type.unwrap_or_else(|| "text/plain".to_owned()),
            body,
            signer: None,
            hex_digits,
            text,
            json,
            headers,
            visit,
        })
    }

    /// Gives it the scheme to make codes by.
    pub(super) fn signed_by(mut self, scheme: Option<&Scheme>) -> Self {
        if matches!(self.body, Some(Value::Signed(_))) {
            self.signer = scheme.cloned().map(Box::new);
        }
        self
    }

    /// What anybody can have codes of, where nobody signs it.
    pub(super) fn gives_away(&self) -> Vec<Challenge> {
        let values = self.json.iter().map(|(_, value)| value).chain(&self.body);
        let of = |value: &Value| match value {
            Value::Echo(_) => None,
            Value::Signed(_) => self.hex_digits.clone(),
            Value::Code { .. } => Some(Challenge::Word),
        };
        if self.signed { Vec::new() } else { values.filter_map(of).collect() }
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn needs_token(&self) -> bool {
        self.token.is_some()
    }

    /// Whether the JSON text can say at all what the handshake looks for: events are not read for
    /// the sake of a handshake that comes once. A text with escapes is read to find out.
    fn may_be_asked(&self, document: &[u8]) -> bool {
        let (Some(when), Some(equals)) = (&self.when, &self.equals) else { return true };
        when.pointer().is_none()
            || memmem::find(document, equals.as_bytes()).is_some()
            || memchr::memchr(b'\\', document).is_some()
    }

    fn is_asked(&self, inbound: &Inbound, facts: &Facts<'_>, terms: &Terms<'_>) -> bool {
        let there = |wanted: &Option<Expression>, fits: &dyn Fn(&[u8]) -> bool| match wanted {
            None => true,
            Some(wanted) => wanted.evaluate(facts).is_some_and(|found| fits(&found.bytes)),
        };
        inbound.method == self.method
            && there(&self.when, &|found| {
                self.equals.as_ref().is_none_or(|equals| found == equals.as_bytes())
            })
            && self.unless.as_ref().is_none_or(|absent| absent.evaluate(facts).is_none())
            && there(&self.token, &|found| {
                terms.verify_tokens.iter().fold(false, |all, one| all | one.matches(found))
            })
            && there(&self.origin, &|found| {
                terms.allowed_origins.iter().any(|one| one.as_bytes() == found)
            })
            && self.is_open(terms)
    }

    /// Whether it is not over already: the source has a secret.
    fn is_open(&self, terms: &Terms<'_>) -> bool {
        !(self.unless_secret && terms.secrets.iter().any(|secret| !secret.is_empty()))
    }

    /// The secret that is offered, if it is short and a plain word.
    fn offered(&self, facts: &Facts<'_>) -> Option<Secret> {
        let offered = self.offers.as_ref()?.evaluate(facts)?.bytes;
        let plain = offered.iter().all(u8::is_ascii_graphic) && offered.len() <= LONGEST_OFFER;
        String::from_utf8(offered).ok().filter(|_| plain).map(Secret::new)
    }

    fn answer(&self, facts: &Facts<'_>, secret: Option<&Secret>) -> Option<Reply> {
        let mut headers = vec![
            ("content-type".to_owned(), self.content_type.clone()),
            // What is echoed must not be taken for a page.
            ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ];
        for (name, value) in &self.headers {
            let value = String::from_utf8(value.evaluate(facts)?.bytes).ok()?;
            let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            (plain && value.len() <= LONGEST_ECHO).then(|| headers.push((name.clone(), value)))?;
        }
        let visit = match &self.visit {
            None => None,
            Some((place, from)) => {
                let url = String::from_utf8(place.evaluate(facts)?.bytes).ok()?;
                Some(from.iter().any(|pattern| pattern.matches(&url)).then_some(url)?)
            }
        };
        let body = match (&self.body, &self.text) {
            (Some(Value::Signed(of)), _) => self.code_of(&of.evaluate(facts)?.bytes, secret?)?,
            (Some(value), _) => value.evaluate(facts, secret)?.into_bytes(),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) if self.json.is_empty() => Vec::new(),
            (None, None) => {
                let mut object = serde_json::Map::new();
                for (name, value) in &self.json {
                    object.insert(name.clone(), value.evaluate(facts, secret)?.into());
                }
                serde_json::to_vec(&object).ok()?
            }
        };
        let short = body.len() <= LONGEST_ECHO;
        short.then_some(Reply { status: self.status, headers, body, visit })
    }

    /// Anybody may ask for it, so it is made only of what the provider's own challenges look like.
    fn code_of(&self, token: &[u8], secret: &Secret) -> Option<Vec<u8>> {
        let right = self.hex_digits.as_ref()?.is(token);
        let signer = self.signer.as_ref().filter(|_| right)?;
        signer.code_of(secret, token).map(String::into_bytes)
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let visit = self.visit.as_ref().map(|(place, _)| place);
        let places = [&self.when, &self.unless, &self.offers, &self.token, &self.origin];
        let body = self.body.as_ref().map(Value::expression);
        let places = places.into_iter().flatten().chain(visit).chain(body);
        let values = self.json.iter().map(|(_, value)| value.expression());
        places.chain(values).chain(self.headers.iter().map(|(_, value)| value))
    }
}

impl Value {
    /// Reads `/pointer` and other places, `hmac-hex:<place>`, `hmac-base64:<place>` and
    /// `sha256=hmac-base64:<place>`.
    fn parse(text: &str) -> Result<Self, String> {
        for (word, base64) in [("hmac-hex:", false), ("hmac-base64:", true)] {
            if let Some((prefix, place)) = text.split_once(word) {
                let of = Expression::parse(place)?;
                return Ok(Self::Code { of, base64, prefix: prefix.to_owned() });
            }
        }
        match text.strip_prefix("signed:") {
            Some(place) => Expression::parse(place).map(Self::Signed),
            None => Expression::parse(text).map(Self::Echo),
        }
    }

    const fn expression(&self) -> &Expression {
        match self {
            Self::Echo(of) | Self::Signed(of) | Self::Code { of, .. } => of,
        }
    }

    fn evaluate(&self, facts: &Facts<'_>, secret: Option<&Secret>) -> Option<String> {
        match self {
            Self::Echo(of) => String::from_utf8(of.evaluate(facts)?.bytes).ok(),
            Self::Signed(_) => None,
            Self::Code { of, base64, prefix } => {
                let token = of.evaluate(facts)?.bytes;
                let secret = secret.filter(|secret| !secret.is_empty())?;
                let right = Challenge::Word.is(&token);
                right.then(|| format!("{prefix}{}", code(secret, &token, *base64)))
            }
        }
    }
}

/// The answer of the first signed handshake that a proved request is.
pub(super) fn answer(
    handshakes: &[Handshake],
    inbound: &Inbound,
    document: impl FnOnce() -> Bytes,
    secret: &Secret,
) -> Option<Reply> {
    let terms = Terms::default();
    let answer = |one: &Handshake, facts: &Facts<'_>| one.answer(facts, Some(secret));
    find(handshakes, true, inbound, document, &terms, answer)
}

/// The answer of the first unsigned handshake that a request is.
pub(super) fn greet(
    handshakes: &[Handshake],
    inbound: &Inbound,
    document: impl FnOnce() -> Bytes,
    terms: &Terms<'_>,
) -> Option<Reply> {
    let answer = |one: &Handshake, facts: &Facts<'_>| {
        // What offers something that is no secret is no handshake.
        let sound = one.offers.is_none() || one.offered(facts).is_some();
        one.answer(facts, terms.secrets.first()).filter(|_| sound)
    };
    find(handshakes, false, inbound, document, terms, answer)
}

/// The secret that the first unsigned handshake offers that a request is.
pub(super) fn offered(
    handshakes: &[Handshake],
    inbound: &Inbound,
    document: impl FnOnce() -> Bytes,
    terms: &Terms<'_>,
) -> Option<Secret> {
    find(handshakes, false, inbound, document, terms, Handshake::offered)
}

fn find<T>(
    handshakes: &[Handshake],
    signed: bool,
    inbound: &Inbound,
    document: impl FnOnce() -> Bytes,
    terms: &Terms<'_>,
    answer: impl Fn(&Handshake, &Facts<'_>) -> Option<T>,
) -> Option<T> {
    // One that is over is left out here, before any JSON is made or read for it: anybody may ask.
    let mut open = handshakes
        .iter()
        .filter(|one| one.signed == signed && one.method == inbound.method && one.is_open(terms))
        .peekable();
    open.peek()?;
    let document = document();
    let meant: Vec<&Handshake> = open.filter(|one| one.may_be_asked(&document)).collect();
    if meant.is_empty() {
        return None;
    }
    let pointers: Vec<&Pointer> =
        meant.iter().flat_map(|one| one.expressions()).flat_map(Expression::pointers).collect();
    let facts = if pointers.is_empty() {
        Facts::without_json(inbound)
    } else {
        Facts::read_in(inbound, &document, pointers.into_iter())
    };
    let mut asked = meant.into_iter().filter(|one| one.is_asked(inbound, &facts, terms));
    asked.find_map(|one| answer(one, &facts))
}

fn expression(table: &mut Table<'_>, key: &'static str) -> Option<Expression> {
    let line = table.line_of(key);
    match Expression::parse(&table.optional_string(key)?) {
        Ok(expression) => Some(expression),
        Err(why) => {
            table.problem_on_line(line, format!("`{key}`: {why}"));
            None
        }
    }
}

/// A page is visited only for a signed request, and only where the definition says.
fn read_visit(table: &mut Table<'_>, signed: bool) -> Option<(Expression, Vec<UrlPattern>)> {
    let line = table.line_of("visit");
    let place = expression(table, "visit");
    let texts = table.one_or_more("visit_from");
    let patterns: Vec<UrlPattern> =
        texts.iter().filter_map(|text| UrlPattern::parse(text)).collect();
    let named = !patterns.is_empty() && patterns.len() == texts.len();
    if place.is_some() && !(named && signed) {
        let why = "`visit` needs `visit_from`, patterns like \"https://*.example.com/confirm?*\", \
                   and a signed handshake";
        table.problem_on_line(line, why);
    }
    place.map(|place| (place, patterns))
}

fn value(table: &mut Table<'_>, key: &'static str) -> Option<Value> {
    let line = table.line_of(key);
    match Value::parse(&table.optional_string(key)?) {
        Ok(value) => Some(value),
        Err(why) => {
            table.problem_on_line(line, format!("`{key}`: {why}"));
            None
        }
    }
}

/// Reads `hex_digits`, the least and the greatest number of them.
fn read_hex_digits(table: &mut Table<'_>) -> Option<Challenge> {
    let line = table.line_of("hex_digits");
    let text = table.optional_string("hex_digits")?;
    let numbers = text
        .split_once('-')
        .and_then(|(least, most)| Some(least.parse::<usize>().ok()?..=most.parse::<usize>().ok()?));
    if numbers.is_none() {
        table.problem_on_line(line, "`hex_digits` must be like \"20-32\"");
    }
    numbers.map(Challenge::HexDigits)
}

fn read_values(table: &mut Table<'_>) -> Vec<(String, Value)> {
    let Some(mut inner) = table.table("json") else { return Vec::new() };
    let mut values = Vec::new();
    for (name, text) in inner.texts() {
        match Value::parse(&text) {
            Ok(value) => values.push((name, value)),
            Err(why) => inner.problem(format!("`{name}`: {why}")),
        }
    }
    inner.finish();
    values
}

fn read_headers(table: &mut Table<'_>) -> Vec<(String, Expression)> {
    let Some(mut inner) = table.table("headers") else { return Vec::new() };
    let mut headers = Vec::new();
    for (name, text) in inner.texts() {
        match Expression::parse(&text) {
            Ok(value) => headers.push((name.to_ascii_lowercase(), value)),
            Err(why) => inner.problem(format!("`{name}`: {why}")),
        }
    }
    inner.finish();
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    fn handshake(text: &str) -> Handshake {
        read(text, Handshake::read).expect("valid")
    }

    fn reply(body: &str) -> Option<Reply> {
        let text = "when = \"/type\"\nequals = \"url_verification\"\nbody = \"/challenge\"\n";
        let inbound = Inbound::post("/", Default::default(), body.to_owned());
        answer(&[handshake(text)], &inbound, || inbound.body.clone(), &Secret::new("s"))
    }

    #[test]
    fn the_challenge_is_echoed_as_plain_text() {
        let reply = reply(r#"{"type":"url_verification","challenge":"<b>3e"}"#).expect("a reply");
        assert_eq!((reply.status, reply.body.as_slice()), (200, &b"<b>3e"[..]));
        let header = |name: &str| reply.headers.iter().find(|(known, _)| known == name);
        assert_eq!(header("content-type").map(|(_, value)| value.as_str()), Some("text/plain"));
        assert!(header("x-content-type-options").is_some());
    }

    #[test]
    fn anything_else_is_an_event() {
        let long = format!(r#"{{"type":"url_verification","challenge":"{}"}}"#, "x".repeat(1025));
        for body in [
            "",
            "{",
            "{}",
            r#"{"type":"event_callback","challenge":"x"}"#,
            r#"{"type":"url_verification"}"#,
            &long,
        ] {
            assert_eq!(reply(body), None, "{body:.60}");
        }
    }

    #[test]
    fn a_token_must_be_the_sources_own() {
        let meta = [handshake(
            "method = \"GET\"\nsigned = false\nwhen = \"query:mode\"\nequals = \"subscribe\"\n\
             token = \"query:token\"\nbody = \"query:challenge\"\n",
        )];
        let tokens = [Secret::new("right")];
        let greeted = |query: &str, tokens: &[Secret]| {
            let mut inbound = Inbound::post("/", Default::default(), "");
            (inbound.method, inbound.query) = ("GET".to_owned(), query.to_owned());
            let terms = Terms { verify_tokens: tokens, ..Terms::default() };
            greet(&meta, &inbound, || Bytes::from_static(b""), &terms).map(|reply| reply.body)
        };
        let good = "mode=subscribe&token=right&challenge=a%2Bb+c";
        assert_eq!(greeted(good, &tokens), Some(b"a+b c".to_vec()));
        let twice = [Secret::new("right"), Secret::new("right")];
        assert!(greeted(good, &twice).is_some(), "a token that is there twice is no other");
        assert!(meta[0].needs_token() && !handshake("when = \"/type\"\n").needs_token());
        assert_eq!(greeted(good, &[]), None);
        for bad in ["", "mode=subscribe&challenge=1", "mode=subscribe&token=wrong&challenge=1"] {
            assert_eq!(greeted(bad, &tokens), None, "{bad}");
        }
    }

    #[test]
    fn what_is_offered_is_not_signed_and_takes_no_secrets_place() {
        let read = |flags: &str| {
            let text = format!("when = \"/secret\"\noffers = \"/secret\"\n{flags}");
            read(&text, Handshake::read).map_err(|problems| problems.to_string())
        };
        assert!(read("signed = false\nunless_secret = true\n").is_ok());
        for flags in ["", "signed = false\n", "unless_secret = true\n"] {
            let found = read(flags).expect_err("refused");
            assert!(found.contains("`offers` needs"), "{flags}: {found}");
        }
    }

    #[test]
    fn what_cannot_be_a_handshake_is_not_read() {
        let asks = handshake("when = \"/type\"\nequals = \"url_verification\"\n");
        assert!(!asks.may_be_asked(br#"{"type":"event"}"#));
        assert!(asks.may_be_asked(br#"{"type":"url_verification"}"#));
        assert!(asks.may_be_asked(br#"{"type":"url\u005fverification"}"#), "perhaps");
        assert!(handshake("when = \"header:X\"\nequals = \"a\"\n").may_be_asked(b"{}"));
        assert!(handshake("when = \"/type\"\n").may_be_asked(b"{}"));
    }

    #[test]
    fn what_goes_back_in_a_header_is_plain_and_short() {
        let asks = handshake("when = \"/hi\"\nheaders = { X-Back = \"/hi\" }\n");
        let back = |hi: &str| {
            let body = serde_json::json!({ "hi": hi }).to_string();
            let inbound = Inbound::post("/", Default::default(), body);
            let reply = answer(
                std::slice::from_ref(&asks),
                &inbound,
                || inbound.body.clone(),
                &Secret::new("s"),
            )?;
            reply.headers.into_iter().find(|(name, _)| name == "x-back").map(|(_, value)| value)
        };
        assert_eq!(back("a ~").as_deref(), Some("a ~"));
        assert_eq!(back(&"x".repeat(LONGEST_ECHO)).map(|value| value.len()), Some(LONGEST_ECHO));
        for odd in ["a\r\nb", "\u{7f}", "é", &"x".repeat(LONGEST_ECHO + 1)] {
            assert_eq!(back(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn a_secret_is_offered_only_while_there_is_none() {
        let asana = [handshake(
            "signed = false\nunless_secret = true\nwhen = \"header:x-secret\"\n\
             offers = \"header:x-secret\"\nheaders = { X-Secret = \"header:x-secret\" }\n",
        )];
        let told = |value: &str, secrets: &[Secret]| {
            let headers = [("x-secret", value)].into_iter().collect();
            let inbound = Inbound::post("/", headers, "{}");
            let terms = Terms { secrets, ..Terms::default() };
            let greeted = greet(&asana, &inbound, || Bytes::from_static(b"{}"), &terms).is_some();
            let offered = offered(&asana, &inbound, || Bytes::from_static(b"{}"), &terms);
            assert_eq!(greeted, offered.is_some(), "{value}");
            offered.map(|secret| secret.expose().to_owned())
        };
        assert_eq!(told("abc", &[]).as_deref(), Some("abc"));
        assert_eq!(told("abc", &[Secret::new("")]).as_deref(), Some("abc"));
        assert_eq!(told("abc", &[Secret::new("known")]), None);
        for odd in ["", "a b", "a\u{7f}", "\u{e9}", &"x".repeat(257)] {
            assert_eq!(told(odd, &[]), None, "{odd}");
        }
    }

    #[test]
    fn what_must_be_absent_is() {
        let ping = [handshake(
            "when = \"/type\"\nequals = \"1\"\nunless = \"/event/type\"\ntext = \"pong\"\n",
        )];
        let answered = |body: &'static str| {
            let inbound = Inbound::post("/", Default::default(), body);
            answer(&ping, &inbound, || inbound.body.clone(), &Secret::new("s")).is_some()
        };
        assert!(answered(r#"{"type":1}"#));
        assert!(!answered(r#"{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}"#));
    }

    #[test]
    fn no_code_is_made_of_what_could_be_an_event() {
        let crc = [handshake(
            "method = \"GET\"\nsigned = false\nwhen = \"query:crc\"\n\
             json = { token = \"sha256=hmac-base64:query:crc\" }\n",
        )];
        let secrets = [Secret::new("s")];
        let greeted = |query: String| {
            let mut inbound = Inbound::post("/", Default::default(), "");
            (inbound.method, inbound.query) = ("GET".to_owned(), query);
            greet(
                &crc,
                &inbound,
                || Bytes::from_static(b""),
                &Terms { secrets: &secrets, ..Terms::default() },
            )
        };
        assert!(greeted("crc=abc_1".to_owned()).is_some());
        for token in ["%7B%7D", "v0:1:x", "a%20b", "a.b", &"x".repeat(129)] {
            assert_eq!(greeted(format!("crc={token}")), None, "{token}");
        }
    }

    #[test]
    fn nothing_is_made_of_a_request_that_cannot_be_a_handshake() {
        let some = [
            handshake(
                "method = \"GET\"\nsigned = false\nwhen = \"query:crc\"\nbody = \"query:crc\"\n",
            ),
            handshake("when = \"/type\"\nequals = \"1\"\nbody = \"/type\"\n"),
            handshake("signed = false\nunless_secret = true\nwhen = \"/type\"\nbody = \"/type\"\n"),
        ];
        let made = std::cell::Cell::new(0);
        let document = || {
            made.set(made.get() + 1);
            Bytes::from_static(br#"{"type":1}"#)
        };
        let inbound = Inbound::post("/", Default::default(), "");
        let secrets = [Secret::new("s")];
        let known = Terms { secrets: &secrets, ..Terms::default() };
        assert_eq!(greet(&some, &inbound, document, &known), None);
        assert!(offered(&some, &inbound, document, &known).is_none());
        assert_eq!(answer(&some[..1], &inbound, document, &secrets[0]), None);
        assert_eq!(made.get(), 0);
        assert!(greet(&some, &inbound, document, &Terms::default()).is_some());
        assert!(answer(&some, &inbound, document, &secrets[0]).is_some());
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn a_page_is_visited_where_the_definition_says_and_for_a_signed_request() {
        let read = |more: &str| {
            let text = format!("when = \"/url\"\nvisit = \"/url\"\n{more}");
            read(&text, Handshake::read).map_err(|problems| problems.to_string())
        };
        let from = "visit_from = \"https://*.example.com/confirm?*\"\n";
        assert!(read(from).is_ok());
        let odd = "visit_from = [\"https://*.example.com/*\", \"http://a.example.com/*\"]\n";
        for wrong in ["", odd, "signed = false\n", &format!("{from}signed = false\n")] {
            let found = read(wrong).expect_err(wrong);
            assert!(found.contains("`visit` needs `visit_from`"), "{wrong}: {found}");
        }
    }
}
