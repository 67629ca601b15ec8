//! Random lives of a few events, step by step against a reference model.
//!
//! The domain's updates are carried out on a plain map; the model ([`model`]) says in words of its
//! own what each step answers and what the record is afterwards. Beside it, what must hold of every
//! change whatever the step was ([`invariants`]).
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod invariants;
mod model;
mod operation;
mod system;

use holdfast_domain::time::Span;
use operation::{Operation, operations};
use proptest::test_runner::{Config, RngSeed};
use system::System;

/// The same cases at each run, unless `PROPTEST_RNG_SEED` and `PROPTEST_CASES` say otherwise.
fn config(cases: u32) -> Config {
    let usual = Config { cases, failure_persistence: None, ..Config::default() };
    let is_set = |name| std::env::var_os(name).is_some();
    Config {
        cases: if is_set("PROPTEST_CASES") { Config::default().cases } else { cases },
        rng_seed: if is_set("PROPTEST_RNG_SEED") { usual.rng_seed } else { RngSeed::Fixed(7) },
        ..usual
    }
}

/// Longer than random lives are: the log forgets its oldest lines, and only those.
#[test]
fn a_long_life_is_as_the_model_says() {
    let mut system = System::new();
    system.step(&Operation::Put { event: 0, differs: [true; 4] });
    (0..50).for_each(|_| system.claim_and_put_off(0));
}

/// A claim that ends this very millisecond is still held: by the rules of the sweep too.
#[test]
fn a_lease_is_swept_only_after_its_end() {
    let (left, now) = (Span::from_mins(15), Span::ZERO);
    let mut system = System::new();
    system.step(&Operation::Put { event: 0, differs: [true; 4] });
    system.step(&Operation::Claim { event: 0, queued: now, stamped: now, left });
    for passed in [left, Span::from_millis(4999), Span::from_millis(1), Span::from_millis(1)] {
        system.step(&Operation::Pass(passed));
        system.sweep(0);
    }
}

/// What waits in the table is released in the very millisecond that it is due.
#[test]
fn what_waits_is_released_when_it_is_due() {
    let wait = Span::from_mins(40);
    let mut system = System::new();
    system.step(&Operation::Put { event: 0, differs: [true; 4] });
    system.step(&Operation::PutOff { event: 0, wait, receives: 1 });
    for passed in [wait.minus(Span::from_millis(1)), Span::from_millis(1)] {
        system.step(&Operation::Pass(passed));
        system.sweep(0);
    }
}

proptest::proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn every_life_is_as_the_model_says(operations in operations(80)) {
        let mut system = System::new();
        for operation in &operations {
            system.step(operation);
        }
    }
}
