//! I7 and I8 as questions about the whole graph: does a path lead on from every state?
//!
//! `eventually` is no answer here: it takes a cycle, such as a ticket that bounces between two busy
//! workers, for an end. So the graph is explored once more, the edges that need no luck are kept,
//! and from the states that are a good end a search runs backwards over them. A state that it does
//! not come to is a trap.

use crate::action::{Action, Plan, Run};
use crate::projection::Phase;
use crate::protocol::Protocol;
use crate::shortest::fingerprint;
use crate::state::System;
use stateright::Model;
use std::collections::{HashMap, VecDeque};

/// The explored graph.
pub(crate) struct Graph {
    /// From where, and by which of its actions, each state was found first.
    found: Vec<(u32, u16)>,
    edges: Vec<Edge>,
    facts: Vec<Facts>,
}

struct Edge {
    from: u32,
    to: u32,
    kind: Kind,
}

/// What an edge takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What the system does by itself.
    Own,
    /// A handler that is done, or a handler's wish to wait.
    Luck,
    /// An operator's order.
    Order,
}

/// What the questions need to know of a state.
#[derive(Clone, Copy)]
struct Facts {
    /// Nothing is open.
    at_rest: bool,
    /// Everything that arrived is processed.
    all_processed: bool,
    /// Something is dead, and the operator may still order.
    replayable: bool,
    /// A step has broken an invariant: there is nothing after it.
    broken: bool,
}

impl Graph {
    /// Explores all that is reachable.
    pub(crate) fn explore(model: &Protocol) -> Self {
        let mut graph = Self { found: Vec::new(), edges: Vec::new(), facts: Vec::new() };
        let mut numbers = HashMap::new();
        let mut frontier = VecDeque::new();
        for system in model.init_states() {
            numbers.insert(fingerprint(&system), 0);
            graph.add(&system, (0, 0));
            frontier.push_back((0_u32, system));
        }
        let mut actions = Vec::new();
        while let Some((from, system)) = frontier.pop_front() {
            actions.clear();
            model.actions(&system, &mut actions);
            for (index, action) in (0..).zip(&actions) {
                let Some(next) = model.next_state(&system, *action) else { continue };
                let new = u32::try_from(graph.facts.len()).expect("fewer than 2^32 states");
                let to = *numbers.entry(fingerprint(&next)).or_insert(new);
                if to == new {
                    graph.add(&next, (from, index));
                    frontier.push_back((to, next));
                }
                if let Some(kind) = kind(action) {
                    graph.edges.push(Edge { from, to, kind });
                }
            }
        }
        graph
    }

    fn add(&mut self, system: &System, found: (u32, u16)) {
        let phases = || system.events.iter().filter_map(|event| event.phase());
        self.found.push(found);
        self.facts.push(Facts {
            at_rest: !system.is_open(),
            all_processed: phases().all(|phase| phase == Phase::Processed),
            replayable: system.left.orders > 0
                && system.events.len() == 1
                && phases().any(|phase| phase == Phase::Dead),
            broken: system.broken.is_some(),
        });
    }

    /// A state from which no path leads to a good end, if there is one: what it breaks, I7 or I8, and
    /// how it is reached.
    pub(crate) fn trap(&self, model: &Protocol) -> Option<(&'static str, Vec<Action>)> {
        let is_end = |facts: &Facts| facts.at_rest || facts.broken;
        let rests = self.leads_to(is_end, |edge| edge.kind != Kind::Order);
        if let Some(stuck) = rests.iter().position(|reached| !reached) {
            let invariant = "I7 everything comes to rest";
            return Some((invariant, self.path(model, stuck)));
        }
        if model.settings.outcomes.retry {
            let rests = self.leads_to(is_end, |edge| edge.kind == Kind::Own);
            if let Some(stuck) = rests.iter().position(|reached| !reached) {
                let invariant = "I7 everything comes to rest, even if no handler is ever done";
                return Some((invariant, self.path(model, stuck)));
            }
        }
        let replays = self.leads_to(|facts| facts.all_processed || facts.broken, |_| true);
        let lost = (self.facts.iter().zip(&replays))
            .position(|(facts, reached)| facts.replayable && !reached);
        lost.map(|lost| ("I8 what is dead can be replayed", self.path(model, lost)))
    }

    /// Marks the states from which a path of such edges leads to such a state.
    fn leads_to(
        &self,
        is_end: impl Fn(&Facts) -> bool,
        takes: impl Fn(&Edge) -> bool,
    ) -> Vec<bool> {
        let mut first = vec![0_u32; self.facts.len() + 1];
        for edge in self.edges.iter().filter(|edge| takes(edge)) {
            first[edge.to as usize + 1] += 1;
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let mut sources = vec![0_u32; *first.last().unwrap_or(&0) as usize];
        let mut free = first.clone();
        for edge in self.edges.iter().filter(|edge| takes(edge)) {
            let at = &mut free[edge.to as usize];
            sources[*at as usize] = edge.from;
            *at += 1;
        }
        let mut reached: Vec<bool> = self.facts.iter().map(is_end).collect();
        let mut todo: Vec<usize> = (0..reached.len()).filter(|at| reached[*at]).collect();
        while let Some(at) = todo.pop() {
            for source in &sources[first[at] as usize..first[at + 1] as usize] {
                let source = *source as usize;
                if !reached[source] {
                    reached[source] = true;
                    todo.push(source);
                }
            }
        }
        reached
    }

    fn path(&self, model: &Protocol, state: usize) -> Vec<Action> {
        let mut indices = Vec::new();
        let mut at = state;
        while at != 0 {
            let (from, index) = self.found[at];
            indices.push(usize::from(index));
            at = from as usize;
        }
        let mut system = System::new(&model.settings);
        let mut path = Vec::new();
        for index in indices.into_iter().rev() {
            let mut actions = Vec::new();
            model.actions(&system, &mut actions);
            let action = actions[index];
            system = model.next_state(&system, action).expect("a step that was taken before");
            path.push(action);
        }
        path
    }
}

fn kind(action: &Action) -> Option<Kind> {
    match action {
        Action::Run { outcome: Run::Done | Run::Defer | Run::DeferLong, .. } => Some(Kind::Luck),
        Action::Receive { plan: Plan::PutOff | Plan::PutOffLong, .. } => Some(Kind::Luck),
        action if action.is_own() => Some(Kind::Own),
        action if action.is_order() => Some(Kind::Order),
        _ => None,
    }
}
