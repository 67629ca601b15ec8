//! One row of a corpus. Fields that only some schemes need are left where they are read.

use holdfast_domain::secret::Secret;
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
    pub case: String,
    /// What the receiver is configured with.
    pub config: Config,
    /// The request.
    pub request: Request,
    /// Unix seconds to verify at.
    pub now: i64,
    /// What must happen.
    pub expect: Expect,
    /// An exact status where the provider insists on one.
    pub expect_status: Option<u16>,
    /// The text of the answer to a handshake.
    pub expect_body: Option<String>,
    /// The JSON of the answer to a handshake.
    pub expect_body_json: Option<Value>,
    /// Other allowed texts of that answer.
    #[serde(default)]
    pub expect_body_alt: Vec<String>,
    /// Headers that the answer must have.
    #[serde(default)]
    pub expect_headers: BTreeMap<String, String>,
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

/// What a receiver is configured with, in neutral words.
#[derive(Clone, Deserialize)]
pub struct Config {
    #[serde(default)]
    secrets: Vec<String>,
    #[serde(default)]
    public_keys: Vec<String>,
    client_state: Option<String>,
    username: Option<String>,
    password: Option<String>,
    verify_token: Option<String>,
    #[serde(default)]
    allowed_origins: Vec<String>,
    /// How old a timestamp may be.
    pub tolerance_s: Option<u64>,
    /// The public URL as the provider knows it.
    pub url: Option<String>,
    /// How the provider signs.
    pub scheme: Option<NeutralScheme>,
}

/// A signature scheme in the corpus' neutral words.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are the corpus' own")]
pub struct NeutralScheme {
    pub alg: String,
    pub key: Option<String>,
    pub signed: Option<String>,
    pub sig_header: Option<String>,
    pub sig_format: Option<String>,
    pub encoding: Option<String>,
    pub ts_header: Option<String>,
    pub ts_json: Option<String>,
    pub ts_in: Option<String>,
    pub ts_unit: Option<String>,
    pub tolerance_s: Option<u64>,
    pub future: Option<String>,
    pub id_header: Option<String>,
    pub multi: Option<String>,
}

/// A request as it was sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The raw query.
    #[serde(default)]
    pub query: String,
    /// The headers; a list was sent as several headers.
    pub headers: BTreeMap<String, OneOrMore>,
    /// The body.
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
    /// The secrets, any of which may match.
    pub fn secrets(&self) -> Vec<Secret> {
        let config = &self.config;
        let known = config.secrets.iter().chain(&config.public_keys).chain(&config.client_state);
        let credentials = match (&config.username, &config.password) {
            (Some(user), Some(password)) => Some(format!("{user}:{password}")),
            _ => None,
        };
        known.cloned().chain(credentials).map(Secret::new).collect()
    }

    /// The tokens that a provider identifies itself with at a handshake.
    pub fn verify_tokens(&self) -> Vec<Secret> {
        self.config.verify_token.iter().map(Secret::new).collect()
    }

    /// The origins that may announce themselves.
    pub fn allowed_origins(&self) -> &[String] {
        &self.config.allowed_origins
    }

    /// Our name for the row's provider.
    pub fn provider_name(&self) -> String {
        match self.provider.as_str() {
            // Where an endpoint is only given an HMAC secret, it is one of the symmetric version.
            "standard_webhooks_v1a" if self.config.public_keys.is_empty() => {
                "standard-webhooks".to_owned()
            }
            other => other.replace('_', "-"),
        }
    }

    /// When the request arrives.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.now)
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

impl std::fmt::Debug for Config {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Config")
            .field("secrets", &self.secrets.len())
            .field("tolerance_s", &self.tolerance_s)
            .field("url", &self.url)
            .field("scheme", &self.scheme)
            .finish()
    }
}
