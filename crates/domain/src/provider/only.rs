//! What a source listens to: where others can have signatures of the same provider too, as anybody
//! can with a topic of their own, the request has to name something of the source's.

use super::sample::Sample;
use crate::expression::{Facts, Place};
use crate::inbound::Inbound;
use crate::json::{self, Pointer};
use crate::reading::Table;
use crate::signature::Rejection;
use std::fmt;

/// Where a request says whom it is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// At a place.
    Place(Place),
    /// In a claim of its token.
    Claim(Pointer),
}

/// Marks of a request, with the values that a source accepts there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Only(Vec<(Mark, Vec<String>)>);

impl Mark {
    /// Reads a place, or `claim:name`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("claim:") {
            Some("") => None,
            Some(name) => Pointer::parse(&format!("/{name}")).map(Self::Claim),
            None => Place::parse(text).map(Self::Place),
        }
    }

    pub(super) fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Place(place) => place.pointer(),
            Self::Claim(_) => None,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => write!(out, "{place}"),
            Self::Claim(pointer) => {
                write!(out, "claim:{}", pointer.to_string().trim_start_matches('/'))
            }
        }
    }
}

impl Only {
    pub(super) const fn new(accepted: Vec<(Mark, Vec<String>)>) -> Self {
        Self(accepted)
    }

    pub(super) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.0.iter().map(|(mark, _)| mark)
    }

    /// The claims that a token has to have, with the first of the values that are accepted.
    pub(super) fn claims(&self) -> Vec<(Pointer, String)> {
        let claimed = |(mark, values): &(Mark, Vec<String>)| match mark {
            Mark::Claim(pointer) => Some((pointer.clone(), values.first()?.clone())),
            Mark::Place(_) => None,
        };
        self.0.iter().filter_map(claimed).collect()
    }

    /// The same sample, meant for this source: with the first of the values that are accepted where
    /// it says whom it is meant for.
    pub(super) fn mark(&self, sample: Sample) -> Sample {
        self.0.iter().fold(sample, |sample, (mark, values)| {
            match (mark.pointer(), values.first()) {
                (Some(pointer), Some(value)) => sample.with_value(pointer, value),
                _ => sample,
            }
        })
    }

    /// Judges a request whose signature holds, and what each of its tokens claims.
    pub(super) fn judge(
        &self,
        inbound: &Inbound,
        document: &[u8],
        claims: &[Vec<u8>],
    ) -> Result<(), Rejection> {
        if self.0.is_empty() {
            return Ok(());
        }
        let pointers = self.0.iter().filter_map(|(mark, _)| mark.pointer());
        let facts = Facts::read_in(inbound, document, pointers);
        let accepted = |(mark, values): &(Mark, Vec<String>)| match mark {
            Mark::Place(place) => {
                let found = facts.at(place);
                found.is_some_and(|found| values.iter().any(|value| value.as_bytes() == found))
            }
            // Each of several tokens is for somebody: none that is for others may come along.
            Mark::Claim(pointer) => {
                !claims.is_empty() && claims.iter().all(|one| claimed(one, pointer, values))
            }
        };
        if self.0.iter().all(accepted) { Ok(()) } else { Err(Rejection::NotMeant) }
    }
}

/// Whether a claim is one of the values; an audience may be a list (RFC 7519 section 4.1.3).
fn claimed(claims: &[u8], pointer: &Pointer, values: &[String]) -> bool {
    let one = json::pick(claims, &[pointer]).and_then(|mut found| found.pop().flatten());
    let listed = json::items_at(claims, pointer).unwrap_or_default();
    let listed = listed.iter().filter_map(|item| serde_json::from_str::<String>(item).ok());
    one.into_iter().chain(listed).any(|found| values.contains(&found))
}

/// Reads `only`, a table of place → value or values.
pub(crate) fn read(table: &mut Table<'_>) -> Vec<(Mark, Vec<String>)> {
    let Some(mut inner) = table.table("only") else { return Vec::new() };
    let mut accepted = Vec::new();
    for (name, values) in inner.lists() {
        match Mark::parse(&name) {
            Some(mark) if !values.is_empty() => accepted.push((mark, values)),
            _ => inner.problem(format!(
                "`{name}` must be a place like \"/TopicArn\" or \"claim:aud\", with the values to \
                 accept there"
            )),
        }
    }
    inner.finish();
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read as read_document;

    #[test]
    fn what_a_source_listens_to_is_read_and_claimed() {
        let read = |text: &str| {
            read_document(text, |table| Some(read(table))).map_err(|problems| problems.to_string())
        };
        let text = "only = { \"claim:aud\" = [\"a\", \"b\"], \"/for\" = \"c\" }\n";
        let mut claims = Only::new(read(text).expect("valid")).claims();
        let (claim, value) = claims.pop().expect("one claim");
        assert_eq!((claim.to_string().as_str(), value.as_str()), ("/aud", "a"));
        assert_eq!(claims, []);
        for wrong in ["only = { \"/for\" = [] }", "only = { for = \"c\" }"] {
            let found = read(wrong).expect_err(wrong);
            assert!(found.contains("with the values to accept there"), "{found}");
        }
    }
}
