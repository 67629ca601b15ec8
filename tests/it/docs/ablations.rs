//! The table of protections names every patch, and every patch names a test that exists.

use super::Names;
use super::text::{functions_of, quoted, read, root};
use std::collections::BTreeMap;

/// How many rows the table of protections has.
const ROWS: usize = 16;

const PAGE: &str = "tests/ablations/README.md";

/// The names of the patches that lie there.
fn patches() -> Names {
    let entries = std::fs::read_dir(root().join("tests/ablations")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".patch").map(str::to_owned)).collect()
}

/// The patches that each row of the page's tables names in its last cell.
fn rows() -> BTreeMap<String, Names> {
    let page = read(PAGE);
    let lines = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = lines.filter_map(|line| {
        let (first, last) = (line.split(" | ").next()?, line.rsplit(" | ").next()?);
        last.starts_with('`').then(|| (first.to_owned(), quoted(last)))
    });
    rows.collect()
}

#[test]
fn every_row_has_a_patch_and_every_patch_a_row() {
    let rows = rows();
    for row in 1..=ROWS {
        assert!(rows.contains_key(&row.to_string()), "no patch takes row {row} away");
    }
    let named: Names = rows.values().flatten().cloned().collect();
    assert_eq!(named, patches());
    assert_eq!(rows.values().map(Names::len).sum::<usize>(), named.len(), "named once each");
}

#[test]
fn every_patch_names_a_test_that_exists() {
    let tests = functions_of(&read("crates/testkit/tests/protections.rs"), false);
    for patch in patches() {
        let text = read(&format!("tests/ablations/{patch}.patch"));
        let named = text.lines().find_map(|line| line.strip_prefix("Test: "));
        assert!(
            named.is_some_and(|test| tests.iter().any(|known| known == test)),
            "{patch}: {named:?}"
        );
    }
}

/// The text before a patch, hunk by hunk: what it leaves and what it takes away.
fn hunks(patch: &str) -> Vec<(String, String)> {
    let mut hunks: Vec<(String, String)> = Vec::new();
    let mut file = String::new();
    let body = patch.split_once("\ndiff --git ").expect("a head and a change").1;
    for line in body.lines() {
        if let Some(path) = line.strip_prefix("--- a/") {
            file = path.to_owned();
        } else if line.starts_with("@@ ") {
            hunks.push((file.clone(), String::new()));
        } else if let (Some(kept), Some((_, text))) =
            (line.strip_prefix([' ', '-']), hunks.last_mut())
        {
            text.extend([kept, "\n"]);
        }
    }
    hunks
}

/// `make ablations` applies them, which takes minutes; this says at once which of them is out of date.
#[test]
fn every_patch_fits_the_code() {
    for patch in patches() {
        let hunks = hunks(&read(&format!("tests/ablations/{patch}.patch")));
        assert!(!hunks.is_empty(), "{patch} changes nothing");
        for (file, text) in hunks {
            assert!(read(&file).contains(&text), "{patch}: {file} reads otherwise:\n{text}");
        }
    }
}
