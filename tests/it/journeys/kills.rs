//! A small run of `infra/prove/kills.py`: functions are killed at work while their calls to AWS
//! fail in every way, and every event is accounted for.
#![cfg(target_os = "linux")]

use super::stack::{binary, python, root};
use serde_json::Value;
use std::process::Command;

#[test]
fn under_kills_and_faults_nothing_is_lost_and_no_effect_is_doubled() {
    let binaries = binary("receiver");
    // The processor that counts.
    binary("examples/counting");
    let mut run = Command::new(python());
    run.arg(root().join("infra/prove/kills.py"));
    run.arg("--bin-dir").arg(binaries.parent().expect("a binary lies in a folder"));
    // Every run another one: the seed is printed with what is wrong.
    let seed = std::process::id().to_string();
    run.args(["--kills", "12", "--hasten", "--json", "--seed", &seed]);
    let done = run.output().expect("python starts");
    let (told, said) =
        (String::from_utf8_lossy(&done.stderr), String::from_utf8_lossy(&done.stdout));
    assert!(done.status.success(), "{told}{said}");

    let total: Value = serde_json::from_str(&said).expect("a line of JSON");
    let number = |name: &str| total[name].as_u64().unwrap_or_else(|| panic!("no {name}: {said}"));
    assert_eq!((number("lost"), number("doubled")), (0, 0), "{said}");
    assert_eq!(number("kills"), 12, "{said}");
    for name in ["answered_200", "effects", "delivered", "faults"] {
        assert!(number(name) > 0, "{name}: {said}");
    }
}
