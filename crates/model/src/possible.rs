//! What may happen next in a state.

use crate::ablation::Ablation;
use crate::action::{Action, Answer, Plan, Process, Run};
use crate::projection::Phase;
use crate::protocol::Protocol;
use crate::state::{System, Ticket};
use crate::steps::{Operator, Receiver, Renewal, Sweep, Worker};
use holdfast_domain::record::Room;

impl Protocol {
    /// Calls that are due, and what may become of them.
    pub(crate) fn calls(&self, system: &System, actions: &mut Vec<Action>) {
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
        if system.renewal != Renewal::Idle {
            call(Process::Renewal, false, false);
        }
    }

    /// What an idle process may start, and what a handler may say.
    pub(crate) fn starts(&self, system: &System, actions: &mut Vec<Action>) {
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

    /// What the queue does.
    pub(crate) fn queue(&self, system: &System, actions: &mut Vec<Action>) {
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

    /// What time brings.
    pub(crate) fn time(&self, system: &System, actions: &mut Vec<Action>) {
        for (state, event) in system.events.iter().zip(0..) {
            if state.dead_letters > 0 {
                actions.push(Action::ExpireLetter { event });
            }
            if self.may_age(system, event) {
                actions.push(Action::Age { event });
            }
            if self.may_lose_its_body(system, event) {
                actions.push(Action::ExpireBody { event });
            }
            if self.may_expire(system, event) {
                actions.push(Action::Expire { event });
            }
            if system.renewal == Renewal::Idle && self.needs_renewal(system, event) {
                actions.push(Action::Renew { event });
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

    /// What an operator may want.
    pub(crate) fn orders(&self, system: &System, actions: &mut Vec<Action>) {
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

    /// Who may die.
    pub(crate) fn crashes(&self, system: &System, actions: &mut Vec<Action>) {
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
        for (sweep, number) in system.sweeps.iter().zip(0..) {
            if *sweep != Sweep::Idle && faulty {
                actions.push(Action::Crash { process: Process::Sweep(number) });
            }
        }
        let lost = matches!(system.operator, Operator::Replay { lost: true, .. });
        if system.operator != Operator::Idle && (faulty || lost) {
            actions.push(Action::Crash { process: Process::Operator });
        }
        if system.renewal != Renewal::Idle && faulty {
            actions.push(Action::Crash { process: Process::Renewal });
        }
    }
}
