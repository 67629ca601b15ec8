//! Which facts are counted, and under which names.

use crate::counts::Counter;
use holdfast_domain::record::{Origin, State};
use holdfast_pipeline::facts::Fact;

/// Counts a fact.
pub(crate) fn count(counts: &Counter, fact: &Fact) {
    let name = match fact {
        Fact::Accepted { origin: Origin::Poll, .. } => "accepted_by_poll",
        Fact::Accepted { .. } => "accepted",
        Fact::Duplicate { .. } => "duplicates",
        Fact::KeyCollision { .. } => "key_collisions",
        Fact::NotStored { .. } => "not_stored",
        Fact::SecretUnavailable { .. } => "without_secret",
        Fact::TicketNotSent { .. } => "tickets_not_sent",
        Fact::TaskPanicked { .. } => "panicked_tasks",
        Fact::NotClaimed { why, .. } => match *why {
            "another worker has it" => "busy_answers",
            "not due yet" => "early_answers",
            "processed before" => "processed_before",
            "waits in the table" => "waiting_answers",
            "no such record" => "missing_records",
            _ => "dead_answers",
        },
        Fact::Fenced { .. } => "fenced_writes",
        Fact::PutOff { .. } => "parks",
        Fact::Redriven { .. } => "redrives_recognised",
        Fact::TicketFailed { .. } => "failed_tickets",
        Fact::BodyUnreadable { .. } => "bodies_unreadable",
        Fact::SweepFailed { .. } => "records_not_swept",
        Fact::RenewFailed { .. } => "bodies_not_renewed",
        Fact::Exhausted { .. } => "exhausted_without_a_run",
        Fact::Settled { state: State::Dead, .. } => "buried",
        Fact::Settled { state: State::Received, log, .. } if log.result == "defer" => "deferred",
        Fact::Settled { state: State::Received, .. } => "retried",
        Fact::Settled { log, .. } => match log.result.as_str() {
            "applied" => "applied",
            "stale" => "stale",
            "unrouted" => "unrouted",
            _ => "delivered",
        },
        Fact::Swept { resent, released, failed, complete, .. } => {
            counts.more("resent_by_sweeps", *resent);
            counts.more("released_by_sweeps", *released);
            counts.more("failed_in_sweeps", *failed);
            if *complete { "complete_sweeps" } else { "incomplete_sweeps" }
        }
        Fact::Renewed { renewed, .. } => {
            counts.more("renewed_bodies", *renewed);
            "renewals"
        }
        Fact::Polled { known, complete, .. } => {
            counts.more("known_to_polls", *known);
            if *complete { "complete_polls" } else { "incomplete_polls" }
        }
        Fact::PollFailed { .. } => "failed_polls",
        Fact::Missed { .. } => "missed_and_found",
        Fact::Ordered { order: "discard", .. } => "discards",
        Fact::Ordered { .. } => "replays",
        Fact::Unparsable { .. }
        | Fact::EqualBody { .. }
        | Fact::NotTakenApart { .. }
        | Fact::Rejected { .. }
        | Fact::Handshake { .. }
        | Fact::SecretOffered { .. }
        | Fact::PageNotFetched { .. }
        | Fact::TicketUnreadable { .. } => "odd_facts",
    };
    counts.one(name);
}
