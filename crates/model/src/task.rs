//! What there is to do, in pieces: a configuration to explore, or a protection to take away.

use crate::ablation::Ablation;
use crate::ablations::ablate;
use crate::backlog;
use crate::check::{Exploration, check};
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
        /// What was found instead, if they were not all missed.
        instead: Option<String>,
    },
}

impl Task {
    /// Everything there is, the quickest first.
    pub fn all() -> Vec<Self> {
        let quick = QUICK.iter().copied().map(Self::Explore);
        let ablations = Ablation::ALL.iter().copied().map(Self::Ablate);
        let long = LONG.iter().copied().map(Self::Explore);
        quick.chain(ablations).chain([Self::Backlog]).chain(long).collect()
    }

    /// Does it.
    pub fn run(self) -> Found {
        match self {
            Self::Explore(settings) => Found::Explored(check(settings)),
            Self::Ablate(ablation) => {
                let instead = ablate(ablation).err();
                let caught = usize::from(instead.is_none());
                Found::Missed { name: format!("without {ablation:?}"), caught, instead }
            }
            Self::Backlog => {
                let caught = backlog::ablate();
                let instead = (caught < backlog::ABLATIONS)
                    .then(|| "the queue drains without gate or budget".to_owned());
                Found::Missed { name: "without gate and budget".to_owned(), caught, instead }
            }
        }
    }
}

impl Found {
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
            Self::Missed { name, caught, .. } => write!(out, "{name:<34} {caught:>10} caught")?,
        }
        self.broken().map_or(Ok(()), |broken| write!(out, "\n{broken}"))
    }
}
