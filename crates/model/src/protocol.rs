//! The protocol as a [`stateright::Model`]: which steps are possible, and which of them the
//! environment takes.

use crate::action::{Action, Answer, Plan, Process, Run};
use crate::invariants;
use crate::projection::{Corner, Phase, Position, Template};
use crate::settings::{Ablation, Settings};
use crate::state::{Breach, Operator, Receiver, Sweep, System, Ticket, Worker};
use holdfast_domain::record::Room;
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

    pub(crate) fn template(&self, event: u8) -> &Template {
        &self.templates[usize::from(event)]
    }

    pub(crate) fn lacks(&self, ablation: Ablation) -> bool {
        self.settings.lacks(ablation)
    }

    fn calls(&self, system: &System, actions: &mut Vec<Action>) {
        let faulty = system.left.faults > 0;
        let kinds = self.settings.kinds;
        let mut call = |process, repeatable: bool, is_send: bool| {
            actions.push(Action::Call { process, answer: Answer::Given });
            if faulty && repeatable && kinds.lost_answers {
                actions.push(Action::Call { process, answer: Answer::Lost });
            }
            if faulty && is_send && kinds.failed_sends {
                actions.push(Action::Call { process, answer: Answer::Failed });
            }
        };
        for (receiver, number) in system.receivers.iter().zip(0..) {
            let process = Process::Receiver(number);
            match receiver {
                Receiver::Idle => {}
                Receiver::Put { lost, .. } | Receiver::Replay { lost, .. } => {
                    call(process, !lost, false);
                }
                Receiver::Send { .. } => call(process, true, true),
                Receiver::Stranded { .. } => call(process, true, false),
                Receiver::Body { .. } | Receiver::LateBody { .. } => call(process, false, false),
            }
        }
        for (worker, number) in system.workers.iter().zip(0..) {
            let process = Process::Worker(number);
            match worker {
                Worker::Idle | Worker::Claimed { .. } => {}
                Worker::PutOff { .. } => call(process, true, false),
                Worker::Claim { lost, .. }
                | Worker::Revive { lost, .. }
                | Worker::Settle { lost, .. } => call(process, !lost, false),
            }
        }
        for (sweep, number) in system.sweeps.iter().zip(0..) {
            match sweep {
                Sweep::Idle => {}
                Sweep::Write { .. } => call(Process::Sweep(number), true, false),
                Sweep::Send { .. } => call(Process::Sweep(number), true, true),
            }
        }
        match system.operator {
            Operator::Idle => {}
            Operator::Replay { lost, .. } => call(Process::Operator, !lost, false),
            Operator::Discard { .. } => call(Process::Operator, true, false),
            Operator::Send { .. } => call(Process::Operator, true, true),
        }
    }

    fn starts(&self, system: &System, actions: &mut Vec<Action>) {
        let idle = |position: Option<usize>| position.and_then(|at| u8::try_from(at).ok());
        let receiver = idle(system.receivers.iter().position(|it| *it == Receiver::Idle));
        let sweep = idle(system.sweeps.iter().position(|it| *it == Sweep::Idle));
        for (event, number) in system.events.iter().zip(0..) {
            if let Some(receiver) = receiver
                && event.deliveries > 0
            {
                actions.push(Action::Deliver { event: number, receiver });
            }
            if let Some(sweep) = sweep
                && self.needs_help(system, number)
            {
                actions.push(Action::Look { sweep, event: number });
            }
        }
        let worker = idle(system.workers.iter().position(|it| *it == Worker::Idle));
        if let Some(worker) = worker {
            for ticket in self.distinct(system, |ticket| ticket.shown) {
                let spent =
                    system.queue[usize::from(ticket)].receives >= self.settings.max_receives;
                if !spent {
                    actions.push(Action::Receive { worker, ticket, plan: Plan::Work });
                    if self.settings.deferrals {
                        actions.push(Action::Receive { worker, ticket, plan: Plan::PutOff });
                        actions.push(Action::Receive { worker, ticket, plan: Plan::PutOffLong });
                    }
                }
            }
        }
        for (worker, number) in system.workers.iter().zip(0..) {
            if matches!(worker, Worker::Claimed { .. }) {
                self.runs(number, actions);
            }
        }
    }

    fn runs(&self, number: u8, actions: &mut Vec<Action>) {
        let outcomes = self.settings.outcomes;
        let mut run = |possible: bool, outcome| {
            if possible {
                actions.push(Action::Run { worker: number, outcome });
            }
        };
        run(true, Run::Done);
        run(outcomes.retry, Run::Retry);
        run(outcomes.retry_long, Run::RetryLong);
        run(outcomes.reject, Run::Reject);
        run(outcomes.defer, Run::Defer);
        run(outcomes.defer_long, Run::DeferLong);
    }

    /// The tickets of a sort, one of each kind of equal ones.
    fn distinct<'a>(
        &self,
        system: &'a System,
        is: impl Fn(&Ticket) -> bool + 'a,
    ) -> impl Iterator<Item = u8> + 'a {
        let queue = &system.queue;
        (0u8..).zip(queue).filter_map(move |(number, ticket)| {
            let before = usize::from(number).checked_sub(1).and_then(|at| queue.get(at));
            (before != Some(ticket) && is(ticket)).then_some(number)
        })
    }

    fn queue(&self, system: &System, actions: &mut Vec<Action>) {
        let (faulty, kinds) = (system.left.faults > 0, self.settings.kinds);
        for ticket in self.distinct(system, |ticket| !ticket.shown) {
            if self.may_show(system, &system.queue[usize::from(ticket)]) {
                actions.push(Action::Show { ticket });
            }
        }
        for ticket in self.distinct(system, |ticket| ticket.shown) {
            let spent = system.queue[usize::from(ticket)].receives >= self.settings.max_receives;
            if spent {
                actions.push(Action::Bounce { ticket });
            } else if faulty && kinds.throttles {
                actions.push(Action::Throttle { ticket });
            }
        }
        for ticket in self.distinct(system, |_| faulty) {
            if kinds.lost_tickets {
                actions.push(Action::Lose { ticket });
            }
            if kinds.doubled_tickets && system.queue.len() < usize::from(self.settings.tickets) {
                actions.push(Action::Double { ticket });
            }
            let event = system.queue[usize::from(ticket)].event;
            if kinds.skew && system.event(event).phase() == Some(Phase::Dead) {
                actions.push(Action::Misdate { ticket });
            }
        }
        for (worker, number) in system.workers.iter().zip(0..) {
            let has_room = system.queue.len() < usize::from(self.settings.tickets);
            if faulty && kinds.doubled_tickets && worker.ticket().is_some() && has_room {
                actions.push(Action::Reappear { worker: number });
            }
        }
    }

    fn may_show(&self, system: &System, ticket: &Ticket) -> bool {
        if !self.settings.punctual {
            return true;
        }
        system.event(ticket.event).record.is_none_or(|rec| match rec.state {
            Phase::Received => rec.due,
            Phase::Processing => rec.lapsed,
            Phase::Processed | Phase::Dead => true,
        })
    }

    fn time(&self, system: &System, actions: &mut Vec<Action>) {
        for (state, event) in system.events.iter().zip(0..) {
            if state.dead_letters > 0 {
                actions.push(Action::ExpireLetter { event });
            }
            let Some(rec) = state.record else { continue };
            if self.lacks(Ablation::ExpiryOnlyWhenProcessed) && rec.is_open() {
                actions.push(Action::ExpireOpen { event });
            }
            if rec.state == Phase::Processing && !rec.lapsed {
                if !system.is_held(event) {
                    actions.push(Action::Lapse { event });
                } else if self.settings.kinds.slow_workers && system.left.faults > 0 {
                    actions.push(Action::Outlive { event });
                }
            }
            if rec.state == Phase::Received && !rec.due {
                actions.push(Action::FallDue { event });
            }
            if rec.is_open() && rec.room() == Some(Room::Open) && !rec.overdue {
                actions.push(Action::Overdue { event });
            }
        }
    }

    fn orders(&self, system: &System, actions: &mut Vec<Action>) {
        if system.off {
            actions.push(Action::Switch { off: false });
        } else if system.left.switches > 0 {
            actions.push(Action::Switch { off: true });
        }
        if system.left.orders == 0 {
            return;
        }
        for (state, event) in system.events.iter().zip(0..) {
            if state.phase() == Some(Phase::Dead) && system.operator == Operator::Idle {
                if !self.lacks(Ablation::ReplayFromRecord) {
                    actions.push(Action::OrderReplay { event });
                }
                actions.push(Action::OrderDiscard { event });
            }
            if state.dead_letters > 0 {
                actions.push(Action::Redrive { event, quick: false });
                actions.push(Action::Redrive { event, quick: true });
            }
        }
    }

    fn crashes(&self, system: &System, actions: &mut Vec<Action>) {
        if !self.settings.kinds.crashes {
            return;
        }
        let faulty = system.left.faults > 0;
        for (receiver, number) in system.receivers.iter().zip(0..) {
            let lost = matches!(
                receiver,
                Receiver::Put { lost: true, .. } | Receiver::Replay { lost: true, .. }
            );
            if *receiver != Receiver::Idle && (faulty || lost) {
                actions.push(Action::Crash { process: Process::Receiver(number) });
            }
        }
        for (worker, number) in system.workers.iter().zip(0..) {
            if *worker != Worker::Idle && (faulty || worker.has_lost_an_answer()) {
                actions.push(Action::Crash { process: Process::Worker(number) });
            }
        }
    }

    /// What the environment does.
    fn environment(&self, system: &mut System, action: Action) {
        match action {
            Action::Show { ticket } => system.queue[usize::from(ticket)].shown = true,
            Action::Bounce { ticket } => {
                let ticket = system.queue.remove(usize::from(ticket));
                self.bounce(system, ticket);
            }
            Action::Throttle { ticket } => {
                system.left.faults -= 1;
                let ticket = &mut system.queue[usize::from(ticket)];
                (ticket.receives, ticket.shown) = (ticket.receives + 1, false);
            }
            Action::Lose { ticket } => {
                system.left.faults -= 1;
                system.queue.remove(usize::from(ticket));
            }
            Action::Double { ticket } => {
                system.left.faults -= 1;
                let ticket = system.queue[usize::from(ticket)];
                system.enqueue(ticket, &self.settings);
            }
            Action::Reappear { worker } => {
                system.left.faults -= 1;
                if let Some(ticket) = system.workers[usize::from(worker)].ticket() {
                    system.enqueue(ticket, &self.settings);
                }
            }
            Action::ExpireLetter { event } => system.event_mut(event).dead_letters -= 1,
            Action::ExpireOpen { event } => {
                system.event_mut(event).record = None;
                system.fence(event);
            }
            Action::Lapse { event } | Action::Outlive { event } => {
                let state = system.event_mut(event);
                if let Some(rec) = &mut state.record {
                    rec.lapsed = true;
                }
                if matches!(action, Action::Outlive { .. }) {
                    state.ghost.unclosed += 1;
                    system.left.faults -= 1;
                }
            }
            Action::Misdate { ticket } => {
                system.left.faults -= 1;
                let ticket = &mut system.queue[usize::from(ticket)];
                ticket.after_death ^= true;
                let Ticket { event, after_death, moved, .. } = *ticket;
                if after_death && moved {
                    // An order given within the skew before a death counts as one for it.
                    system.event_mut(event).ghost.allowance += 1;
                }
            }
            Action::FallDue { event } => {
                if let Some(rec) = &mut system.event_mut(event).record {
                    rec.due = true;
                    if let Some((Corner::Later, position @ Position::Ahead)) = &mut rec.place {
                        *position = Position::Reached;
                    }
                }
            }
            Action::Overdue { event } => {
                if let Some(rec) = &mut system.event_mut(event).record {
                    rec.overdue = true;
                    if let Some((_, position @ Position::Ahead)) = &mut rec.place {
                        *position = Position::Reached;
                    }
                }
            }
            Action::Redrive { event, quick } => {
                system.left.orders -= 1;
                let is_dead = system.event(event).phase() == Some(Phase::Dead);
                let state = system.event_mut(event);
                state.dead_letters -= 1;
                if is_dead {
                    state.ghost.allowance += 1;
                }
                let ticket =
                    Ticket { event, shown: true, receives: 0, moved: !quick, after_death: is_dead };
                system.enqueue(ticket, &self.settings);
            }
            Action::Switch { off } => {
                system.off = off;
                if off {
                    system.left.switches -= 1;
                }
            }
            _ => {}
        }
    }

    fn bounce(&self, system: &mut System, ticket: Ticket) {
        let nothing_went_wrong = self.settings.punctual
            && system.left.faults == self.settings.faults
            && system.left.orders == self.settings.orders;
        let state = system.event_mut(ticket.event);
        let is_open = state.record.is_some_and(|rec| rec.is_open());
        if self.settings.orders > 0 {
            state.dead_letters = state.dead_letters.saturating_add(1).min(2);
        }
        if nothing_went_wrong && is_open {
            system.breach(Breach::DeadLetterWithoutFault);
        }
    }

    fn crash(&self, system: &mut System, process: Process) {
        match process {
            Process::Receiver(number) => {
                let receiver = &mut system.receivers[usize::from(number)];
                let lost = matches!(
                    receiver,
                    Receiver::Put { lost: true, .. } | Receiver::Replay { lost: true, .. }
                );
                *receiver = Receiver::Idle;
                if !lost {
                    system.left.faults -= 1;
                }
            }
            Process::Worker(number) => {
                let worker = system.workers[usize::from(number)];
                if !worker.has_lost_an_answer() {
                    system.left.faults -= 1;
                }
                let Some(ticket) = worker.ticket() else { return };
                if system.claim_of(number).is_some() {
                    system.event_mut(ticket.event).ghost.unclosed += 1;
                }
                system.workers[usize::from(number)] = Worker::Idle;
                system.enqueue(Ticket { shown: false, ..ticket }, &self.settings);
            }
            Process::Sweep(_) | Process::Operator => {}
        }
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
        if matches!(action, Action::Call { answer: Answer::Lost | Answer::Failed, .. }) {
            system.left.faults -= 1;
        }
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
        let system = system.canonical();
        (system != *before).then_some(system)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        invariants::all()
    }
}
