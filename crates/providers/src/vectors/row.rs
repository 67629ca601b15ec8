//! One row of a corpus. Corpora differ in what they say beside the named fields, so that whatever
//! is not needed may have any shape.

use super::config::Config;
use holdfast_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One request and what is expected of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Unique in the corpus.
    pub id: String,
    /// The provider, in the corpus' own spelling.
    pub provider: String,
    /// What is special about the request.
    #[serde(default)]
    pub case: String,
    /// What the receiver is configured with.
    #[serde(default)]
    pub config: Config,
    /// The request.
    pub request: Request,
    /// Unix seconds to verify at.
    pub now: f64,
    /// What must happen.
    pub expect: Expect,
    /// `2xx` or `4xx`, beside what `expect` says.
    pub expect_status_class: Option<String>,
    /// An exact status where the provider insists on one.
    pub expect_status: Option<u16>,
    /// The text of the answer.
    pub expect_body: Option<String>,
    /// The JSON of the answer.
    pub expect_body_json: Option<Value>,
    /// Other allowed texts of the answer.
    #[serde(default)]
    pub expect_body_alt: Vec<String>,
    /// Headers that the answer must have, with the beginnings of their values.
    #[serde(default)]
    pub expect_headers: BTreeMap<String, String>,
    /// Headers that the answer must have, whatever their values.
    #[serde(default)]
    pub expect_headers_present: Vec<String>,
    /// Headers that the answer must not have.
    #[serde(default)]
    pub expect_headers_absent: Vec<String>,
    /// What else has to happen: `{"get": URL}` is a page to visit.
    #[serde(default)]
    pub expect_side_effect: BTreeMap<String, Value>,
    /// The event's id, if the provider gives one.
    pub expect_event_id: Option<Value>,
    /// Other ids that do as well.
    #[serde(default)]
    pub expect_event_id_alt: Vec<Value>,
    /// The event's kind, if the provider gives one.
    pub expect_event_type: Option<Value>,
    /// Other kinds that do as well.
    #[serde(default)]
    pub expect_event_type_alt: Vec<Value>,
    /// Whether another answer may be right too: reported, not scored.
    #[serde(default)]
    pub debatable: bool,
    /// Why the answer is expected.
    #[serde(default)]
    pub why: String,
}

/// What must happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// It is an event.
    Accept,
    /// It is refused with a 4xx.
    Reject,
    /// It is a handshake and is answered.
    Challenge,
}

/// A request as it was sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// The method.
    #[serde(default = "post")]
    pub method: String,
    /// The path.
    #[serde(default)]
    pub path: String,
    /// The raw query.
    #[serde(default)]
    pub query: String,
    /// The headers; a list was sent as several headers.
    #[serde(default)]
    pub headers: BTreeMap<String, OneOrMore>,
    /// The body.
    #[serde(default)]
    pub body_base64: String,
}

/// A header's value or values.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// Sent once.
    One(String),
    /// Sent several times.
    More(Vec<String>),
}

impl Row {
    /// When the request arrives.
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, as any time may")]
        Timestamp::from_millis((self.now * 1000.0) as i64)
    }
}

impl OneOrMore {
    /// The value as API Gateway's HTTP API gives it.
    pub fn joined(&self) -> String {
        match self {
            Self::One(value) => value.clone(),
            Self::More(values) => values.join(","),
        }
    }
}

fn post() -> String {
    "POST".to_owned()
}
