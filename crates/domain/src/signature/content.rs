//! What is signed: a template such as `v0:{timestamp}:{body}`, fed to the code piece by piece so
//! that no body is ever copied.

use super::rejection::{Rejection, SignedPart};
use crate::headers::Headers;

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
    Header(String),
}

/// The values for a template. Bytes as they were sent: nothing is decoded or normalised.
pub(super) struct Signed<'r> {
    pub(super) method: &'r str,
    pub(super) url: Option<&'r str>,
    pub(super) query: &'r str,
    pub(super) headers: &'r Headers,
    pub(super) timestamp: Option<&'r [u8]>,
    pub(super) id: Option<&'r [u8]>,
    pub(super) body: &'r [u8],
}

const ALLOWED: &str = "{body}, {timestamp}, {id}, {method}, {url} and {header:Name}";

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

    pub(super) fn contains(&self, wanted: &Piece) -> bool {
        self.0.contains(wanted)
    }

    /// Hands the signed bytes over in order, or says which part is missing before handing over any.
    pub(super) fn pieces<'p>(&'p self, signed: &'p Signed<'p>) -> Result<Vec<&'p [u8]>, Rejection> {
        let mut bytes = Vec::with_capacity(self.0.len() + 1);
        for piece in &self.0 {
            let missing = |part| Rejection::PartMissing(part);
            match piece {
                Piece::Text(text) => bytes.push(text.as_bytes()),
                Piece::Body => bytes.push(signed.body),
                Piece::Method => bytes.push(signed.method.as_bytes()),
                Piece::Timestamp => {
                    bytes.push(signed.timestamp.ok_or(missing(SignedPart::Timestamp))?);
                }
                Piece::Id => bytes.push(signed.id.ok_or(missing(SignedPart::Id))?),
                Piece::Header(name) => {
                    bytes.push(signed.headers.get(name).ok_or(missing(SignedPart::Header))?);
                }
                Piece::Url => {
                    bytes.push(signed.url.ok_or(missing(SignedPart::Url))?.as_bytes());
                    if !signed.query.is_empty() {
                        bytes.extend([&b"?"[..], signed.query.as_bytes()]);
                    }
                }
            }
        }
        Ok(bytes)
    }
}

impl Piece {
    fn named(name: &str) -> Result<Self, String> {
        match name {
            "body" => Ok(Self::Body),
            "timestamp" => Ok(Self::Timestamp),
            "id" => Ok(Self::Id),
            "method" => Ok(Self::Method),
            "url" => Ok(Self::Url),
            _ => match name.strip_prefix("header:") {
                Some(header) if !header.is_empty() => Ok(Self::Header(header.to_ascii_lowercase())),
                _ => Err(format!("`{{{name}}}` is unknown; allowed are {ALLOWED}")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(headers: &Headers) -> Signed<'_> {
        Signed {
            method: "POST",
            url: Some("https://a.example/h"),
            query: "x=%20",
            headers,
            timestamp: Some(b"17"),
            id: None,
            body: b"{\xff}",
        }
    }

    fn content(template: &str) -> Result<Vec<u8>, Rejection> {
        let headers = [("X-A", "b")].into_iter().collect();
        let content = Content::parse(template).expect("a template");
        content.pieces(&signed(&headers)).map(|pieces| pieces.concat())
    }

    #[test]
    fn pieces_in_order() {
        assert_eq!(content("v0:{timestamp}:{body}"), Ok(b"v0:17:{\xff}".to_vec()));
        assert_eq!(
            content("{method}{url}{header:x-a}"),
            Ok(b"POSThttps://a.example/h?x=%20b".to_vec())
        );
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
