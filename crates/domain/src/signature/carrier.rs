//! Where the signature stands in a request.

use crate::expression::{Facts, Place};
use crate::json::Pointer;
use crate::reading::Table;

/// The places that carry signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carrier {
    pub(super) places: Vec<Place>,
    /// Whether all of them count, instead of the first that is there.
    all: bool,
}

/// More numbered headers than a provider has keys at a time.
const MOST_NUMBERED: usize = 100;

impl Carrier {
    /// Reads `header` or `signature`, and `header_choice`; `None` after reporting what is wrong.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        if !table.has("header") && !table.has("signature") {
            table.problem("`header` is missing: the header that carries the signature");
        }
        let line = table.line_of("signature");
        let mut places: Vec<Place> = table
            .one_or_more("header")
            .into_iter()
            .map(|name| Place::Header(name.to_ascii_lowercase()))
            .collect();
        for text in table.one_or_more("signature") {
            if text == "item" {
                places.push(Place::Pointer(Pointer::whole()));
                continue;
            }
            match Place::parse(&text) {
                Some(place) => places.push(place),
                None => table.problem_on_line(
                    line,
                    "`signature` must be a place like \"/signature\", \"form:name\" or \"query:name\", or \"item\"",
                ),
            }
        }
        let all = table.optional_one_of("header_choice", &[("first", false), ("all", true)]);
        (!places.is_empty()).then(|| Self { places, all: all.unwrap_or_default() })
    }

    pub(super) fn header(name: &str) -> Self {
        Self { places: vec![Place::Header(name.to_owned())], all: false }
    }

    /// Whether the items of a list are signatures themselves.
    pub(super) fn is_item(&self) -> bool {
        self.places.contains(&Place::Pointer(Pointer::whole()))
    }

    /// The values that are there and not empty.
    pub(super) fn values<'f>(&self, facts: &'f Facts<'_>) -> Vec<&'f [u8]> {
        let mut values = Vec::new();
        for place in &self.places {
            match place {
                Place::Header(name) if name.ends_with('*') => {
                    let stem = name.trim_end_matches('*');
                    values.extend(facts.numbered(stem).take(MOST_NUMBERED));
                }
                place => values.extend(facts.at(place)),
            }
            values.retain(|value| !value.is_empty());
            if !self.all && !values.is_empty() {
                break;
            }
        }
        values
    }

    /// The name of the header to write a signature into.
    pub(super) fn header_name(&self) -> Option<String> {
        self.places.first().and_then(|place| match place {
            Place::Header(name) => Some(name.replace('*', "1")),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::Inbound;
    use crate::reading::read;

    #[test]
    fn first_all_and_numbered() {
        let headers =
            [("S-1", "a"), ("S-2", "b"), ("S-x", "no"), ("P", ""), ("Q", "q"), ("R", "r")];
        let inbound = Inbound::post("/", headers.into_iter().collect(), "");
        let facts = Facts::without_json(&inbound);
        let values = |text: &str| {
            let carrier = read(text, Carrier::read).expect("valid");
            let values = carrier.values(&facts);
            values
                .iter()
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(values("header = \"S-*\""), ["a", "b"]);
        assert_eq!(values("header = [\"P\", \"Q\", \"R\"]"), ["q"]);
        assert_eq!(values("header = [\"P\", \"Q\", \"R\"]\nheader_choice = \"all\""), ["q", "r"]);
        assert!(values("signature = \"form:s\"").is_empty());
    }
}
