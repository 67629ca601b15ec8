//! Whatever goes wrong with a single call, anywhere: nothing is lost and nothing happens twice.

use crate::lambdas::Lambdas;
use holdfast_testkit::crash_points::enumerate_all;
use holdfast_testkit::faults::Fault;

#[test]
fn every_call_of_every_scenario_may_fail() {
    let totals = enumerate_all::<Lambdas>();
    assert_eq!(totals.runs, totals.calls * Fault::ALL.len(), "every call, every fault");
    let shown = totals.broken.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(totals.broken.is_empty(), "{} runs broke something:\n{shown}", totals.broken.len());
}
