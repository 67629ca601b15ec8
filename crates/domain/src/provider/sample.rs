//! The sample event of a provider, for trying a source out.

use crate::form;
use crate::json::{self, Pointer};
use crate::reading::Table;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// A sample request: what to post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its headers, the signature among them.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
}

/// Where a signature stands that is part of the body.
const SIGNATURE: &str = "<signature>";

/// Where the token of a second proof stands.
const TOKEN: &str = "<token>";

impl Sample {
    /// Whether its body has a place for its signature.
    pub(super) fn carries_signature(&self) -> bool {
        self.body.windows(SIGNATURE.len()).any(|part| part == SIGNATURE.as_bytes())
    }

    /// The same with the token that proves it too.
    pub(super) fn with_token(self, token: &str) -> Self {
        let body = String::from_utf8_lossy(&self.body).replace(TOKEN, token);
        Self { body: body.into(), ..self }
    }

    /// The same with another text where a pointer leads to one.
    pub(super) fn with_value(self, pointer: &Pointer, text: &str) -> Self {
        let Some(now) = json::raw_at(&self.body, pointer) else { return self };
        let wanted = serde_json::Value::from(text).to_string();
        let body = String::from_utf8_lossy(&self.body).replacen(now, &wanted, 1);
        Self { body: body.into(), ..self }
    }

    /// The same with a signature in its body.
    pub(super) fn with_signature(self, signature: &str) -> Self {
        let signature = written(&self.headers, signature);
        let body = String::from_utf8_lossy(&self.body).replace(SIGNATURE, &signature);
        Self { body: body.into(), ..self }
    }
}

/// A text as a body of that type has it: with escapes in a form.
fn written(headers: &[(String, String)], text: &str) -> String {
    let is_form = |(name, value): &(String, String)| {
        name == "content-type" && value.starts_with("application/x-www-form-urlencoded")
    };
    if headers.iter().any(is_form) { form::escaped(text) } else { text.to_owned() }
}

/// A sample with places for what must differ each time: `<id>`, `<now>` (seconds), `<now_ms>`,
/// `<now_rfc3339>`, `<signature>` where the body carries it,
/// and `<token>` where there is a second proof. What stands between `<base64>` and
/// `</base64>` is sent as base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    headers: Vec<(String, String)>,
    body: String,
}

impl Default for Template {
    fn default() -> Self {
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let body = r#"{"id":"<id>","type":"holdfast.sample","created":<now>}"#.to_owned();
        Self { headers: vec![json], body }
    }
}

impl Template {
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let mut headers = Vec::new();
        if let Some(mut inner) = table.table("headers") {
            headers = inner.texts();
            inner.finish();
        }
        let body = table.string("body")?;
        Some(Self { headers, body })
    }

    pub(super) fn fill(&self, id: &str, now: Timestamp) -> Sample {
        let fill = |text: &str| {
            text.replace("<id>", id)
                .replace("<now>", &now.secs().to_string())
                .replace("<now_ms>", &now.millis().to_string())
                .replace("<now_rfc3339>", &now.to_string())
        };
        let headers = self.headers.iter();
        let headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), fill(value))).collect();
        let mut body = fill(&self.body);
        if let Some((before, rest)) = body.split_once("<base64>")
            && let Some((inside, after)) = rest.split_once("</base64>")
        {
            let inside = written(&headers, &STANDARD.encode(inside));
            body = format!("{before}{inside}{after}");
        }
        Sample { headers, body: body.into() }
    }
}
