//! Where in a request a value stands: the small language of provider definitions.
//!
//! `"/data/id"` is a JSON pointer into the body, `"header:X-Id"` a header, and a text with braces,
//! `"{header:X-Id}:{/topic}"`, puts several together. A list of them means: the first that is
//! there. `"form:name"` and `"query:name"` are parameters of a form and of the URL, decoded once.
//! Where a request carries a list of events, a pointer starts at the event's own item, and
//! `"root:/object"` at the top of the whole JSON. `"first-nested"` is the name of the first member
//! that holds an object or a list: with Telegram and X, what happened.

use crate::form::{self, Pairs};
use crate::inbound::Inbound;
use crate::json::{self, Pointer};
use std::cell::OnceCell;
use std::fmt;

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header by its name in lower case.
    Header(String),
    /// A scalar in the JSON body, or in the item of its list that is looked at.
    Pointer(Pointer),
    /// A scalar in the JSON body as a whole.
    Root(Pointer),
    /// The name of the first member that holds an object or a list.
    FirstNested,
    /// A parameter of the form in the body.
    Form(String),
    /// A parameter of the URL's query.
    Query(String),
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
    /// Reads `/pointer`, `root:/pointer`, `header:Name`, `form:name`, `query:name` or
    /// `first-nested`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some((_, "")) => None,
            None if text == "first-nested" => Some(Self::FirstNested),
            Some(("root", pointer)) => Pointer::parse(pointer).map(Self::Root),
            Some(("header", name)) => Some(Self::Header(name.to_ascii_lowercase())),
            Some(("form", name)) => Some(Self::Form(name.to_owned())),
            Some(("query", name)) => Some(Self::Query(name.to_owned())),
            _ => Pointer::parse(text).map(Self::Pointer),
        }
    }

    /// The pointer, if the place is a scalar in the JSON body.
    pub fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Pointer(pointer) | Self::Root(pointer) => Some(pointer),
            Self::FirstNested | Self::Header(_) | Self::Form(_) | Self::Query(_) => None,
        }
    }

    /// The pointer, if it starts at the top of the whole JSON whatever item is looked at.
    pub(crate) fn root(&self) -> Option<&Pointer> {
        match self {
            Self::Root(pointer) => Some(pointer),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(out, "header:{name}"),
            Self::Pointer(pointer) => write!(out, "{pointer}"),
            Self::Root(pointer) => write!(out, "root:{pointer}"),
            Self::FirstNested => out.write_str("first-nested"),
            Self::Form(name) => write!(out, "form:{name}"),
            Self::Query(name) => write!(out, "query:{name}"),
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
            format!(
                "{part:?} is neither a JSON pointer like \"/data/id\" nor \"header:Name\", \
                 \"form:name\", \"query:name\", \"root:/pointer\" or \"first-nested\""
            )
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
        self.places().filter_map(Place::pointer)
    }

    /// The pointer, if the expression is nothing else.
    pub fn pointer(&self) -> Option<&Pointer> {
        match self.0.as_slice() {
            [Part::Place(place)] => place.pointer(),
            _ => None,
        }
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

/// Values read from a JSON text at pointers; `None` when it is no JSON.
pub(crate) type Picked<'r> = Option<Vec<(&'r Pointer, Option<String>)>>;

/// Reads the values at the pointers in one pass. Without pointers the text is only checked.
pub(crate) fn picked<'r>(
    document: &[u8],
    pointers: impl Iterator<Item = &'r Pointer>,
) -> Picked<'r> {
    let pointers: Vec<&Pointer> = pointers.collect();
    json::pick(document, &pointers).map(|values| pointers.into_iter().zip(values).collect())
}

/// What a request says at the places that somebody will ask for, its JSON read in one pass.
pub struct Facts<'r> {
    inbound: &'r Inbound,
    document: &'r [u8],
    json: Picked<'r>,
    /// The values of the whole, where the document is an item of it.
    root: Option<&'r Picked<'r>>,
    first_nested: OnceCell<Option<String>>,
    form: OnceCell<Pairs>,
    query: OnceCell<Pairs>,
}

