//! The one protection that no order of steps can show: the sweep's gate and budget. A queue with
//! real durations, the domain's own patience and budget, and an outage.
//!
//! Tickets arrive evenly and are served in order at a higher rate, but for the outage, in which
//! none is. Meanwhile tickets are slow, not lost. A sweep that takes them for lost adds tickets to
//! a queue that is too long already, so that the next ones are slower still: the queue never
//! becomes short again, although there is capacity enough for what arrives.
//!
//! A ticket of an event that is done costs as much here as one that has work to do: more than the
//! refused claim that it is.

use holdfast_domain::lifecycle::sweep::{budget, is_short, patience};
use holdfast_domain::record::SWEEP_AFTER;
use holdfast_domain::time::Span;
use std::collections::VecDeque;

/// The row of the table of protections that this is about.
pub const ROW: u8 = 11;

/// A queue of so many tickets for each event that ever arrived does not become short again.
const HOPELESS: usize = 4;

/// How often the sweep runs, in seconds.
const EVERY: u64 = 60;

/// What arrives and what is served, per second, and for how many seconds nothing is.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Events that arrive per second.
    pub arrivals: u64,
    /// Tickets that are served per second.
    pub capacity: u64,
    /// How long nothing is served.
    pub outage_secs: u64,
}

/// What the sweep does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweeping {
    /// It does not run.
    Never,
    /// As it is.
    WithGateAndBudget,
    /// It waits as if the queue were short.
    WithoutGate,
    /// It sends as if the queue were short.
    WithoutBudget,
    /// Both.
    WithoutBoth,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// How many seconds after the outage the queue was short again, if it ever was.
    pub after_secs: Option<u64>,
    /// How many tickets were sent by then, or by the end.
    pub sends: u64,
    /// How many events arrived by then.
    pub events: u64,
}

struct Event {
    last_sent_secs: u64,
    is_done: bool,
}

/// Lets an outage pass and looks for `most_secs` after it.
pub fn drain(load: Load, sweeping: Sweeping, most_secs: u64) -> Drained {
    let mut events: Vec<Event> = Vec::new();
    let mut queue: VecDeque<usize> = VecDeque::new();
    let (mut sends, mut short_at, mut first_open) = (0, 0, 0);
    for now in 0..load.outage_secs + most_secs {
        for _ in 0..load.arrivals {
            queue.push_back(events.len());
            events.push(Event { last_sent_secs: now, is_done: false });
            sends += 1;
        }
        if now >= load.outage_secs {
            for _ in 0..load.capacity {
                if let Some(event) = queue.pop_front() {
                    events[event].is_done = true;
                }
            }
        }
        if queue.len() > HOPELESS * events.len().max(1000) {
            break;
        }
        let visible = queue.len() as u64;
        if is_short(visible) {
            short_at = now;
            if now >= load.outage_secs {
                let after_secs = Some(now - load.outage_secs);
                return Drained { after_secs, sends, events: events.len() as u64 };
            }
        }
        if now % EVERY == 0 {
            while events.get(first_open).is_some_and(|event| event.is_done) {
                first_open += 1;
            }
            let lag = Span::from_secs(now - short_at);
            let rule = Rule::of(sweeping, lag, visible);
            let overdue = (first_open..events.len())
                .filter(|event| !events[*event].is_done)
                .filter(|event| now - events[*event].last_sent_secs > rule.patience_secs)
                .take(rule.budget);
            for event in overdue.collect::<Vec<_>>() {
                events[event].last_sent_secs = now;
                queue.push_back(event);
                sends += 1;
            }
        }
    }
    Drained { after_secs: None, sends, events: events.len() as u64 }
}

struct Rule {
    patience_secs: u64,
    budget: usize,
}

impl Rule {
    fn of(sweeping: Sweeping, lag: Span, visible: u64) -> Self {
        let gate = matches!(sweeping, Sweeping::WithGateAndBudget | Sweeping::WithoutBudget);
        let limit = matches!(sweeping, Sweeping::WithGateAndBudget | Sweeping::WithoutGate);
        let patience = if gate { patience(lag) } else { SWEEP_AFTER };
        let budget = match sweeping {
            Sweeping::Never => 0,
            _ if limit => budget(visible),
            _ => u64::MAX,
        };
        Self {
            patience_secs: patience.secs_up(),
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
        }
    }
}

