//! Signed requests that want an answer instead of being stored, such as Slack's
//! `url_verification`.

use crate::expression::{Expression, Facts};
use crate::inbound::Inbound;
use crate::reading::Table;

/// An answer to a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, `content-type` among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// When a request is a handshake, and what to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    when: Expression,
    equals: String,
    status: u16,
    content_type: String,
    body: Option<Expression>,
}

/// An echoed value is never longer than this: no provider's challenge is, and a longer one is
/// somebody's payload.
const LONGEST_ECHO: usize = 1024;

impl Handshake {
    /// Reads one `[[handshakes]]` table; `None` after reporting what is wrong.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let when = expression(table, "when");
        let equals = table.string("equals");
        let status = table.optional_integer("status", 200..=299).unwrap_or(200);
        let content_type = table.optional_string("content_type");
        let body = if table.has("body") { expression(table, "body").map(Some) } else { Some(None) };
        Some(Self {
            when: when?,
            equals: equals?,
            status: u16::try_from(status).unwrap_or(200),
            content_type: content_type.unwrap_or_else(|| "text/plain".to_owned()),
            body: body?,
        })
    }

    fn answer(&self, facts: &Facts<'_>) -> Option<Reply> {
        let found = self.when.evaluate(facts)?;
        if found.bytes != self.equals.as_bytes() {
            return None;
        }
        let body = match &self.body {
            Some(echo) => echo.evaluate(facts)?.bytes,
            None => Vec::new(),
        };
        let headers = vec![
            ("content-type".to_owned(), self.content_type.clone()),
            // What is echoed must not be taken for a page.
            ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ];
        let short = body.len() <= LONGEST_ECHO;
        short.then_some(Reply { status: self.status, headers, body })
    }
}

/// The answer of the first handshake that the request is.
pub(super) fn answer(handshakes: &[Handshake], inbound: &Inbound) -> Option<Reply> {
    if handshakes.is_empty() {
        return None;
    }
    let expressions = handshakes.iter().flat_map(|one| one.body.iter().chain([&one.when]));
    let facts = Facts::read(inbound, expressions.flat_map(Expression::pointers));
    handshakes.iter().find_map(|one| one.answer(&facts))
}

fn expression(table: &mut Table<'_>, key: &'static str) -> Option<Expression> {
    let line = table.line_of(key);
    match Expression::parse(&table.string(key)?) {
        Ok(expression) => Some(expression),
        Err(why) => {
            table.problem_on_line(line, format!("`{key}`: {why}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    fn reply(body: &str) -> Option<Reply> {
        let text = "when = \"/type\"\nequals = \"url_verification\"\nbody = \"/challenge\"\n";
        let handshake = read(text, Handshake::read).expect("valid");
        answer(&[handshake], &Inbound::post("/", Default::default(), body.to_owned()))
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
}
