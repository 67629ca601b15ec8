//! A counter-example for people: a line per step, in the words of the protocol.

use crate::action::{Action, Answer, Plan, Process, Run};
use crate::projection::{Phase, Rec};
use crate::protocol::Protocol;
use crate::state::System;
use crate::steps::{Closing, Operator, PutOff, Receiver, Renewal, Sweep, Worker};
use holdfast_domain::record::Room;
use stateright::Model;
use std::fmt::Write;

/// What happens, step by step.
pub(crate) fn of(model: &Protocol, actions: &[Action]) -> String {
    let mut text = String::new();
    let mut system = System::new(&model.settings);
    for (number, action) in (1..).zip(actions) {
        let said = say(&system, action);
        let Some(next) = model.next_state(&system, *action) else { break };
        let line = format!("{number:>3}  {said:<66} {}", changes(&system, &next));
        writeln!(text, "{}", line.trim_end()).ok();
        system = next;
    }
    if let Some(breach) = system.broken {
        writeln!(text, "     broken: {breach:?}").ok();
    }
    text
}

/// What the last step changed: records, queue, dead letters.
fn changes(before: &System, after: &System) -> String {
    let mut parts = Vec::new();
    for (number, (old, new)) in (1..).zip(before.events.iter().zip(&after.events)) {
        if old.record != new.record {
            parts.push(format!("event {number}: {}", new.record.map_or("gone".into(), record)));
        }
        if old.ghost.promised != new.ghost.promised {
            parts.push("2xx".to_owned());
        }
    }
    let count = |system: &System| {
        let letters: u8 = system.events.iter().map(|event| event.dead_letters).sum();
        (system.queue.len(), letters)
    };
    if count(before) != count(after) {
        let (tickets, letters) = count(after);
        parts.push(format!("queue {tickets}, DLQ {letters}"));
    }
    parts.join("; ")
}

fn record(rec: Rec) -> String {
    let state = rec.state.domain().as_str();
    let room = rec.room().map_or("", Room::as_str);
    let mut text = format!("{state} {room}#");
    if rec.room().is_none() {
        text = state.to_owned();
    }
    let mut note = |holds: bool, what: &str| {
        if holds {
            text.push_str(", ");
            text.push_str(what);
        }
    };
    note(rec.attempts > 0, &format!("attempts {}", rec.attempts));
    note(rec.state == Phase::Processing && rec.lapsed, "lease over");
    note(rec.state == Phase::Received && !rec.due, "not due");
    note(rec.overdue, "sent long ago");
    text
}

