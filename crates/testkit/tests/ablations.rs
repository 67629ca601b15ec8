//! The patches of `tests/ablations` fit the code as it is, and each names a test that exists: what
//! `make ablations` demands of them cannot rot between two runs of it.
#![allow(clippy::expect_used, reason = "a test")]
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tests that the patches may name.
const TESTS: &str = include_str!("protections.rs");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the top")
}

fn patches() -> Vec<PathBuf> {
    let found = read_dir(root().join("tests/ablations")).expect("the patches");
    let found = found.map(|entry| entry.expect("an entry").path());
    let mut patches: Vec<_> =
        found.filter(|path| path.extension().is_some_and(|kind| kind == "patch")).collect();
    patches.sort();
    assert!(patches.len() > 20, "the patches are there: {patches:?}");
    patches
}

#[test]
fn every_ablation_applies_to_the_code() {
    let mut stale = Vec::new();
    for patch in patches() {
        let mut git = Command::new("git");
        git.args(["apply", "--check"]).arg(&patch).current_dir(root());
        let checked = git.output().expect("git runs");
        if !checked.status.success() {
            stale.push(String::from_utf8_lossy(&checked.stderr).into_owned());
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_ablation_names_a_test_that_exists() {
    let mut wrong = Vec::new();
    for patch in patches() {
        let text = read_to_string(&patch).expect("a patch");
        let head = text.split("\ndiff --git ").next().unwrap_or_default();
        let named: Vec<&str> =
            head.lines().filter_map(|line| line.strip_prefix("Test:")).map(str::trim).collect();
        let exists = |test: &&str| TESTS.contains(&format!("fn {test}("));
        let is_whole = head.starts_with("Takes away: ");
        if !is_whole || named.len() != 1 || !named.iter().all(exists) {
            wrong.push(format!("{}: {named:?}", patch.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
