//! Every call of a scenario goes wrong in every way, one at a time; after each, the world goes on
//! by itself until it rests, and everything must hold.
//!
//! The scenario is run once without a fault to learn its calls; then once for each call and each
//! fault. That the fault struck the very call that the undisturbed run made there is checked, so
//! no call is passed over.

use crate::faults::{Call, Fault};
use crate::scenarios;
use crate::world::{Functions, World};
use std::fmt;
use std::num::NonZero;
use std::sync::Mutex;
use std::thread::available_parallelism;

/// What was enumerated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Calls of the undisturbed run.
    pub calls: usize,
    /// Runs with a fault.
    pub runs: usize,
    /// Calls of all runs together.
    pub calls_in_all: usize,
    /// The runs after which something did not hold, and what it was.
    pub broken: Vec<String>,
}

impl Totals {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.runs += other.runs;
        self.calls_in_all += other.calls_in_all;
        self.broken.extend(other.broken);
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, runs, calls_in_all, broken } = self;
        write!(out, "{calls:>5} calls {runs:>6} runs {calls_in_all:>8} calls in all")?;
        match broken.len() {
            0 => Ok(()),
            count => write!(out, "  {count} broken"),
        }
    }
}

/// Enumerates all scenarios, several at once, and prints what was enumerated.
///
/// # Panics
/// When a thread does: a scenario calls nothing, or breaks without a fault.
pub fn enumerate_all<F: Functions>() -> Totals {
    let (left, sum) = (Mutex::new(scenarios::NAMES.to_vec()), Mutex::new(Totals::default()));
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime");
        while let Some(name) = next(&left) {
            let totals = runtime.block_on(enumerate::<F>(name));
            println!("{name:<22} {totals}");
            sum.lock().expect("no thread panicked").add(totals);
        }
    };
    std::thread::scope(|threads| {
        let count = available_parallelism().map_or(1, NonZero::get);
        (0..count).for_each(|_| drop(threads.spawn(work)));
    });
    let totals = sum.into_inner().expect("no thread panicked");
    println!("{:<22} {totals}", "all");
    totals
}

fn next(left: &Mutex<Vec<&'static str>>) -> Option<&'static str> {
    left.lock().expect("no thread panicked").pop()
}

/// Runs a scenario with every fault at every call.
///
/// # Panics
/// When it calls nothing, or something does not hold without a fault.
pub async fn enumerate<F: Functions>(name: &str) -> Totals {
    let calls = undisturbed::<F>(name).await;
    let mut totals = Totals { calls: calls.len(), ..Totals::default() };
    for call in &calls {
        for fault in Fault::ALL {
            let mut world = World::<F>::new();
            world.faults.arm(call.number, fault);
            scenarios::play(name, &mut world).await;
            let mut found = world.check().await;
            let struck = world.faults.struck();
            if struck.as_ref() != Some(call) {
                found.push(format!("the fault struck {struck:?}"));
            }
            totals.runs += 1;
            totals.calls_in_all += world.faults.made();
            if !found.is_empty() {
                let found = found.join("\n    ");
                totals.broken.push(format!("{name}, {fault:?} at {call}:\n    {found}"));
            }
        }
    }
    totals
}

/// Runs a scenario without a fault and answers its calls.
async fn undisturbed<F: Functions>(name: &str) -> Vec<Call> {
    let mut world = World::<F>::new();
    scenarios::play(name, &mut world).await;
    let calls = world.faults.trace();
    let found = world.check().await;
    assert!(found.is_empty(), "{name}, undisturbed:\n    {}", found.join("\n    "));
    assert!(!calls.is_empty(), "{name} calls something");
    calls
}
