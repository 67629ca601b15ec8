//! What there is to do, in pieces: a configuration to explore, or a protection to take away.

use crate::ablation::Ablation;
use crate::ablations::ablate;
use crate::backlog;
use crate::check::{CounterExample, Exploration, check};
use crate::configurations::{LONG, QUICK};
use crate::settings::Settings;
use std::fmt;

/// A piece of work, done to its end or not at all.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// A configuration, in which every invariant has to hold.
    Explore(Settings),
    /// A protection that has to be missed.
    Ablate(Ablation),
    /// Gate and budget of the sweep, which have to be missed.
    Backlog,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Found {
    /// What an exploration found.
    Explored(Exploration),
    /// Whether what was taken away was missed.
    Missed {
        /// What was taken away.
        name: String,
        /// How many protections were missed that were taken away.
        caught: usize,
        /// The invariant that breaks, and how.
        example: Option<CounterExample>,
        /// What was found instead, if they were not all missed.
        instead: Option<String>,
    },
}

impl Task {
    /// Everything there is, the quickest first.
    pub fn all() -> Vec<Self> {
        let quick = QUICK.iter().copied().map(Self::Explore);
        let long = LONG.iter().copied().map(Self::Explore);
        quick.chain(Self::ablations()).chain(long).collect()
    }

    /// Those that take something away.
    pub fn ablations() -> Vec<Self> {
        Ablation::ALL.iter().copied().map(Self::Ablate).chain([Self::Backlog]).collect()
    }

    /// Does it.
    pub fn run(self) -> Found {
        match self {
            Self::Explore(settings) => Found::Explored(check(settings)),
            Self::Ablate(ablation) => {
                let name = format!("without {ablation:?}");
                match ablate(ablation) {
                    Ok(explored) => {
                        let example = explored.counter_example;
                        Found::Missed { name, caught: 1, example, instead: None }
                    }
                    Err(instead) => {
                        Found::Missed { name, caught: 0, example: None, instead: Some(instead) }
                    }
                }
            }
            Self::Backlog => {
                let caught = backlog::ablate();
                let instead = (caught < backlog::ABLATIONS)
                    .then(|| "the queue drains without gate or budget".to_owned());
                let name = "without gate and budget".to_owned();
                Found::Missed { name, caught, example: None, instead }
            }
        }
    }
}

impl Found {
    /// What happens, step by step, without what was taken away.
    pub fn trace(&self) -> &str {
        match self {
            Self::Missed { example: Some(example), .. } => &example.trace,
            _ => "",
        }
    }

    /// What is wrong, if anything is.
    pub fn broken(&self) -> Option<String> {
        match self {
            Self::Explored(explored) => explored.counter_example.as_ref().map(|example| {
                format!("{}: {}\n{}", explored.name, example.invariant, example.trace)
            }),
            Self::Missed { instead, .. } => instead.clone(),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explored(Exploration { name, steps, states, depth, took, complete, .. }) => {
                let secs = took.as_secs_f64();
                write!(
                    out,
                    "{name:<34} {steps:>10} steps {states:>9} states {depth:>4} deep {secs:>7.1} s"
                )?;
                if !complete {
                    write!(out, ", too large to be explored to its end")?;
                }
            }
            Self::Missed { name, caught, example, .. } => {
                let invariant = example.as_ref().map_or("", |example| example.invariant);
                write!(out, "{name:<34} {caught:>10} caught {invariant}")?;
            }
        }
        self.broken().map_or(Ok(()), |broken| write!(out, "\n{broken}"))
    }
}
