//! All single faults, or all pairs of them, as a command that can stop and go on: every case has a
//! number, and a run takes as many cases as its time allows from the number that it is given.
//!
//! ```text
//! faults singles|pairs [--from NUMBER] [--seconds SECONDS] [--json]
//! ```

mod cases;

use crate::crash_points::{Ran, strike};
use crate::world::Functions;
use cases::{Case, Cases};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

const USAGE: &str = "faults singles|pairs [--from NUMBER] [--seconds SECONDS] [--json]";

/// So many failures are kept in words; the others are counted.
const SHOWN: usize = 20;

struct Options {
    pairs: bool,
    first: u64,
    time: Duration,
    json: bool,
}

impl Options {
    /// What the command line asks for; `None` if that is not to be understood.
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let pairs = match words.next()?.as_str() {
            "singles" => false,
            "pairs" => true,
            _ => return None,
        };
        let mut options = Self { pairs, first: 0, time: Duration::MAX, json: false };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--from" => options.first = words.next()?.parse().ok()?,
                "--seconds" => options.time = Duration::from_secs(words.next()?.parse().ok()?),
                "--json" => options.json = true,
                _ => return None,
            }
        }
        Some(options)
    }
}

/// What a run came to.
#[derive(Default)]
struct Found {
    runs: u64,
    calls: u64,
    broken: Vec<String>,
}

/// The command: reads its arguments, works on all cores, prints what it found.
///
/// # Panics
/// When a scenario breaks without any fault.
pub fn main<F: Functions>() -> ExitCode {
    let Some(options) = Options::read(std::env::args().skip(1)) else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    let began = Instant::now();
    let cases = block_on(async {
        if options.pairs { Cases::pairs::<F>().await } else { Cases::singles::<F>().await }
    });
    let (next, found) = work::<F>(&cases, options.first, began + options.time.min(DAY));
    for broken in found.broken.iter().take(SHOWN) {
        println!("{broken}");
    }
    let (runs, calls, whole) = (found.runs, found.calls, cases.count());
    let secs = began.elapsed().as_secs_f64();
    println!(
        "{runs} of {whole} cases from {}, {calls} calls, {} broken, {secs:.0} s",
        options.first,
        found.broken.len(),
    );
    if options.json {
        let line = serde_json::json!({
            "next": next, "done": next >= whole,
            "counts": { "runs": runs, "calls": calls }, "of": { "runs": whole },
            "found": found.broken,
        });
        println!("{line}");
    }
    if found.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Runs cases until they or the time are over; the number of the next one, and what was found.
fn work<F: Functions>(cases: &Cases, first: u64, until: Instant) -> (u64, Found) {
    let (next, sum) = (AtomicU64::new(first), Mutex::new(Found::default()));
    let take = || {
        if Instant::now() >= until {
            return None;
        }
        // A number that is taken is run to its end: what lies below `next` is done.
        let taken = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |number| {
            (number < cases.count()).then_some(number + 1)
        });
        taken.ok().map(|number| cases.get(number))
    };
    let run = || {
        block_on(async {
            while let Some(case) = take() {
                let Case { scenario, faults } = &case;
                let Ran { calls, broken } = strike::<F>(scenario, faults).await;
                let mut sum = sum.lock().expect("no thread panicked");
                sum.runs += 1;
                sum.calls += calls as u64;
                sum.broken.extend(broken);
            }
        });
    };
    std::thread::scope(|threads| {
        let count = available_parallelism().map_or(1, NonZero::get);
        (0..count).for_each(|_| drop(threads.spawn(run)));
    });
    (next.into_inner(), sum.into_inner().expect("no thread panicked"))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(work)
}
