//! Whether an answer is the expected one.

use super::row::{Expect, Row};
use holdfast_domain::identity::EventKey;
use serde_json::Value;

/// What a receiver did with a request.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The events that are stored now.
    pub events: Vec<Seen>,
    /// The pages that were visited, in order, without those that hold keys.
    pub visited: Vec<String>,
    /// Why the request was refused, in the receiver's words.
    pub reason: Option<String>,
}

/// The identity that a receiver saw.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The event's key and the values that it is made of.
    pub ids: Vec<String>,
    /// The event's kind, and the words that it is made of.
    pub kinds: Vec<String>,
}

impl Seen {
    /// An event by its key and kind, in which the values that they are made of stand with colons
    /// between them.
    pub fn new(key: &str, kind: &str) -> Self {
        // Another event under the same key, or a part of a request, is told apart behind a tilde.
        let stem = key.split('~').next().unwrap_or_default();
        let parts: Vec<&str> = stem.split(':').collect();
        let mut ids = vec![key.to_owned(), stem.to_owned()];
        for from in 0..parts.len() {
            for to in from..parts.len() {
                ids.push(parts.get(from..=to).unwrap_or_default().join(":"));
            }
        }
        let words = kind.split(':').map(str::to_owned);
        Self { ids, kinds: [kind.to_owned()].into_iter().chain(words).collect() }
    }
}

impl Row {
    /// Judges an answer. Without `with_identity` the ids and kinds of events are not looked at.
    ///
    /// # Errors
    /// How it differs from what is expected.
    pub fn judge(&self, answer: &Answer, with_identity: bool) -> Result<(), String> {
        self.judge_outcome(answer)?;
        self.judge_status(answer.status)?;
        self.judge_body(answer)?;
        self.judge_headers(answer)?;
        self.judge_side_effect(answer)?;
        if with_identity && self.expect == Expect::Accept {
            self.judge_identity(&answer.events)?;
        }
        Ok(())
    }

    fn judge_outcome(&self, answer: &Answer) -> Result<(), String> {
        let (good, stored) = ((200..300).contains(&answer.status), !answer.events.is_empty());
        // A list without events is believed, and there is nothing to store.
        let nothing = self.expect_event_id.is_none() && self.expect_event_type.is_none();
        // That something could not be found out is an answer only where a row says so.
        let refusal =
            if self.expect_status_class.as_deref() == Some("5xx") { 500..600 } else { 400..500 };
        let right = match self.expect {
            Expect::Accept => good && (stored || nothing),
            Expect::Challenge => good && !stored,
            Expect::Reject => refusal.contains(&answer.status) && !stored,
        };
        if right {
            return Ok(());
        }
        let why = answer.reason.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        let got = match (good, stored) {
            (true, true) => "accepted".to_owned(),
            (true, false) => "answered without storing anything".to_owned(),
            _ => format!("refused with {}{why}", answer.status),
        };
        Err(format!("{got}, expected {}", self.expect.word()))
    }

    fn judge_status(&self, status: u16) -> Result<(), String> {
        let class = self.expect_status_class.as_deref().and_then(|class| class.chars().next());
        let same_class = class.is_none_or(|class| status.to_string().starts_with(class));
        match self.expect_status {
            Some(exact) if exact != status => Err(format!("status {status}, expected {exact}")),
            None if !same_class => Err(format!("status {status}, expected another class")),
            _ => Ok(()),
        }
    }

    fn judge_body(&self, answer: &Answer) -> Result<(), String> {
        let text = String::from_utf8_lossy(&answer.body);
        let texts: Vec<&String> = self.expect_body.iter().chain(&self.expect_body_alt).collect();
        let as_text = texts.iter().any(|expected| text == expected.as_str());
        let as_json = self.expect_body_json.as_ref().is_some_and(|expected| {
            serde_json::from_str::<Value>(&text).is_ok_and(|found| found == *expected)
        });
        let unspecified = texts.is_empty() && self.expect_body_json.is_none();
        if as_text || as_json || unspecified {
            return Ok(());
        }
        Err(format!("the answer is {text:?}, expected {texts:?} or {:?}", self.expect_body_json))
    }

    fn judge_headers(&self, answer: &Answer) -> Result<(), String> {
        let found = |name: &str| {
            let mut all = answer.headers.iter();
            all.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        for (name, value) in &self.expect_headers {
            if !found(name).is_some_and(|found| found.starts_with(value.as_str())) {
                return Err(format!("header {name} is {:?}, expected {value:?}", found(name)));
            }
        }
        if let Some(name) = self.expect_headers_present.iter().find(|name| found(name).is_none()) {
            return Err(format!("the answer has no header {name}"));
        }
        if let Some(name) = self.expect_headers_absent.iter().find(|name| found(name).is_some()) {
            return Err(format!("the answer has a header {name}"));
        }
        Ok(())
    }

    fn judge_side_effect(&self, answer: &Answer) -> Result<(), String> {
        match self.expect_side_effect.get("get").and_then(Value::as_str) {
            Some(url) if !answer.visited.iter().any(|visited| visited == url) => {
                Err(format!("did not visit {url}"))
            }
            _ => Ok(()),
        }
    }

    fn judge_identity(&self, events: &[Seen]) -> Result<(), String> {
        let allowed = |one: &Option<Value>, more: &[Value]| -> Option<Vec<String>> {
            let first = one.as_ref()?;
            Some([first].into_iter().chain(more).map(plain).collect())
        };
        let ids = allowed(&self.expect_event_id, &self.expect_event_id_alt);
        if let Some(ids) = ids {
            let mut seen = events.iter().flat_map(|event| &event.ids);
            let hashed = |id: &String| EventKey::new(id).as_str().to_owned();
            let ids: Vec<String> = ids.iter().cloned().chain(ids.iter().map(hashed)).collect();
            if !seen.any(|id| ids.contains(id)) {
                let keys: Vec<&String> = events.iter().filter_map(|one| one.ids.first()).collect();
                return Err(format!("event key {keys:?}, expected one made of {ids:?}"));
            }
        }
        let kinds = allowed(&self.expect_event_type, &self.expect_event_type_alt);
        if let Some(kinds) = kinds {
            let seen: Vec<&String> = events.iter().flat_map(|event| &event.kinds).collect();
            if !seen.iter().any(|kind| kinds.contains(kind)) {
                return Err(format!("kind {seen:?}, expected one of {kinds:?}"));
            }
        }
        Ok(())
    }
}

impl Expect {
    /// The corpus' word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Challenge => "challenge",
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
