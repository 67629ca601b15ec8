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

/// What tests explore.
pub const QUICK: [Settings; 9] = [
    BASE,
    Settings { name: "two workers", workers: 2, kinds: RACES, ..BASE },
    Settings { name: "every outcome", outcomes: ALL_OUTCOMES, kinds: Kinds::CRASHES, ..BASE },
    Settings { name: "orders", outcomes: REJECT, orders: 1, max_receives: 2, ..BASE },
    Settings { name: "a switch", switches: 1, max_receives: 3, ..BASE },
    Settings { name: "deferrals", deferrals: true, max_receives: 3, ..BASE },
    Settings { name: "two receivers", receivers: 2, deliveries: 2, max_receives: 2, ..BASE },
    Settings { name: "two sweeps", sweeps: 2, max_receives: 3, ..BASE },
    Settings { name: "two versions", events: 2, faults: 0, max_receives: 2, ..BASE },
];

/// What the command explores when there is time.
pub const LONG: [Settings; 3] = [
    Settings { name: "two receivers", receivers: 2, deliveries: 2, ..BASE },
    Settings { name: "two faults", faults: 2, ..BASE },
    Settings {
        name: "slow workers",
        workers: 2,
        faults: 2,
        outcomes: RETRY,
        kinds: Kinds { slow_workers: true, ..Kinds::CRASHES },
        ..BASE
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;

    #[test]
    fn every_invariant_holds_in_the_quick_configurations() {
        for settings in QUICK {
            let found = check(settings);
            println!("{}: {} states, {:?}", found.name, found.states, found.took);
            if let Some(example) = found.counter_example {
                panic!("{}: {}\n{}", found.name, example.invariant, example.trace);
            }
        }
    }
}
