//! The tables of the crate's front page are complete.

use crate::ablation::Ablation;
use crate::backlog;
use crate::invariants;

const PAGE: &str = include_str!("lib.rs");

/// The line of a table that begins with this cell.
fn line(cell: &str) -> &'static str {
    let start = format!("//! | {cell} | ");
    PAGE.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row {cell}"))
}

#[test]
fn every_invariant_is_in_the_table_under_its_name() {
    let properties = invariants::all();
    assert_eq!(properties.len(), invariants::INVARIANTS);
    for property in &properties {
        let (number, name) = property.name.split_once(' ').expect("a number and a name");
        assert!(line(number).contains(&format!("| {name} |")), "{number}: {name}");
    }
    for number in 1..=13 {
        line(&format!("I{number}"));
    }
}

#[test]
fn every_ablation_is_in_the_table_in_its_row() {
    for ablation in Ablation::ALL {
        let row = ablation.row().map_or("none".to_owned(), |row| row.to_string());
        assert!(line(&row).contains(&format!("[`Ablation::{ablation:?}`]")), "{row}: {ablation:?}");
    }
    assert!(line(&backlog::ROW.to_string()).contains("[`backlog`]"));
    assert_eq!(PAGE.matches("[`Ablation::").count(), Ablation::ALL.len(), "nothing else is named");
}
