//! The sample event of a provider, for trying a source out.

use crate::reading::Table;
use crate::time::Timestamp;
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

impl Sample {
    /// Whether its body has a place for its signature.
    pub(super) fn carries_signature(&self) -> bool {
        self.body.windows(SIGNATURE.len()).any(|part| part == SIGNATURE.as_bytes())
    }

    /// The same with a signature in its body.
    pub(super) fn with_signature(self, signature: &str) -> Self {
        let body = String::from_utf8_lossy(&self.body).replace(SIGNATURE, signature);
        Self { body: body.into(), ..self }
    }
}

/// A sample with places for what must differ each time: `<id>`, `<now>` (seconds), `<now_ms>`,
/// `<now_rfc3339>`, and `<signature>` where the body carries it.
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
        Sample {
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), fill(value)))
                .collect(),
            body: fill(&self.body).into(),
        }
    }
}
