//! The patches of `tests/ablations` fit the code as it is: they cannot rot between two runs of
//! `make ablations`.
#![allow(clippy::expect_used, reason = "a test")]
use std::path::Path;
use std::process::Command;

#[test]
fn every_ablation_applies_to_the_code() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = std::fs::read_dir(top.join("tests/ablations")).expect("the patches");
    let found = found.map(|entry| entry.expect("an entry").path().canonicalize().expect("a path"));
    let is_patch = |path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "patch");
    let patches: Vec<_> = found.filter(is_patch).collect();
    assert!(patches.len() > 20, "the patches are there: {patches:?}");
    let mut stale = Vec::new();
    for patch in patches {
        let mut git = Command::new("git");
        git.args(["apply", "--check"]).arg(&patch).current_dir(&top);
        let checked = git.output().expect("git runs");
        if !checked.status.success() {
            stale.push(String::from_utf8_lossy(&checked.stderr).into_owned());
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}
