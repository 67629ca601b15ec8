//! The protocol as a [`stateright::Model`].

use crate::ablation::Ablation;
use crate::action::{Action, Answer, Process};
use crate::concrete::Template;
use crate::invariants;
use crate::settings::Settings;
use crate::state::System;
use stateright::{Model, Property};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The protocol within the bounds of a configuration.
pub(crate) struct Protocol {
    pub(crate) settings: Settings,
    templates: Vec<Template>,
    seen: Mutex<BTreeSet<&'static str>>,
}

impl Protocol {
    /// The protocol within these bounds.
    pub(crate) fn new(settings: Settings) -> Self {
        let templates = (0..settings.events).map(Template::new).collect();
        Self { settings, templates, seen: Mutex::default() }
    }

    /// Notes that something has happened at least once.
    pub(crate) fn saw(&self, what: &'static str) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    /// What has happened at least once.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The facts of an event.
    pub(crate) fn template(&self, event: u8) -> &Template {
        &self.templates[usize::from(event)]
    }

    /// Whether this protection is taken away.
    pub(crate) fn lacks(&self, ablation: Ablation) -> bool {
        self.settings.lacks(ablation)
    }
}

impl Model for Protocol {
    type State = System;
    type Action = Action;

    fn init_states(&self) -> Vec<System> {
        vec![System::new(&self.settings)]
    }

    fn actions(&self, system: &System, actions: &mut Vec<Action>) {
        if system.broken.is_some() {
            return;
        }
        self.calls(system, actions);
        self.starts(system, actions);
        self.time(system, actions);
        self.queue(system, actions);
        self.orders(system, actions);
        self.crashes(system, actions);
    }

    fn next_state(&self, before: &System, action: Action) -> Option<System> {
        let mut system = before.clone();
        let goes_wrong =
            matches!(action, Action::Call { answer: Answer::Lost | Answer::Failed, .. });
        match action {
            Action::Deliver { event, receiver } => self.deliver(&mut system, event, receiver),
            Action::Call { process: Process::Receiver(number), answer } => {
                self.receiver(&mut system, number, answer);
            }
            Action::Call { process: Process::Worker(number), answer } => {
                self.worker(&mut system, number, answer);
            }
            Action::Call { process: Process::Sweep(number), answer } => {
                self.sweep(&mut system, number, answer);
            }
            Action::Call { process: Process::Operator, answer } => {
                self.operator(&mut system, answer);
            }
            Action::Call { process: Process::Renewal, .. } => self.renewal(&mut system),
            Action::Receive { worker, ticket, plan } => {
                self.receive(&mut system, worker, ticket, plan);
            }
            Action::Run { worker, outcome } => self.run(&mut system, worker, outcome),
            Action::Look { sweep, event } => self.look(&mut system, sweep, event),
            Action::OrderReplay { event } => self.order(&mut system, event, true),
            Action::OrderDiscard { event } => self.order(&mut system, event, false),
            Action::Crash { process } => self.crash(&mut system, process),
            other => self.environment(&mut system, other),
        }
        let mut system = system.canonical();
        let changes = system != *before;
        if goes_wrong {
            system.left.faults -= 1;
        }
        // A fault that makes no difference is none.
        changes.then_some(system)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        invariants::all()
    }
}
