//! Every call of a scenario goes wrong in every way, one at a time; after each, the world goes on
//! by itself until it rests, and everything must hold.
//!
//! The scenario is run once without a fault to learn its calls; then once for each call and each
//! fault. That the fault struck the very call that the undisturbed run made there is checked, so
//! no call is passed over.

use crate::faults::{Call, Fault};
use crate::scenarios;
use crate::world::{Functions, World};
use holdfast_pipeline::memory::SeededRandom;
use holdfast_pipeline::ports::Random;
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

/// How many calls go wrong in a run of [`disturb`].
const FAULTS: usize = 3;

/// Enumerates all scenarios, several at once, and prints what was enumerated.
///
/// # Panics
/// When a thread does: a scenario calls nothing, or breaks without a fault.
pub fn enumerate_all<F: Functions>() -> Totals {
    each(async |name| enumerate::<F>(name).await)
}

/// Disturbs all scenarios, several at once, each `runs` times, and prints what was done.
///
/// # Panics
/// When a thread does: a scenario calls nothing, or breaks without a fault.
pub fn disturb_all<F: Functions>(seed: u64, runs: usize) -> Totals {
    each(async |name| disturb::<F>(name, seed, runs).await)
}

fn each(run: impl AsyncFn(&'static str) -> Totals + Sync) -> Totals {
    let (left, sum) = (Mutex::new(scenarios::NAMES.to_vec()), Mutex::new(Totals::default()));
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime");
        while let Some(name) = next(&left) {
            let totals = runtime.block_on(run(name));
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
            let ran = strike::<F>(name, &[(call.number, fault)]).await;
            totals.runs += 1;
            totals.calls_in_all += ran.calls;
            totals.broken.extend(ran.broken);
        }
    }
    totals
}

/// A run with faults.
pub(crate) struct Ran {
    /// How many calls were made.
    pub(crate) calls: usize,
    /// What did not hold, and with which faults.
    pub(crate) broken: Option<String>,
}

/// Plays a scenario with faults at the calls of these numbers, each of which has to be made.
pub(crate) async fn strike<F: Functions>(name: &str, faults: &[(usize, Fault)]) -> Ran {
    let mut world = World::<F>::new();
    for (number, fault) in faults {
        world.faults.arm(*number, *fault);
    }
    scenarios::play(name, &mut world).await;
    let mut found = world.check().await;
    let struck = world.faults.struck();
    let as_armed = struck.iter().map(|(call, fault)| (call.number, *fault));
    if !as_armed.eq(faults.iter().copied()) {
        found.push(format!("{faults:?} were to strike"));
    }
    let struck: Vec<String> =
        struck.iter().map(|(call, fault)| format!("{fault:?} at {call}")).collect();
    let broken = (!found.is_empty())
        .then(|| format!("{name}, {}:\n    {}", struck.join(", "), found.join("\n    ")));
    Ran { calls: world.faults.made(), broken }
}

/// Runs a scenario with some faults at random calls, as often as told.
///
/// # Panics
/// When it calls nothing, or something does not hold without a fault.
pub async fn disturb<F: Functions>(name: &str, seed: u64, runs: usize) -> Totals {
    let calls = undisturbed::<F>(name).await;
    let mut totals = Totals { calls: calls.len(), ..Totals::default() };
    let random = SeededRandom::new(seed);
    let below = |most: usize| usize::try_from(random.number() % most as u64).expect("small");
    for _ in 0..runs {
        let mut world = World::<F>::new();
        for _ in 0..FAULTS {
            // Beyond the undisturbed run lies what the first fault brought about.
            let number = 1 + below(calls.len() * 2);
            world.faults.arm(number, Fault::ALL[below(Fault::ALL.len())]);
        }
        scenarios::play(name, &mut world).await;
        let found = world.check().await;
        totals.runs += 1;
        totals.calls_in_all += world.faults.made();
        if !found.is_empty() {
            let struck: Vec<String> = world
                .faults
                .struck()
                .iter()
                .map(|(call, fault)| format!("{fault:?} at {call}"))
                .collect();
            let (struck, found) = (struck.join(", "), found.join("\n    "));
            totals.broken.push(format!("{name}, {struck}:\n    {found}"));
        }
    }
    totals
}

/// Runs a scenario without a fault and answers its calls.
pub(crate) async fn undisturbed<F: Functions>(name: &str) -> Vec<Call> {
    let mut world = World::<F>::new();
    scenarios::play(name, &mut world).await;
    let calls = world.faults.trace();
    let found = world.check().await;
    assert!(found.is_empty(), "{name}, undisturbed:\n    {}", found.join("\n    "));
    assert!(!calls.is_empty(), "{name} calls something");
    calls
}
