//! What is said of a corpus as a whole.

use crate::report::Report;
use crate::table::{harmless, table};
use holdfast_conformance::{Outcome, Tally};

/// What there is to say: totals per provider, then every difference with its reason, those of
/// debatable rows apart.
pub(super) fn report(outcome: &Outcome) -> Report {
    let mut report = Report::new();
    let sum = |of: &dyn Fn(&Tally) -> usize| outcome.tallies().values().map(of).sum::<usize>();
    let numbers =
        |tally: &Tally| [tally.scored, tally.wrong.len(), tally.debatable, tally.otherwise.len()];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (name, tally) in outcome.tallies() {
        let origins: Vec<&str> = tally.origins.iter().map(String::as_str).collect();
        let mut cells = vec![name.clone(), origins.join(", ")];
        cells.extend(numbers(tally).map(|number| number.to_string()));
        rows.push(cells);
    }
    let all = [
        sum(&|tally| tally.scored),
        sum(&|tally| tally.wrong.len()),
        sum(&|tally| tally.debatable),
        sum(&|tally| tally.otherwise.len()),
    ];
    let mut cells = vec!["in all".to_owned(), format!("{} providers", outcome.tallies().len())];
    cells.extend(all.map(|number| number.to_string()));
    rows.push(cells);
    let heading = ["PROVIDER", "VERIFIED AS", "SCORED", "WRONG", "DEBATABLE", "OTHERWISE"];
    report.line(table(&heading, &rows).trim_end());
    for (name, tally) in outcome.tallies() {
        tally.notes.iter().for_each(|note| report.line(harmless(&format!("{name}: {note}"))));
    }
    for (name, tally) in outcome.tallies().iter().filter(|(_, tally)| tally.unidentified > 0) {
        let said = format!("{name}: {} events without the expected identity", tally.unidentified);
        report.line(harmless(&format!("{said}: no definition says where it stands")));
    }
    for one in outcome.tallies().values().flat_map(|tally| &tally.otherwise) {
        report.line(harmless(&format!("debatable: {one}")));
    }
    for one in outcome.wrong() {
        report.trouble(harmless(&format!("WRONG: {one}")));
    }
    report
}
