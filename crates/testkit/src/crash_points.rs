//! Every call of a scenario goes wrong in every way, one at a time; after each, the world goes on
//! by itself until it rests, and everything must hold.
//!
//! The scenario is run once without a fault to learn its calls; then once for each call and each
//! fault. That the fault struck the very call that the undisturbed run made there is asserted, so
//! no call is passed over.

use crate::faults::{Call, Fault};
use crate::world::{Functions, World};
use std::fmt;

/// What was enumerated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Calls of the undisturbed run.
    pub calls: usize,
    /// Runs with a fault.
    pub runs: usize,
    /// Calls of all runs together.
    pub calls_in_all: usize,
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, runs, calls_in_all } = self;
        write!(out, "{calls} calls, {runs} runs with a fault, {calls_in_all} calls in all")
    }
}

/// Runs a scenario with every fault at every call.
///
/// # Panics
/// When something does not hold: with the scenario, the call, the fault and what it was.
pub async fn enumerate<F: Functions>(name: &str, scenario: impl AsyncFn(&mut World<F>)) -> Totals {
    let calls = undisturbed(name, &scenario).await;
    let mut totals = Totals { calls: calls.len(), ..Totals::default() };
    let mut broken = Vec::new();
    for call in &calls {
        for fault in Fault::ALL {
            let mut world = World::<F>::new();
            world.faults.arm(call.number, fault);
            scenario(&mut world).await;
            let mut found = world.check().await;
            let struck = world.faults.struck();
            if struck.as_ref() != Some(call) {
                found.push(format!("the fault struck {struck:?}"));
            }
            totals.runs += 1;
            totals.calls_in_all += world.faults.made();
            if !found.is_empty() {
                broken.push(format!("{name}, {fault:?} at {call}:\n    {}", found.join("\n    ")));
            }
        }
    }
    assert_eq!(totals.runs, totals.calls * Fault::ALL.len(), "{name}: every call, every fault");
    let shown: Vec<&str> = broken.iter().take(10).map(String::as_str).collect();
    assert!(
        broken.is_empty(),
        "{} of {} runs broke an invariant:\n{}",
        broken.len(),
        totals.runs,
        shown.join("\n")
    );
    println!("{name}: {totals}");
    totals
}

/// Runs a scenario without a fault and answers its calls.
async fn undisturbed<F: Functions>(
    name: &str,
    scenario: &impl AsyncFn(&mut World<F>),
) -> Vec<Call> {
    let mut world = World::<F>::new();
    scenario(&mut world).await;
    let calls = world.faults.trace();
    let found = world.check().await;
    assert!(found.is_empty(), "{name}, undisturbed:\n    {}", found.join("\n    "));
    assert!(!calls.is_empty(), "{name} calls something");
    calls
}
