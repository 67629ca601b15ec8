//! Where in a request a value stands: the small language of provider definitions.
//!
//! `"/data/id"` is a JSON pointer into the body, `"header:X-Id"` a header, and a text with braces,
//! `"{header:X-Id}:{/topic}"`, puts several together. A list of them means: the first that is
//! there.

use crate::headers::Headers;
use crate::inbound::Inbound;
use crate::json::{self, Pointer};

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header by its name in lower case.
    Header(String),
    /// A scalar in the JSON body.
    Pointer(Pointer),
}

/// One place, or several put together with fixed text between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

/// What an expression led to.
pub struct Value<'f> {
    /// The values put together.
    pub bytes: Vec<u8>,
    /// Each place's value alone.
    pub parts: Vec<&'f [u8]>,
}

impl Place {
    /// Reads `/pointer` or `header:Name`.
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("header:") {
            Some("") => None,
            Some(name) => Some(Self::Header(name.to_ascii_lowercase())),
            None => Pointer::parse(text).map(Self::Pointer),
        }
    }
}

impl Expression {
    /// Reads one expression.
    ///
    /// # Errors
    /// What is wrong with it and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |part: &str| {
            format!("{part:?} is neither a JSON pointer like \"/data/id\" nor \"header:Name\"")
        };
        if !text.contains('{') {
            let place = Place::parse(text).ok_or_else(|| wrong(text))?;
            return Ok(Self(vec![Part::Place(place)]));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) =
                after.split_once('}').ok_or_else(|| format!("a `{{` in {text:?} is not closed"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Place(Place::parse(inside).ok_or_else(|| wrong(inside))?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The places the expression looks at.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().filter_map(|part| match part {
            Part::Place(place) => Some(place),
            Part::Text(_) => None,
        })
    }

    /// The pointers among the places.
    pub fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.places().filter_map(|place| match place {
            Place::Pointer(pointer) => Some(pointer),
            Place::Header(_) => None,
        })
    }

    /// The value, if each of the places holds something.
    pub fn evaluate<'f>(&self, facts: &'f Facts<'_>) -> Option<Value<'f>> {
        let mut parts = Vec::new();
        let mut bytes = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Part::Place(place) => {
                    let value = facts.at(place).filter(|value| !value.is_empty())?;
                    bytes.extend_from_slice(value);
                    parts.push(value);
                }
            }
        }
        Some(Value { bytes, parts })
    }
}

/// What a request says at the places that somebody will ask for, read in one pass over its body.
pub struct Facts<'r> {
    headers: &'r Headers,
    json: Option<Vec<(&'r Pointer, Option<String>)>>,
}

impl<'r> Facts<'r> {
    /// Reads the body's values at the pointers.
    pub fn read(inbound: &'r Inbound, pointers: impl Iterator<Item = &'r Pointer>) -> Self {
        let pointers: Vec<&Pointer> = pointers.collect();
        let json = json::pick(&inbound.body, &pointers)
            .map(|values| pointers.into_iter().zip(values).collect());
        Self { headers: &inbound.headers, json }
    }

    /// Whether the body is JSON.
    pub fn is_json(&self) -> bool {
        self.json.is_some()
    }

    fn at(&self, place: &Place) -> Option<&[u8]> {
        match place {
            Place::Header(name) => self.headers.get(name),
            Place::Pointer(pointer) => {
                let (_, value) = self.json.as_ref()?.iter().find(|(known, _)| *known == pointer)?;
                value.as_deref().map(str::as_bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(text: &str) -> Option<String> {
        let headers = [("X-Id", "7"), ("X-Empty", "")].into_iter().collect();
        let inbound = Inbound::post("/", headers, r#"{"a":{"b":"c"},"n":5,"e":""}"#);
        let expression = Expression::parse(text).expect("an expression");
        let facts = Facts::read(&inbound, expression.pointers());
        expression.evaluate(&facts).map(|value| String::from_utf8_lossy(&value.bytes).into_owned())
    }

    #[test]
    fn places_and_combinations() {
        assert_eq!(evaluate("/a/b").as_deref(), Some("c"));
        assert_eq!(evaluate("header:X-ID").as_deref(), Some("7"));
        assert_eq!(evaluate("<{header:x-id}:{/n}>").as_deref(), Some("<7:5>"));
    }

    #[test]
    fn one_empty_place_makes_the_whole_absent() {
        for text in ["/z", "/a", "/e", "header:x-empty", "header:none", "{/n}-{/z}"] {
            assert_eq!(evaluate(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_expression_is_explained() {
        for text in ["", "id", "header:", "{/a", "{id}", "{}"] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }
}
