//! Explores the configurations and prints what it found: `quick` (what the tests explore) or
//! `long`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use holdfast_model::{LONG, QUICK, Settings, check};
use std::process::ExitCode;

fn main() -> ExitCode {
    let configurations: &[Settings] = match std::env::args().nth(1).as_deref() {
        Some("quick") => &QUICK,
        Some("long") => &LONG,
        _ => {
            eprintln!("quick or long?");
            return ExitCode::from(2);
        }
    };
    let mut holds = true;
    println!(
        "{:<28} {:>12} {:>12} {:>6} {:>9}",
        "configuration", "states", "unique", "depth", "time"
    );
    for settings in configurations {
        let found = check(*settings);
        println!(
            "{:<28} {:>12} {:>12} {:>6} {:>8.1}s",
            found.name,
            found.steps,
            found.states,
            found.depth,
            found.took.as_secs_f64()
        );
        if let Some(example) = found.counter_example {
            println!("{} does not hold:\n{}", example.invariant, example.trace);
            holds = false;
        }
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
