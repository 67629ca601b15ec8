//! Whether an answer is the expected one.

use super::row::{Expect, Row};
use holdfast_domain::identity::Identified;
use holdfast_domain::provider::Reply;
use serde_json::Value;

/// What a receiver did with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It took the request for an event. Without [`Seen`], identity is not judged.
    Accepted(Option<Seen>),
    /// It answered a handshake.
    Replied(Reply),
    /// It refused, with this status.
    Refused(u16),
}

/// The identity that a receiver saw.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The events' keys and what they are made of.
    pub ids: Vec<String>,
    /// The events' kinds and what they are made of.
    pub kinds: Vec<String>,
}

impl<'i> FromIterator<&'i Identified> for Seen {
    fn from_iter<I: IntoIterator<Item = &'i Identified>>(all: I) -> Self {
        let (mut ids, mut kinds) = (Vec::new(), Vec::new());
        for identified in all {
            ids.extend(identified.key_parts.iter().cloned());
            ids.push(identified.key.as_str().to_owned());
            kinds.push(identified.kind.as_str().to_owned());
            kinds.extend(identified.kind_parts.iter().cloned());
        }
        Self { ids, kinds }
    }
}

impl Row {
    /// Judges an answer.
    ///
    /// # Errors
    /// How it differs from what is expected.
    pub fn judge(&self, answer: &Answer) -> Result<(), String> {
        match (self.expect, answer) {
            (Expect::Accept, Answer::Accepted(None)) => Ok(()),
            (Expect::Accept, Answer::Accepted(Some(seen))) => self.judge_identity(seen),
            (Expect::Challenge, Answer::Replied(reply)) => self.judge_reply(reply),
            (Expect::Reject, Answer::Refused(status)) => {
                let expected = self.expect_status.map_or(400..=499, |exact| exact..=exact);
                let right = expected.contains(status);
                if right { Ok(()) } else { Err(format!("status {status}, not {expected:?}")) }
            }
            (expected, Answer::Accepted(_)) => Err(format!("accepted, expected {expected:?}")),
            (expected, Answer::Replied(_)) => Err(format!("replied, expected {expected:?}")),
            (expected, Answer::Refused(status)) => {
                Err(format!("refused with {status}, expected {expected:?}"))
            }
        }
    }

    fn judge_identity(&self, seen: &Seen) -> Result<(), String> {
        let allowed = |one: &Option<Value>, more: &[Value]| -> Option<Vec<String>> {
            let first = one.as_ref()?;
            Some([first].into_iter().chain(more).map(plain).collect())
        };
        let ids = allowed(&self.expect_event_id, &self.expect_event_id_alt);
        if ids.as_ref().is_some_and(|ids| !seen.ids.iter().any(|id| ids.contains(id))) {
            return Err(format!("event ids {:?}, expected one of {ids:?}", seen.ids));
        }
        let kinds = allowed(&self.expect_event_type, &self.expect_event_type_alt);
        if kinds.as_ref().is_some_and(|kinds| !seen.kinds.iter().any(|kind| kinds.contains(kind))) {
            return Err(format!("kinds {:?}, expected one of {kinds:?}", seen.kinds));
        }
        Ok(())
    }

    fn judge_reply(&self, reply: &Reply) -> Result<(), String> {
        let statuses = self.expect_status.map_or(200..=299, |exact| exact..=exact);
        if !statuses.contains(&reply.status) {
            return Err(format!("status {}, not {statuses:?}", reply.status));
        }
        let text = String::from_utf8_lossy(&reply.body);
        let texts: Vec<&String> = self.expect_body.iter().chain(&self.expect_body_alt).collect();
        let as_text = texts.iter().any(|expected| text == expected.as_str());
        let as_json = self.expect_body_json.as_ref().is_some_and(|expected| {
            serde_json::from_str::<Value>(&text).is_ok_and(|found| found == *expected)
        });
        let unspecified = texts.is_empty() && self.expect_body_json.is_none();
        if !(as_text || as_json || unspecified) {
            return Err(format!("replied {text:?}, expected one of {texts:?}"));
        }
        for (name, value) in &self.expect_headers {
            let same = |(known, found): &(String, String)| {
                known.eq_ignore_ascii_case(name) && found.starts_with(value.as_str())
            };
            if !reply.headers.iter().any(same) {
                return Err(format!("no header {name}: {value} in {:?}", reply.headers));
            }
        }
        Ok(())
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
