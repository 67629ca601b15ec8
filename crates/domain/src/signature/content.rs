//! What is signed: a template such as `v0:{timestamp}:{body}`, fed to the code piece by piece so
//! that no body is ever copied.

use super::rejection::{Rejection, SignedPart};
use crate::expression::{Facts, Place};
use std::borrow::Cow;

/// A template of signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Body,
    Timestamp,
    Id,
    Method,
    Url,
    /// A value of the request; `true` stands for nothing where it is absent.
    Place(Place, bool),
    /// The parameters of a form: sorted, each name followed by its value, repetitions once.
    FormSorted,
}

/// The values for a template. Bytes as they were sent: nothing is decoded or normalised.
pub(super) struct Signed<'r> {
    pub(super) method: &'r str,
    /// As configured, without a query: the request's own is the one that must have been signed.
    pub(super) url: Option<&'r str>,
    pub(super) query: &'r str,
    pub(super) facts: &'r Facts<'r>,
    pub(super) timestamp: Option<&'r [u8]>,
    pub(super) id: Option<&'r [u8]>,
    pub(super) body: &'r [u8],
}

const ALLOWED: &str = "{body}, {timestamp}, {id}, {method}, {url}, {form_sorted}, {header:Name}, \
                       {form:name}, {query:name} and {/json/pointer}; a `?` before the closing \
                       brace allows one of the last four to be absent";

impl Content {
    /// Reads a template.
    pub(super) fn parse(template: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| format!("a `{{` is not closed; allowed are {ALLOWED}"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::named(name)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    pub(super) const fn of(pieces: Vec<Piece>) -> Self {
        Self(pieces)
    }

    /// The places it is made of.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Place(place, _) => Some(place),
            _ => None,
        })
    }

    pub(super) fn contains(&self, wanted: &Piece) -> bool {
        self.0.contains(wanted)
    }

    /// Hands the signed bytes over in order, or says which part is missing before handing over any.
    pub(super) fn pieces<'p>(
        &'p self,
        signed: &'p Signed<'p>,
    ) -> Result<Vec<Cow<'p, [u8]>>, Rejection> {
        let mut bytes: Vec<Cow<'p, [u8]>> = Vec::with_capacity(self.0.len() + 1);
        for piece in &self.0 {
            let missing = |part| Rejection::PartMissing(part);
            match piece {
                Piece::Text(text) => piece_of(&mut bytes, text.as_bytes()),
                Piece::Body => piece_of(&mut bytes, signed.body),
                Piece::Method => piece_of(&mut bytes, signed.method.as_bytes()),
                Piece::Timestamp => {
                    piece_of(&mut bytes, signed.timestamp.ok_or(missing(SignedPart::Timestamp))?);
                }
                Piece::Id => piece_of(&mut bytes, signed.id.ok_or(missing(SignedPart::Id))?),
                Piece::Place(place, optional) => match signed.facts.at(place) {
                    Some(value) => piece_of(&mut bytes, value),
                    None if *optional => {}
                    None => return Err(missing(SignedPart::of(place))),
                },
                Piece::FormSorted => bytes.push(Cow::Owned(sorted(signed.facts))),
                Piece::Url => {
                    piece_of(&mut bytes, signed.url.ok_or(missing(SignedPart::Url))?.as_bytes());
                    if !signed.query.is_empty() {
                        piece_of(&mut bytes, b"?");
                        piece_of(&mut bytes, signed.query.as_bytes());
                    }
                }
            }
        }
        Ok(bytes)
    }
}

fn piece_of<'p>(pieces: &mut Vec<Cow<'p, [u8]>>, piece: &'p [u8]) {
    pieces.push(Cow::Borrowed(piece));
}

fn sorted(facts: &Facts<'_>) -> Vec<u8> {
    let mut pairs: Vec<_> = facts.form().iter().collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name.as_slice(), value].concat()).collect()
}

impl Piece {
    fn named(name: &str) -> Result<Self, String> {
        match name {
            "body" => Ok(Self::Body),
            "timestamp" => Ok(Self::Timestamp),
            "id" => Ok(Self::Id),
            "method" => Ok(Self::Method),
            "url" => Ok(Self::Url),
            "form_sorted" => Ok(Self::FormSorted),
            _ => {
                let (place, optional) =
                    name.strip_suffix('?').map_or((name, false), |place| (place, true));
                Place::parse(place)
                    .map(|place| Self::Place(place, optional))
                    .ok_or_else(|| format!("`{{{name}}}` is unknown; allowed are {ALLOWED}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::Inbound;

    fn content(template: &str) -> Result<Vec<u8>, Rejection> {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let headers = [("X-A", "b"), form].into_iter().collect();
        let mut inbound = Inbound::post("/", headers, &b"b=2&a=+&b=1&b=2&B=%ff"[..]);
        inbound.query = "x=%20".to_owned();
        let facts = Facts::without_json(&inbound);
        let signed = Signed {
            method: "POST",
            url: Some("https://a.example/h"),
            query: &inbound.query,
            facts: &facts,
            timestamp: Some(b"17"),
            id: None,
            body: b"{\xff}",
        };
        let content = Content::parse(template).expect("a template");
        content.pieces(&signed).map(|pieces| pieces.concat())
    }

    #[test]
    fn pieces_in_order() {
        assert_eq!(content("v0:{timestamp}:{body}"), Ok(b"v0:17:{\xff}".to_vec()));
        assert_eq!(
            content("{method}{url}{header:x-a}"),
            Ok(b"POSThttps://a.example/h?x=%20b".to_vec())
        );
        assert_eq!(content("{form_sorted}"), Ok(b"B\xffa b1b2".to_vec()));
        assert_eq!(content("{query:x}{form:a}{form:z?}"), Ok(b"  ".to_vec()));
        assert_eq!(content(""), Ok(Vec::new()));
    }

    #[test]
    fn missing_parts_are_named() {
        assert_eq!(content("{id}{body}"), Err(Rejection::PartMissing(SignedPart::Id)));
        assert_eq!(content("{header:z}"), Err(Rejection::PartMissing(SignedPart::Header)));
    }

    #[test]
    fn unknown_names_are_explained() {
        for template in ["{bodyy}", "{", "{}", "{header:}", "{body"] {
            let why = Content::parse(template).expect_err(template);
            assert!(why.contains("{timestamp}"), "{why}");
        }
    }
}
