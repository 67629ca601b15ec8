//! How many requests with known verdicts there are for each definition.

use holdfast_providers::vectors::read;
use std::collections::BTreeMap;

const CORPORA: [(&str, &str); 2] = [
    ("public", include_str!("../../vectors/public.jsonl")),
    ("own", include_str!("../../vectors/own.jsonl")),
];

/// Rows by definition and corpus.
pub(crate) struct Rows(BTreeMap<(String, &'static str), usize>);

impl Rows {
    pub(crate) fn read() -> Self {
        let mut rows = BTreeMap::new();
        for (corpus, text) in CORPORA {
            for row in read(text).unwrap_or_else(|(line, error)| panic!("line {line}: {error}")) {
                if let Ok(setup) = row.setup() {
                    *rows.entry((setup.origin, corpus)).or_default() += 1;
                }
            }
        }
        Self(rows)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().sum()
    }

    /// How many of a corpus are for a definition.
    pub(crate) fn of(&self, name: &str, corpus: &'static str) -> usize {
        self.0.get(&(name.to_owned(), corpus)).copied().unwrap_or_default()
    }

    pub(crate) fn all_of(&self, name: &str) -> usize {
        CORPORA.iter().map(|(corpus, _)| self.of(name, corpus)).sum()
    }
}
