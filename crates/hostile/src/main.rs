//! `holdfast-hostile DIR`: writes each target's seeds to `DIR/<target>/`, where a fuzzer looks for
//! them. `holdfast-hostile --names` lists the targets.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

use holdfast_hostile::TARGETS;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("--names") => {
            TARGETS.iter().for_each(|target| println!("{}", target.name));
            ExitCode::SUCCESS
        }
        Some(folder) => match write(Path::new(folder)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{folder}: {error}");
                ExitCode::FAILURE
            }
        },
        None => {
            eprintln!("usage: holdfast-hostile DIR | --names");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    for target in TARGETS {
        let folder = folder.join(target.name);
        std::fs::create_dir_all(&folder)?;
        for (nth, seed) in (target.seeds)().iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{nth:04}")), seed)?;
        }
    }
    Ok(())
}
