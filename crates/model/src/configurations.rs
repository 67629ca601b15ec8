//! The configurations: small ones that tests explore in seconds, and larger ones for the command.

use crate::settings::{Kinds, Outcomes, Settings};

const BASE: Settings = Settings::BASE;

/// Handlers that fail for good.
pub(crate) const REJECT: Outcomes = Outcomes { reject: true, ..BASE.outcomes };

const RETRY: Outcomes = Outcomes { retry: true, ..BASE.outcomes };

const ALL_OUTCOMES: Outcomes =
    Outcomes { retry: true, retry_long: true, reject: true, defer: true, defer_long: true };

/// Processes die, answers are lost, and tickets are doubled.
const RACES: Kinds = Kinds { doubled_tickets: true, ..Kinds::CRASHES };

/// Processes die, answers are lost, and workers outlive their leases.
const SLOW: Kinds = Kinds { slow_workers: true, ..Kinds::CRASHES };

/// What tests explore.
pub const QUICK: [Settings; 13] = [
    BASE,
    Settings { name: "two faults", faults: 2, ..BASE },
    Settings { name: "two workers", workers: 2, kinds: RACES, ..BASE },
    Settings { name: "every outcome", outcomes: ALL_OUTCOMES, kinds: Kinds::CRASHES, ..BASE },
    Settings { name: "orders", outcomes: REJECT, orders: 1, max_receives: 2, ..BASE },
    Settings { name: "a switch", switches: 1, max_receives: 3, ..BASE },
    Settings { name: "deferrals", deferrals: true, max_receives: 3, ..BASE },
    Settings {
        name: "two receivers",
        receivers: 2,
        deliveries: 2,
        max_receives: 2,
        outcomes: REJECT,
        replay_dead: true,
        kinds: RACES,
        ..BASE
    },
    Settings { name: "two sweeps", sweeps: 2, max_receives: 3, ..BASE },
    Settings { name: "ageing", ageing: true, outcomes: REJECT, max_receives: 2, ..BASE },
    Settings { name: "external effects", transactional: false, outcomes: RETRY, ..BASE },
    Settings { name: "two versions", events: 2, faults: 0, max_receives: 2, ..BASE },
    Settings {
        name: "a slow worker",
        workers: 2,
        outcomes: RETRY,
        kinds: SLOW,
        max_receives: 2,
        ..BASE
    },
];

/// What the command explores when there is time, the smallest first.
pub const LONG: [Settings; 21] = [
    Settings { name: "two faults, a retry", faults: 2, outcomes: RETRY, ..BASE },
    Settings { name: "two sweeps, two faults", sweeps: 2, faults: 2, ..BASE },
    Settings { name: "two workers, all faults", workers: 2, kinds: Kinds::ALL, ..BASE },
    Settings { name: "two receivers, a retry", outcomes: RETRY, ..TWO_RECEIVERS },
    Settings { name: "two receivers, all faults", kinds: Kinds::ALL, ..TWO_RECEIVERS },
    Settings { name: "two switches", switches: 2, outcomes: RETRY, ..BASE },
    Settings { name: "a switch, two workers", switches: 1, workers: 2, kinds: RACES, ..BASE },
    Settings { name: "two orders", orders: 2, outcomes: REJECT, max_receives: 2, ..BASE },
    Settings { name: "orders, two workers", workers: 2, ..ORDERS },
    Settings { name: "orders, a switch", switches: 1, ..ORDERS },
    Settings { name: "every outcome, all faults", outcomes: ALL_OUTCOMES, ..BASE },
    Settings { name: "deferrals, two workers", deferrals: true, workers: 2, ..BASE },
    Settings { name: "ageing, two faults", ageing: true, faults: 2, kinds: RACES, ..BASE },
    Settings { name: "ageing, orders", ageing: true, ..ORDERS },
    Settings { name: "ageing, orders, a switch", ageing: true, switches: 1, ..ORDERS },
    Settings { name: "two versions, a fault", events: 2, max_receives: 2, kinds: RACES, ..BASE },
    Settings { name: "two versions, retries", outcomes: RETRY, faults: 0, ..TWO_VERSIONS },
    Settings { name: "two workers, two faults", workers: 2, faults: 2, kinds: RACES, ..BASE },
    Settings { name: "external, two workers", transactional: false, workers: 2, ..BASE },
    Settings { name: "three tickets", tickets: 3, workers: 2, kinds: RACES, ..BASE },
    Settings {
        name: "two slow workers",
        workers: 2,
        faults: 2,
        outcomes: RETRY,
        kinds: SLOW,
        ..BASE
    },
];

const TWO_RECEIVERS: Settings = Settings { receivers: 2, deliveries: 2, ..BASE };
const ORDERS: Settings = Settings { outcomes: REJECT, orders: 1, max_receives: 2, ..BASE };
const TWO_VERSIONS: Settings = Settings { events: 2, workers: 2, max_receives: 2, ..BASE };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;

    /// What has to occur in some configuration, or the rest would prove little.
    const OCCURS: [&str; 26] = [
        "bury",
        "claim",
        "claim refused: busy",
        "claim refused: dead",
        "claim refused: early",
        "claim refused: mine",
        "claim refused: processed",
        "claim refused: redriven",
        "claim refused: waiting",
        "claimed",
        "close refused: fenced",
        "close refused: mine, ack",
        "close refused: mine, hide",
        "complete",
        "defer",
        "discard",
        "park",
        "put refused: dead",
        "put refused: duplicate",
        "put refused: mine",
        "put refused: stranded",
        "release",
        "replay",
        "resend",
        "retry",
        "wait",
    ];

    #[test]
    fn every_invariant_holds_in_the_quick_configurations() {
        let found = std::thread::scope(|scope| {
            let checks = QUICK.map(|settings| scope.spawn(move || check(settings)));
            checks.map(|check| check.join().expect("an exploration"))
        });
        let mut seen = std::collections::BTreeSet::new();
        for found in found {
            println!("{}: {} states, {:?}", found.name, found.states, found.took);
            assert!(found.complete, "{} is too large", found.name);
            if let Some(example) = found.counter_example {
                panic!("{}: {}\n{}", found.name, example.invariant, example.trace);
            }
            seen.extend(found.seen);
        }
        let missing: Vec<_> = OCCURS.iter().filter(|what| !seen.contains(*what)).collect();
        assert!(missing.is_empty(), "these never occur: {missing:?}; seen: {seen:?}");
    }
}