/// Half an hour without service: no ticket is ever as old as the sweep's patience then grows.
pub const SHORT_OUTAGE: Load = Load { arrivals: 10, capacity: 12, outage_secs: 1800 };

/// Two hours without service: every ticket is older, and only the budget holds back.
pub const LONG_OUTAGE: Load = Load { arrivals: 50, capacity: 60, outage_secs: 7200 };

/// How many protections [`ablate`] takes away.
pub const ABLATIONS: usize = 3;

/// Takes the gate, the budget, and both away: how many of the three are missed.
pub fn ablate() -> usize {
    let ends_badly = |load: Load, sweeping| {
        let as_it_is = drain(load, Sweeping::WithGateAndBudget, load.longest_secs());
        let without = drain(load, sweeping, load.longest_secs());
        as_it_is.after_secs.is_some() && without.after_secs.is_none()
    };
    let missed: [bool; ABLATIONS] = [
        ends_badly(SHORT_OUTAGE, Sweeping::WithoutGate),
        ends_badly(LONG_OUTAGE, Sweeping::WithoutBudget),
        ends_badly(SHORT_OUTAGE, Sweeping::WithoutBoth),
    ];
    missed.into_iter().filter(|missed| *missed).count()
}

impl Load {
    /// For how long to look: twice as long as the backlog takes when nothing is sent again.
    fn longest_secs(self) -> u64 {
        2 * self.arrivals * self.outage_secs / self.capacity.saturating_sub(self.arrivals).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds until the queue is short again, and tickets per hundred events by then.
    fn after(load: Load, sweeping: Sweeping) -> (Option<u64>, u64) {
        let drained = drain(load, sweeping, load.longest_secs());
        println!("{load:?} {sweeping:?}: {drained:?}");
        (drained.after_secs, drained.sends * 100 / drained.events)
    }

    #[test]
    fn a_short_outage_drains_as_fast_as_without_a_sweep() {
        let as_it_is = after(SHORT_OUTAGE, Sweeping::WithGateAndBudget);
        assert_eq!(as_it_is, after(SHORT_OUTAGE, Sweeping::Never));
        assert_eq!(as_it_is.1, 100, "nothing is sent again");
    }

    #[test]
    fn a_long_outage_drains_nearly_as_fast_as_without_a_sweep() {
        let (as_it_is, sends) = after(LONG_OUTAGE, Sweeping::WithGateAndBudget);
        let (without, _) = after(LONG_OUTAGE, Sweeping::Never);
        let (as_it_is, without) = (as_it_is.expect("drains"), without.expect("drains"));
        assert!(as_it_is * 2 < without * 3, "{as_it_is} s against {without} s");
        assert!(sends < 110, "{sends} tickets for a hundred events");
    }

    /// What is not promised: the budget has to fit into what there is to spare.
    #[test]
    fn a_long_outage_at_a_low_rate_needs_room_for_the_budget() {
        let load = |capacity| Load { arrivals: 10, capacity, outage_secs: 7200 };
        assert_eq!(after(load(12), Sweeping::WithGateAndBudget).0, None);
        assert!(after(load(20), Sweeping::WithGateAndBudget).0.is_some());
    }

    #[test]
    fn without_the_gate_a_short_outage_never_drains() {
        assert_eq!(after(SHORT_OUTAGE, Sweeping::WithoutGate).0, None);
    }

    #[test]
    fn without_the_budget_a_long_outage_never_drains() {
        assert_eq!(after(LONG_OUTAGE, Sweeping::WithoutBudget).0, None);
    }

    #[test]
    fn without_both_every_outage_multiplies_the_tickets() {
        let (drained, sends) = after(SHORT_OUTAGE, Sweeping::WithoutBoth);
        assert_eq!(drained, None);
        assert!(sends > 300, "{sends} tickets for a hundred events");
    }
}
