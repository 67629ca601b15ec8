//! Explores a configuration: stateright for what holds in every state, then the graph for what has
//! to be reachable from every state.

use crate::protocol::Protocol;
use crate::reach::Graph;
use crate::settings::Settings;
use crate::shortest::shortest;
use crate::trace;
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How many steps are looked at before a configuration is given up as too large: with five steps to a
/// state, some four gigabytes.
const MOST_STEPS: usize = 100_000_000;

/// What an exploration found.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// The configuration's name.
    pub name: &'static str,
    /// How many steps were looked at.
    pub steps: usize,
    /// How many states there are.
    pub states: usize,
    /// Whether these are all: the configuration is not too large.
    pub complete: bool,
    /// How long the longest of the shortest paths to a state is.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
    /// The transitions and refusals that occurred.
    pub seen: BTreeSet<&'static str>,
    /// The invariant that does not hold, and how that comes about, if there is one.
    pub counter_example: Option<CounterExample>,
}

/// An invariant that does not hold.
#[derive(Clone, Debug)]
pub struct CounterExample {
    /// The invariant.
    pub invariant: &'static str,
    /// What happens, a line per step.
    pub trace: String,
}

/// Explores all states of a configuration, until an invariant does not hold.
pub fn check(settings: Settings) -> Exploration {
    let started = Instant::now();
    let checker = Protocol::new(settings)
        .checker()
        .threads(1)
        .target_state_count(MOST_STEPS)
        .finish_when(HasDiscoveries::Any)
        .spawn_bfs()
        .join();
    let model = checker.model();
    let complete = checker.state_count() < MOST_STEPS;
    let broken = if !checker.discoveries().is_empty() {
        shortest(model)
    } else if complete {
        Graph::explore(model).trap(model)
    } else {
        None
    };
    let counter_example = broken.map(|(invariant, actions)| CounterExample {
        invariant,
        trace: trace::of(model, &actions),
    });
    Exploration {
        name: settings.name,
        steps: checker.state_count(),
        states: checker.unique_state_count(),
        complete,
        depth: checker.max_depth(),
        took: started.elapsed(),
        seen: model.seen(),
        counter_example,
    }
}