impl<'r> Facts<'r> {
    /// Reads the body's values at the pointers.
    pub fn read(inbound: &'r Inbound, pointers: impl Iterator<Item = &'r Pointer>) -> Self {
        Self::read_in(inbound, &inbound.body, pointers)
    }

    /// Reads the values at the pointers in a JSON text of its own: a field of a form, or one item
    /// of a list. Without pointers the text is not looked at.
    pub(crate) fn read_in(
        inbound: &'r Inbound,
        document: &'r [u8],
        pointers: impl Iterator<Item = &'r Pointer>,
    ) -> Self {
        Self { document, json: picked(document, pointers), ..Self::without_json(inbound) }
    }

    /// The same for an item of a list, beside values of the whole.
    pub(crate) fn of_item(
        inbound: &'r Inbound,
        item: &'r [u8],
        pointers: impl Iterator<Item = &'r Pointer>,
        root: &'r Picked<'r>,
    ) -> Self {
        Self { root: Some(root), ..Self::read_in(inbound, item, pointers) }
    }

    /// The request alone: pointers lead nowhere.
    pub(crate) const fn without_json(inbound: &'r Inbound) -> Self {
        Self {
            inbound,
            document: &[],
            json: None,
            root: None,
            first_nested: OnceCell::new(),
            form: OnceCell::new(),
            query: OnceCell::new(),
        }
    }

    /// Whether the body is JSON.
    pub fn is_json(&self) -> bool {
        self.json.is_some()
    }

    /// The parameters of the form in the body; none when it is no form.
    pub(crate) fn form(&self) -> &Pairs {
        self.form.get_or_init(|| form::of_body(self.inbound))
    }

    /// The same where they are all that the body says, whoever reads it: what a signature of parameters
    /// covers. None of a multipart body.
    pub(crate) fn whole_form(&self) -> &[(Vec<u8>, Vec<u8>)] {
        if form::is_urlencoded(self.inbound) { self.form() } else { &[] }
    }

    /// The values of the headers whose name is a stem and a number.
    pub(crate) fn numbered(&self, stem: &str) -> impl Iterator<Item = &[u8]> {
        self.inbound.headers.iter().filter_map(move |(name, value)| {
            let number = name.strip_prefix(stem)?;
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some(value)
        })
    }

    /// The value at a place that was asked for.
    pub(crate) fn at(&self, place: &Place) -> Option<&[u8]> {
        match place {
            Place::Header(name) => self.inbound.headers.get(name),
            Place::Pointer(pointer) => at(&self.json, pointer),
            Place::Root(pointer) => at(self.root.unwrap_or(&self.json), pointer),
            Place::FirstNested => {
                let read = || json::first_nested(self.document);
                self.first_nested.get_or_init(read).as_deref().map(str::as_bytes)
            }
            Place::Form(name) => form::value(self.form(), name),
            Place::Query(name) => {
                let query = || form::pairs(self.inbound.query.as_bytes());
                form::value(self.query.get_or_init(query), name)
            }
        }
    }
}

fn at<'p>(picked: &'p Picked<'_>, pointer: &Pointer) -> Option<&'p [u8]> {
    let (_, value) = picked.as_ref()?.iter().find(|(known, _)| *known == pointer)?;
    value.as_deref().map(str::as_bytes)
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
        assert_eq!(evaluate("root:/n").as_deref(), Some("5"), "the whole is its own root");
        assert_eq!(evaluate("{first-nested}.{/n}").as_deref(), Some("a.5"));
    }

    #[test]
    fn one_empty_place_makes_the_whole_absent() {
        for text in ["/z", "/a", "/e", "header:x-empty", "header:none", "{/n}-{/z}"] {
            assert_eq!(evaluate(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_expression_is_explained() {
        for text in ["", "id", "header:", "form:", "body:x", "{/a", "{id}", "{}", "root:id"] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }
}
