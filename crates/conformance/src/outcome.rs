//! A corpus as a whole: how many of its rows get the answer that they expect, for each provider.

use crate::standin;
use holdfast_providers::vectors::{Expect, GENERIC, Row, lines};
use std::collections::{BTreeMap, BTreeSet};

/// How the rows of one or more corpora were answered.
#[derive(Debug, Default)]
pub struct Outcome {
    tallies: BTreeMap<String, Tally>,
    unreadable: Vec<String>,
}

/// How the rows of one provider were answered.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many rows count.
    pub scored: usize,
    /// Those of them that were answered otherwise.
    pub wrong: Vec<String>,
    /// How many rows are debatable.
    pub debatable: usize,
    /// Those of them that were answered otherwise.
    pub otherwise: Vec<String>,
    /// How many events were rightly believed, of whose identity the corpus says what no definition does.
    pub unidentified: usize,
    /// The definitions that they were verified by.
    pub origins: BTreeSet<String>,
    /// What is to be known of how their settings were understood.
    pub notes: BTreeSet<String>,
}

impl Outcome {
    /// Answers every row of a corpus. With `generic`, by each row's own description of its scheme,
    /// and only the rows whose description can be expressed; identity is not judged then, nor are
    /// handshakes, of which a scheme says nothing.
    pub async fn add(&mut self, corpus: &str, generic: bool) {
        let rows: Vec<_> = lines(corpus).collect();
        // Some rows, those of handshakes for one, have nothing but their provider's name.
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for row in rows.iter().filter_map(|(_, row)| row.as_ref().ok()) {
            if !known.contains_key(&row.provider) {
                known.extend(row.known_as().map(|name| (row.provider.clone(), name)));
            }
        }
        for (line, row) in rows {
            match row {
                Ok(row) => {
                    let name = known.get(&row.provider).copied();
                    self.add_row(&row, name.unwrap_or(&row.provider), generic).await;
                }
                Err(error) => self.unreadable.push(format!("line {line}: {error}")),
            }
        }
    }

    async fn add_row(&mut self, row: &Row, name: &str, generic: bool) {
        if generic && row.expect == Expect::Challenge {
            return;
        }
        let setup = if generic { row.generic_setup() } else { row.setup_as(name) };
        let setup = match setup {
            Ok(setup) => setup,
            Err(_) if generic => return,
            Err(why) => return self.tally(row).count(row, Err(why)),
        };
        let answer = standin::answer(row, &setup).await;
        let tally = self.tally(row);
        let judged = match answer {
            Ok(answer) => {
                let identified = row.judge(&answer, true);
                // Where no definition says who an event is, a guess that fails says nothing of us.
                let anonymous = setup.origin == GENERIC && row.judge(&answer, false).is_ok();
                if anonymous && identified.is_err() {
                    tally.unidentified += 1;
                }
                if anonymous { Ok(()) } else { identified }
            }
            Err(why) => Err(why),
        };
        tally.origins.insert(setup.origin);
        tally.notes.extend(setup.notes);
        tally.count(row, judged);
    }

    fn tally(&mut self, row: &Row) -> &mut Tally {
        self.tallies.entry(row.provider.clone()).or_default()
    }

    /// The providers, in the corpora's spelling.
    pub const fn tallies(&self) -> &BTreeMap<String, Tally> {
        &self.tallies
    }

    /// What is not as it has to be: scored rows that were answered otherwise, and lines that cannot be read.
    pub fn wrong(&self) -> impl Iterator<Item = &String> {
        self.tallies.values().flat_map(|tally| &tally.wrong).chain(&self.unreadable)
    }
}

impl Tally {
    fn count(&mut self, row: &Row, judged: Result<(), String>) {
        let judged = judged.map_err(|why| format!("{}: {why} [{}]", row.id, row.why));
        let (count, others) = if row.debatable {
            (&mut self.debatable, &mut self.otherwise)
        } else {
            (&mut self.scored, &mut self.wrong)
        };
        *count += 1;
        others.extend(judged.err());
    }
}
