//! Runs seeds.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use holdfast_simulator::{Campaign, run};
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "\
holdfast-simulator --seeds FROM..TO [--events N] [--seconds S] [--json]
holdfast-simulator --seed N [--events N] [--trace]

--seeds    runs these seeds, TO not included, and prints what came of them
--seed     runs one, and prints its hash; with --trace all that happened in it
--events   how many events each has, instead of the 20 to 60 that the seed says
--seconds  begins no more seeds after this time
--json     prints one line of JSON at the end, with the seed to go on from";

/// How much of a failed seed's trace is shown.
const TAIL: usize = 120;

#[derive(Default)]
struct Arguments {
    seeds: Option<(u64, u64)>,
    seed: Option<u64>,
    events: Option<usize>,
    seconds: Option<u64>,
    json: bool,
    trace: bool,
}

fn main() -> ExitCode {
    let Some(arguments) = read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let done = match (arguments.seeds, arguments.seed) {
        (Some((from, to)), None) => campaign(&arguments, from, to),
        (None, Some(seed)) => one(&arguments, seed),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => {
                let range = words.next()?;
                let (from, to) = range.split_once("..")?;
                arguments.seeds = Some((from.parse().ok()?, to.parse().ok()?));
            }
            "--seed" => arguments.seed = Some(words.next()?.parse().ok()?),
            "--events" => arguments.events = Some(words.next()?.parse().ok()?),
            "--seconds" => arguments.seconds = Some(words.next()?.parse().ok()?),
            "--json" => arguments.json = true,
            "--trace" => arguments.trace = true,
            _ => return None,
        }
    }
    Some(arguments)
}

fn campaign(arguments: &Arguments, from: u64, to: u64) -> std::io::Result<bool> {
    let events = arguments.events;
    let at_most = arguments.seconds.map(Duration::from_secs);
    let campaign = Campaign { seeds: from..to, events, at_most };
    let totals = campaign.run(|report| {
        eprintln!("seed {}: {}", report.seed, report.broken.join("\n    "));
    });
    if let Some((seed, _)) = totals.failed.first() {
        let again = run(*seed, events, TAIL)?;
        eprintln!("the end of seed {seed}:\n{}", again.trace.join("\n"));
    }
    if arguments.json {
        println!("{}", totals.to_json());
    } else {
        println!(
            "{} seeds, {} failed, {} simulated hours",
            totals.seeds,
            totals.failed.len(),
            totals.simulated.millis() / 3_600_000
        );
        for (name, count) in totals.counts.iter() {
            println!("{count:>12} {name}");
        }
    }
    Ok(totals.failed.is_empty())
}

fn one(arguments: &Arguments, seed: u64) -> std::io::Result<bool> {
    let keep = if arguments.trace { usize::MAX } else { TAIL };
    let report = run(seed, arguments.events, keep)?;
    if arguments.trace || !report.broken.is_empty() {
        println!("{}", report.trace.join("\n"));
    }
    for what in &report.broken {
        println!("BROKEN: {what}");
    }
    println!(
        "seed {seed}: hash {:016x}, {} calls, {} s simulated, {} broken",
        report.hash,
        report.counts.get("calls"),
        report.simulated.secs_up(),
        report.broken.len()
    );
    Ok(report.broken.is_empty())
}
