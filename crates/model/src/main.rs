//! Explores the configurations and prints what it found: `quick` (what the tests explore), `long`,
//! or `all` of both.
//!
//! ```text
//! holdfast-model quick|long|all [--from NUMBER] [--seconds SECONDS] [--json]
//! ```
//!
//! `--from` begins at that configuration, counted from 0; with `--seconds` none is begun after so
//! many; `--json` ends the output with a line of counts.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use holdfast_model::{Exploration, LONG, QUICK, Settings, check};
use std::process::ExitCode;
use std::time::{Duration, Instant};

struct Options {
    configurations: Vec<Settings>,
    first: usize,
    time: Duration,
    json: bool,
}

impl Options {
    /// What the command line asks for; `None` if that is not to be understood.
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let configurations = match words.next()?.as_str() {
            "quick" => QUICK.to_vec(),
            "long" => LONG.to_vec(),
            "all" => [&QUICK[..], &LONG[..]].concat(),
            _ => return None,
        };
        let mut options = Self { configurations, first: 0, time: Duration::MAX, json: false };
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

fn main() -> ExitCode {
    let Some(options) = Options::read(std::env::args().skip(1)) else {
        eprintln!("holdfast-model quick|long|all [--from NUMBER] [--seconds SECONDS] [--json]");
        return ExitCode::from(2);
    };
    let (began, mut found) = (Instant::now(), Vec::new());
    println!(
        "{:<28} {:>12} {:>12} {:>6} {:>9}",
        "configuration", "states", "unique", "depth", "time"
    );
    for settings in options.configurations.iter().skip(options.first) {
        // One at least, or slices that are too short would never come to an end.
        if !found.is_empty() && began.elapsed() > options.time {
            break;
        }
        let explored = check(*settings);
        println!(
            "{:<28} {:>12} {:>12} {:>6} {:>8.1}s",
            explored.name,
            explored.steps,
            explored.states,
            explored.depth,
            explored.took.as_secs_f64()
        );
        if let Some(example) = &explored.counter_example {
            println!("{} does not hold:\n{}", example.invariant, example.trace);
        }
        found.push(explored);
    }
    if options.json {
        println!("{}", json(&options, &found));
    }
    let holds = found.iter().all(|explored| explored.counter_example.is_none());
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What was counted, in one line.
fn json(options: &Options, found: &[Exploration]) -> String {
    let (next, all) = (options.first + found.len(), options.configurations.len());
    let states: usize = found.iter().map(|explored| explored.states).sum();
    let steps: usize = found.iter().map(|explored| explored.steps).sum();
    let broken: Vec<String> = found.iter().filter_map(broken).collect();
    format!(
        r#"{{"next":{next},"done":{},"counts":{{"configurations":{},"states":{states},"steps":{steps}}},"of":{{"configurations":{all}}},"found":[{}]}}"#,
        next >= all,
        found.len(),
        broken.join(",")
    )
}

/// The counter-example as a JSON string.
fn broken(explored: &Exploration) -> Option<String> {
    let example = explored.counter_example.as_ref()?;
    let text = format!("{}: {}\n{}", explored.name, example.invariant, example.trace);
    let text: String = text
        .chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => " ".to_owned(),
            c => c.to_string(),
        })
        .collect();
    Some(format!("\"{text}\""))
}