fn say(system: &System, action: &Action) -> String {
    let ticket = |number: u8| {
        let ticket = &system.queue[usize::from(number)];
        format!("a ticket of event {} ({} receives)", ticket.event + 1, ticket.receives)
    };
    match *action {
        Action::Deliver { event, receiver } => {
            format!("the provider posts event {} to {}", event + 1, Process::Receiver(receiver))
        }
        Action::Call { process, answer } => {
            let outcome = match answer {
                Answer::Given => "",
                Answer::Lost => ", the answer is lost",
                Answer::Failed => ", it fails",
            };
            format!("{process}: {}{outcome}", call(system, process))
        }
        Action::Receive { worker, ticket: number, plan } => {
            let plan = match plan {
                Plan::Work => "",
                Plan::PutOff => " and puts it off for a while",
                Plan::PutOffLong => " and puts it off for long",
            };
            format!("{} receives {}{plan}", Process::Worker(worker), ticket(number))
        }
        Action::Run { worker, outcome } => {
            let outcome = match outcome {
                Run::Done => "runs (T4): done",
                Run::Retry => "runs (T4): fails",
                Run::RetryLong => "runs (T4): fails, and is to wait for long",
                Run::Reject => "runs (T4): fails for good",
                Run::Defer => "does not run yet",
                Run::DeferLong => "does not run for long",
            };
            format!("{}: {outcome}", Process::Worker(worker))
        }
        Action::Look { sweep, event } => {
            format!("{} reads event {} (T8)", Process::Sweep(sweep), event + 1)
        }
        Action::Crash { process } => format!("{process} crashes"),
        Action::Show { ticket: number } => format!("{} shows again", ticket(number)),
        Action::Bounce { ticket: number } => format!("{}: to the DLQ", ticket(number)),
        Action::Throttle { ticket: number } => format!("{}: throttled", ticket(number)),
        Action::Lose { ticket: number } => format!("{}: lost", ticket(number)),
        Action::Double { ticket: number } => format!("{}: doubled", ticket(number)),
        Action::Reappear { worker } => {
            format!("the ticket of {} shows again", Process::Worker(worker))
        }
        Action::ExpireLetter { event } => format!("a dead letter of event {} expires", event + 1),
        Action::ExpireOpen { event } => format!("the open record of event {} expires", event + 1),
        Action::Expire { event } => format!("the record of event {} expires (T10)", event + 1),
        Action::Age { event } => format!("the body of event {} has two weeks left", event + 1),
        Action::ExpireBody { event } => format!("the body of event {} expires", event + 1),
        Action::Renew { event } => format!("the daily pass reads event {}", event + 1),
        Action::Lapse { event } => format!("the lease of event {} ends", event + 1),
        Action::Outlive { event } => {
            format!("the lease of event {} ends, its worker lives on", event + 1)
        }
        Action::Misdate { ticket: number } => format!("{}: wrongly dated", ticket(number)),
        Action::FallDue { event } => format!("event {} falls due", event + 1),
        Action::Overdue { event } => format!("the ticket of event {} was sent long ago", event + 1),
        Action::OrderReplay { event } => {
            format!("the operator orders a replay of event {}", event + 1)
        }
        Action::OrderDiscard { event } => format!("the operator discards event {}", event + 1),
        Action::Redrive { event, quick } => {
            let when = if quick { " within seconds" } else { "" };
            format!("the operator redrives a ticket of event {}{when}", event + 1)
        }
        Action::Switch { off } => {
            format!("the switch is turned {}", if off { "off" } else { "on" })
        }
    }
}

fn call(system: &System, process: Process) -> &'static str {
    match process {
        Process::Receiver(number) => match system.receivers[usize::from(number)] {
            Receiver::Idle => "nothing",
            Receiver::Body { .. } | Receiver::LateBody { .. } => "body",
            Receiver::Put { lost: false, .. } => "accept (T1)",
            Receiver::Put { lost: true, .. } => "accept (T1), repeated",
            Receiver::Stranded { .. } => "accept (T1): a new ticket for a stranded record",
            Receiver::Replay { .. } => "replay (T9)",
            Receiver::Send { .. } => "send (T2)",
        },
        Process::Worker(number) => match system.workers[usize::from(number)] {
            Worker::Idle | Worker::Claimed { .. } => "nothing",
            Worker::PutOff { how: PutOff::Park, .. } => "park (T6d)",
            Worker::PutOff { .. } => "defer (T6d)",
            Worker::Claim { lost: false, .. } => "claim (T3)",
            Worker::Claim { lost: true, .. } => "claim (T3), repeated",
            Worker::Revive { .. } => "replay of a redriven ticket (T9)",
            Worker::Settle { closing, .. } => settle(closing),
        },
        Process::Sweep(number) => match system.sweeps[usize::from(number)] {
            Sweep::Idle => "nothing",
            Sweep::Write { .. } => "resend or release (T8)",
            Sweep::Send { .. } => "send (T2)",
        },
        Process::Operator => match system.operator {
            Operator::Idle => "nothing",
            Operator::Replay { .. } => "replay (T9)",
            Operator::Discard { .. } => "discard (T11)",
            Operator::Send { .. } => "send (T2)",
        },
        Process::Renewal => match system.renewal {
            Renewal::Idle => "nothing",
            Renewal::Body { .. } => "keeps the body longer",
            Renewal::Note { .. } => "notes that the body is kept longer",
        },
    }
}

fn settle(closing: Closing) -> &'static str {
    match closing {
        Closing::Done => "complete (T5)",
        Closing::Stale => "complete as stale (T5)",
        Closing::Retry => "retry (T6)",
        Closing::RetryLong => "retry after long (T6)",
        Closing::Reject => "bury (T7)",
        Closing::BodyMissing => "bury, the body is missing (T7)",
        Closing::Exhausted => "bury without a run (T7)",
        Closing::Defer => "defer (T6d)",
        Closing::DeferLong => "defer for long (T6d)",
        Closing::Park => "park (T6d)",
    }
}
