//! The rows of the corpora that may be judged either way and that we judge the other way.

use serde::Deserialize;
use std::fmt::Write as _;

const TEXT: &str = include_str!("../../vectors/debatable.json");

#[derive(Deserialize)]
struct Entry {
    rows: Vec<String>,
    ours: String,
    why: String,
}

pub(crate) fn table() -> String {
    let entries: Vec<Entry> = serde_json::from_str(TEXT).expect("entries");
    let mut table = String::from("| rows | our answer | because |\n|---|---|---|\n");
    for Entry { rows, ours, why } in entries {
        let rows: Vec<String> = rows.iter().map(|row| format!("`{row}`")).collect();
        let _ = writeln!(table, "| {} | {ours} | {why} |", rows.join(", "));
    }
    table
}
