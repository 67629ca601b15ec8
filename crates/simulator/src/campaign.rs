//! Many seeds, on all processors, and what came of them together.

use crate::counts::Counts;
use crate::seed::{Report, run};
use holdfast_domain::time::Span;
use serde_json::{Value, json};
use std::num::NonZero;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// Which seeds to run, and for how long at most.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The seeds.
    pub seeds: Range<u64>,
    /// How many events each has; as many as the seed says, where `None`.
    pub events: Option<usize>,
    /// When to begin no more seeds.
    pub at_most: Option<Duration>,
}

/// What came of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many seeds were run.
    pub seeds: u64,
    /// The first seed that was not.
    pub next_seed: u64,
    /// How much time passed in all worlds together.
    pub simulated: Span,
    /// How often what happened.
    pub counts: Counts,
    /// The seeds in which something did not hold, and what.
    pub failed: Vec<(u64, Vec<String>)>,
}

impl Campaign {
    /// Runs them; `tell` hears of each that fails at once.
    ///
    /// # Panics
    /// When a thread does.
    pub fn run(&self, tell: impl Fn(&Report) + Sync) -> Totals {
        let next = AtomicU64::new(self.seeds.start);
        let totals = Mutex::new(Totals::default());
        let begun = Instant::now();
        let work = || loop {
            if self.at_most.is_some_and(|most| begun.elapsed() >= most) {
                return;
            }
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.seeds.end {
                return;
            }
            let report = run(seed, self.events, 0).expect("a runtime");
            if !report.broken.is_empty() {
                tell(&report);
            }
            totals.lock().expect("no thread panicked").add(report);
        };
        std::thread::scope(|threads| {
            let count = available_parallelism().map_or(1, NonZero::get);
            (0..count).for_each(|_| drop(threads.spawn(work)));
        });
        let mut totals = totals.into_inner().expect("no thread panicked");
        totals.failed.sort();
        totals.next_seed = next.into_inner().min(self.seeds.end);
        totals
    }
}

impl Totals {
    fn add(&mut self, report: Report) {
        self.seeds += 1;
        self.simulated = self.simulated.plus(report.simulated);
        self.counts.add(&report.counts);
        if !report.broken.is_empty() {
            self.failed.push((report.seed, report.broken));
        }
    }

    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let counts: serde_json::Map<String, Value> =
            self.counts.iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
        let failed: Vec<u64> = self.failed.iter().map(|(seed, _)| *seed).collect();
        json!({
            "seeds": self.seeds,
            "next_seed": self.next_seed,
            "simulated_hours": self.simulated.millis() / 3_600_000,
            "failed": failed.len(),
            "failed_seeds": failed,
            "counts": counts,
        })
        .to_string()
    }
}
