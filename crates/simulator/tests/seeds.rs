//! Thousands of small worlds: whatever goes wrong in them, the protocol's invariants hold.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test")]
use holdfast_simulator::{Campaign, Totals, run};
use std::sync::LazyLock;

/// How many seeds a test run lives through; a longer campaign goes on where it stops.
const SEEDS: u64 = 1000;

/// Several tests look at the same worlds.
static WORLDS: LazyLock<Totals> = LazyLock::new(|| {
    let totals = Campaign { seeds: 0..SEEDS, events: None, at_most: None }.run(|_| {});
    println!("{}", totals.to_json());
    totals
});

#[test]
fn a_thousand_worlds_hold() {
    let totals = &*WORLDS;
    assert_eq!(totals.failed, [], "run `holdfast-simulator --seed N --trace` for one of them");
    assert_eq!((totals.seeds, totals.next_seed), (SEEDS, SEEDS));
}

/// What must have happened, for the worlds to have been worth their while.
const HAPPENED: &[&str] = &[
    // Calls that went wrong, and processes that did.
    "crashes",
    "crashes_after_a_call",
    "crashes_before_a_call",
    "late_effects",
    "lost_answers",
    "overtaken_calls",
    "panics",
    "impossible_effects",
    "refused_calls",
    "repeated_calls",
    "runs_timed_out",
    "slow_calls",
    "time_outs",
    // The queue and the index as they are.
    "doubled_tickets",
    "index_lags",
    "mislaid_tickets",
    "moved_to_the_dead_letter_queue",
    "redriven_tickets",
    "stale_index_entries",
    "throttled_receives",
    "undeleted_tickets",
    // What the receiver says.
    "accepted",
    "duplicates",
    "key_collisions",
    "not_stored",
    "tickets_not_sent",
    "without_secret",
    // What the processor says.
    "applied",
    "buried",
    "busy_answers",
    "claims_recognised",
    "closing_writes_repeated",
    "dead_answers",
    "deferred",
    "delivered",
    "early_answers",
    "exhausted_without_a_run",
    "fenced_writes",
    "lapsed_claims",
    "late_sends",
    "parks",
    "processed_before",
    "redrives_recognised",
    "retried",
    "stale",
    "unrouted",
    "waiting_answers",
    // What the reconciler says.
    "accepted_by_poll",
    "complete_polls",
    "complete_sweeps",
    "expired_records",
    "failed_in_sweeps",
    "failed_polls",
    "incomplete_polls",
    "incomplete_sweeps",
    "known_to_polls",
    "missed_and_found",
    "overlapping_schedules",
    "refused_by_the_api",
    "released_by_sweeps",
    "renewed_bodies",
    "resent_by_sweeps",
    // Operators and deploys.
    "deploys_in_mid_flight",
    "discards",
    "forced_replays",
    "replays",
    "replays_at_the_end",
];

#[test]
fn everything_happens_in_them() {
    let never: Vec<&str> =
        HAPPENED.iter().copied().filter(|name| WORLDS.counts.get(name) == 0).collect();
    assert_eq!(never, Vec::<&str>::new());
}

/// Seeds that once broke something, or in which a check saw what was not there. What they found has
/// tests of its own as well, because a seed is another world as soon as the simulator changes.
const FOUND: &[u64] = &[
    // A redriven ticket brought its event back twice, by a clock that was behind.
    67,
    // A poll failed over one event while the put of another was under way. Nobody heard of that one,
    // nobody sent its ticket, and nobody had to: it is the sweep's.
    15_599, 16_068,
    // A redriven ticket was claimed between a replay's write and its repetition, which had nothing left
    // to send for.
    16_335,
    // A sweep's write took effect twelve seconds after its stamp, and a duplicate sent the next ticket
    // a minute after the stamp.
    32_862,
    // The dead's bodies expired while a shard of the open room could not be read.
    72_668,
];

#[test]
fn what_was_found_once_holds() {
    for seed in FOUND {
        assert_eq!(run(*seed, None, 0).expect("a runtime").broken, Vec::<String>::new(), "{seed}");
    }
}

#[test]
fn a_seed_is_a_world() {
    for seed in 0..20 {
        let one = run(seed, None, 0).expect("a runtime");
        let again = run(seed, None, 500).expect("a runtime");
        assert_eq!((one.hash, &one.counts), (again.hash, &again.counts), "seed {seed}");
        assert!(one.trace.is_empty() && !again.trace.is_empty());
    }
    let hash = |seed| run(seed, None, 0).expect("a runtime").hash;
    assert_ne!(hash(1), hash(2));
}
