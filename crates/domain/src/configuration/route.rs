//! `[[routes]]`: which events go where. The first route of the file that matches wins.

use super::destination::Destination;
use super::glob::{self, Glob};
use crate::identity::Kind;
use crate::reading::Table;
use crate::source::SourceName;
use std::sync::Arc;

/// A route.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The source whose events it takes.
    pub from: SourceName,
    /// Which kinds of events; one of them is enough.
    pub kinds: Vec<Glob>,
    /// Where they go.
    pub to: Arc<Destination>,
    /// Where it stands in the document.
    pub(super) line: usize,
}

/// What a route may name. Names that were written are known even where what they name has problems
/// of its own: one mistake is one problem.
pub(super) struct Known<'a> {
    pub(super) sources: &'a [(String, Option<SourceName>)],
    pub(super) destinations: &'a [(String, Option<Arc<Destination>>)],
}

impl Route {
    /// Whether it takes events of this kind from this source.
    pub fn takes(&self, source: &SourceName, kind: &Kind) -> bool {
        self.from == *source && self.kinds.iter().any(|glob| glob.matches(kind.as_str()))
    }

    pub(super) fn read(table: &mut Table<'_>, known: &Known<'_>) -> Option<Self> {
        let line = table.line();
        let from = read_name(table, "from", "[sources.…]", known.sources);
        let to = read_name(table, "to", "[destinations.…]", known.destinations);
        let kinds = glob::read_kinds(table);
        Some(Self { from: from?, kinds: kinds?, to: to?, line })
    }
}

fn read_name<T: Clone>(
    table: &mut Table<'_>,
    key: &'static str,
    place: &str,
    known: &[(String, Option<T>)],
) -> Option<T> {
    if known.is_empty() {
        let line = table.line_of(key);
        if table.string(key).is_some() {
            table.problem_on_line(line, format!("`{key}` names nothing: there is no {place}"));
        }
        return None;
    }
    let choices: Vec<(&str, Option<T>)> =
        known.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    table.one_of(key, &choices).flatten()
}
