//! `docs/PROVIDERS.md` is written from the definitions: this test demands that it is current, and
//! writes it anew with `UPDATE_PAGE=1` (`make providers`).
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

mod conformance;
mod debated;
mod definition;

use conformance::Rows;
use definition::Definition;
use std::fs;
use std::path::Path;

/// Prose with three places to fill in.
const FRAME: &str = include_str!("../../page.md");

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROVIDERS.md");
    let page = page();
    if std::env::var_os("UPDATE_PAGE").is_some() {
        fs::write(&path, &page).expect("written");
    }
    let found = fs::read_to_string(&path).expect("a page");
    let differing = found.lines().zip(page.lines()).find(|(found, page)| found != page);
    assert_eq!(differing, None, "`make providers` writes it anew");
    assert_eq!(found.len(), page.len(), "`make providers` writes it anew");
}

/// Where a definition says nothing, a person has to look it up.
#[test]
fn every_definition_says_where_its_facts_come_from_and_how_its_provider_retries() {
    for name in holdfast_providers::names() {
        let definition = Definition::read(name);
        assert!(!definition.sources.is_empty(), "{name} names no source");
        assert!(
            !definition.provider.retries().how.is_empty(),
            "{name} does not say how it retries"
        );
    }
}

fn page() -> String {
    let rows = Rows::read();
    let definitions: Vec<Definition> = holdfast_providers::names().map(Definition::read).collect();
    let mut table = String::from(
        "| provider | proof | key | key signed | lists | handshakes | vectors |\n|---|---|---|---|---|---|---|\n",
    );
    let mut sections = String::new();
    for definition in &definitions {
        table.push_str(&definition.line(&rows));
        sections.push_str(&definition.section(&rows));
    }
    FRAME
        .replace("{count}", &definitions.len().to_string())
        .replace("{vectors}", &rows.count().to_string())
        .replace("{table}\n", &table)
        .replace("{debated}\n", &debated::table())
        .replace("{providers}\n", sections.trim_start())
}
