//! Whatever goes wrong with any call, anywhere: nothing is lost and nothing happens twice.

use crate::lambdas::Lambdas;
use holdfast_testkit::crash_points::{Totals, disturb_all, enumerate_all};
use holdfast_testkit::faults::Fault;

#[test]
fn every_call_of_every_scenario_may_fail() {
    let totals = enumerate_all::<Lambdas>();
    assert_eq!(totals.runs, totals.calls * Fault::ALL.len(), "every call, every fault");
    nothing_broke(&totals);
}

#[test]
fn several_calls_may_fail_at_once() {
    nothing_broke(&disturb_all::<Lambdas>(1, 50));
}

fn nothing_broke(totals: &Totals) {
    let shown = totals.broken.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(totals.broken.is_empty(), "{} runs broke something:\n{shown}", totals.broken.len());
}
