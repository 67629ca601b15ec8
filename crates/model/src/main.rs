//! Explores and prints what it found: `quick` (what the tests explore), `long`, `ablations` (what
//! happens without each protection, step by step), or `all` of them. With `--json` the last line is one object, for whoever adds up what several runs
//! did; `--seconds` begins nothing more after that time, `--from` goes on where another run stopped.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use holdfast_model::{Ablation, Found, INVARIANTS, LONG, QUICK, Task, backlog};
use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str = "holdfast-model quick|long|ablations|all [--from N] [--seconds S] [--json]";

/// What the command line asks for.
struct Wanted {
    tasks: Vec<Task>,
    from: usize,
    at_most: Option<Duration>,
    json: bool,
    traces: bool,
}

fn main() -> ExitCode {
    let Some(wanted) = Wanted::read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let started = Instant::now();
    let mut total = Total { next: wanted.from, ..Total::default() };
    for task in wanted.tasks.iter().skip(wanted.from) {
        if wanted.at_most.is_some_and(|at_most| started.elapsed() >= at_most) {
            break;
        }
        let found = task.run();
        println!("{found}");
        if wanted.traces {
            println!("{}", found.trace());
        }
        total.add(&found);
    }
    if wanted.json {
        println!("{}", total.json(&wanted.tasks, started.elapsed()));
    }
    if total.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Wanted {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let explore = |settings: &[_]| settings.iter().copied().map(Task::Explore).collect();
        let mut wanted =
            Self { tasks: Vec::new(), from: 0, at_most: None, json: false, traces: false };
        while let Some(word) = words.next() {
            match word.as_str() {
                "quick" => wanted.tasks = explore(&QUICK),
                "long" => wanted.tasks = explore(&LONG),
                "ablations" => (wanted.tasks, wanted.traces) = (Task::ablations(), true),
                "all" => wanted.tasks = Task::all(),
                "--json" => wanted.json = true,
                "--from" => wanted.from = words.next()?.parse().ok()?,
                "--seconds" => {
                    wanted.at_most = Some(Duration::from_secs(words.next()?.parse().ok()?));
                }
                _ => return None,
            }
        }
        (!wanted.tasks.is_empty()).then_some(wanted)
    }
}

/// What was found in all.
#[derive(Default)]
struct Total {
    next: usize,
    configurations: usize,
    steps: usize,
    states: usize,
    depth: usize,
    ablations: usize,
    broken: Vec<String>,
}

impl Total {
    fn add(&mut self, found: &Found) {
        self.next += 1;
        match found {
            Found::Explored(explored) => {
                self.configurations += usize::from(explored.complete);
                self.steps += explored.steps;
                self.states += explored.states;
                self.depth = self.depth.max(explored.depth);
            }
            Found::Missed { caught, .. } => self.ablations += caught,
        }
        self.broken.extend(found.broken());
    }

    fn json(&self, tasks: &[Task], took: Duration) -> String {
        let explored = tasks.iter().filter(|task| matches!(task, Task::Explore(_))).count();
        let mut text = String::new();
        let found: Vec<_> = self.broken.iter().map(|text| quoted(text)).collect();
        let _ = write!(
            text,
            "{{\"next\": {}, \"done\": {}, \"counts\": {{\"configurations\": {}, \"steps\": {}, \
             \"states\": {}, \"ablations\": {}}}, \"of\": {{\"configurations\": {explored}, \
             \"ablations\": {}, \"depth\": {}, \"invariants\": {INVARIANTS}}}, \
             \"seconds\": {:.1}, \"found\": [{}]}}",
            self.next,
            self.next >= tasks.len(),
            self.configurations,
            self.steps,
            self.states,
            self.ablations,
            Ablation::ALL.len() + backlog::ABLATIONS,
            self.depth,
            took.as_secs_f64(),
            found.join(", "),
        );
        text
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            character if character.is_control() => quoted.push(' '),
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
