//! Thousands of small worlds: whatever goes wrong in them, the protocol's invariants hold.
#![allow(clippy::expect_used, reason = "a test")]
use holdfast_simulator::{Campaign, run};

/// How many seeds a test run lives through; `make prove` goes on where it stops.
const SEEDS: u64 = 1000;

#[test]
fn a_thousand_worlds_hold() {
    let campaign = Campaign { seeds: 0..SEEDS, events: None, at_most: None };
    let totals = campaign.run(|_| {});
    println!("{}", totals.to_json());
    assert_eq!(totals.failed, [], "run `holdfast-simulator --seed N --trace` for one of them");
    assert_eq!((totals.seeds, totals.next_seed), (SEEDS, SEEDS));
}

#[test]
fn a_seed_is_a_world() {
    for seed in 0..20 {
        let one = run(seed, None, 0).expect("a runtime");
        let again = run(seed, None, 500).expect("a runtime");
        assert_eq!((one.hash, &one.counts), (again.hash, &again.counts), "seed {seed}");
        assert!(one.trace.is_empty() && !again.trace.is_empty());
    }
    let different = (run(1, None, 0).expect("a runtime"), run(2, None, 0).expect("a runtime"));
    assert_ne!(different.0.hash, different.1.hash);
}
