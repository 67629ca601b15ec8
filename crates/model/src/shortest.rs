//! The shortest way to break an invariant. The checker says that there is one; the path that it
//! keeps is often not the shortest, and a trace is for people.

use crate::action::Action;
use crate::protocol::Protocol;
use crate::state::System;
use stateright::Model;
use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// A step and the steps before it.
struct Path(Action, Option<Rc<Path>>);

/// An invariant that breaks after the fewest steps, and those steps.
pub(crate) fn shortest(model: &Protocol) -> Option<(&'static str, Vec<Action>)> {
    let properties = model.properties();
    let broken = |system: &System| {
        let broken = properties.iter().find(|property| !(property.condition)(model, system));
        broken.map(|property| property.name)
    };
    let start = System::new(&model.settings);
    let mut known = HashSet::from([fingerprint(&start)]);
    let mut frontier: VecDeque<(System, Option<Rc<Path>>)> = VecDeque::from([(start, None)]);
    let mut actions = Vec::new();
    while let Some((system, path)) = frontier.pop_front() {
        actions.clear();
        model.actions(&system, &mut actions);
        for action in &actions {
            let Some(next) = model.next_state(&system, *action) else { continue };
            if !known.insert(fingerprint(&next)) {
                continue;
            }
            let path = Rc::new(Path(*action, path.clone()));
            if let Some(invariant) = broken(&next) {
                return Some((invariant, path.actions()));
            }
            frontier.push_back((next, Some(path)));
        }
    }
    None
}

impl Path {
    fn actions(&self) -> Vec<Action> {
        let steps = std::iter::successors(Some(self), |path| path.1.as_deref());
        let mut actions: Vec<_> = steps.map(|path| path.0).collect();
        actions.reverse();
        actions
    }
}

/// A state's hash; two states with the same are taken for one.
pub(crate) fn fingerprint(system: &System) -> u64 {
    let mut hasher = DefaultHasher::new();
    system.hash(&mut hasher);
    hasher.finish()
}
