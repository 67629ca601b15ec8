//! Each protection is needed: taken away, an invariant breaks.

use crate::check::check;
use crate::configurations::REJECT;
use crate::settings::{Ablation, Kinds, Outcomes, Settings};

const BASE: Settings = Settings::BASE;

/// Checks that without this protection an invariant of these does not hold, and shows how.
fn breaks(ablation: Ablation, settings: Settings, invariants: &[&str]) {
    let found = check(settings.without(ablation));
    let example = found.counter_example.expect("a counter-example");
    println!("without {ablation:?}: {}\n{}", example.invariant, example.trace);
    let number = example.invariant.split(' ').next().unwrap_or_default();
    assert!(invariants.contains(&number), "{number} is none of {invariants:?}");
}

#[test]
fn without_the_sweep() {
    breaks(Ablation::Sweep, BASE, &["I7"]);
}

#[test]
fn without_the_sweep_of_lapsed_claims() {
    breaks(Ablation::SweepOfLapsedClaims, Settings { faults: 2, ..BASE }, &["I7"]);
}

#[test]
fn without_busy_is_no_ack() {
    breaks(Ablation::BusyIsNoAck, Settings { workers: 2, ..BASE }, &["I6"]);
}

#[test]
fn without_the_fencing_token() {
    let slow = Settings { workers: 2, faults: 2, kinds: Kinds::ALL, ..BASE };
    breaks(Ablation::FencingToken, slow, &["I5"]);
    breaks(Ablation::ConditionalClose, slow, &["I4", "I2", "I5"]);
}

#[test]
fn without_attempts_in_the_record() {
    let settings = Settings { attempts: 1, max_receives: 4, ..BASE };
    breaks(Ablation::AttemptsInRecord, settings, &["I13"]);
}

#[test]
fn without_the_rule_for_dead_records() {
    let settings = Settings { outcomes: REJECT, orders: 1, ..BASE };
    breaks(Ablation::DeadIsNoAck, settings, &["I6"]);
    breaks(Ablation::RedriveRule, settings, &["I13"]);
}

#[test]
fn without_replay_from_the_record() {
    let settings = Settings { outcomes: REJECT, orders: 1, max_receives: 2, ..BASE };
    breaks(Ablation::ReplayFromRecord, settings, &["I8"]);
}

#[test]
fn without_expiry_only_when_processed() {
    breaks(Ablation::ExpiryOnlyWhenProcessed, BASE, &["I1"]);
}

#[test]
fn without_the_body_before_the_record() {
    let settings = Settings { receivers: 2, deliveries: 2, ..BASE };
    breaks(Ablation::BodyBeforeRecord, settings, &["I1", "I8"]);
}

#[test]
fn without_waiting_rooms() {
    let outcomes = Outcomes { defer_long: true, ..BASE.outcomes };
    let settings = Settings { outcomes, punctual: true, faults: 0, ..BASE };
    breaks(Ablation::WaitingRooms, settings, &["W2"]);
}

#[test]
fn without_the_nonces() {
    breaks(Ablation::IngestNonce, BASE, &["I13"]);
    breaks(Ablation::ClaimNonce, BASE, &["I13"]);
}

#[test]
fn without_the_conditions_of_the_sweep() {
    breaks(Ablation::SweepConditions, BASE, &["I10", "I4"]);
}

#[test]
fn without_the_death_that_was_seen() {
    let settings =
        Settings { workers: 2, outcomes: REJECT, orders: 1, max_receives: 2, faults: 1, ..BASE };
    breaks(Ablation::DeathIsTheOneSeen, settings, &["I13"]);
}

#[test]
fn without_received_in_a_deferral() {
    breaks(Ablation::ReceivedInDeferral, Settings { deferrals: true, ..BASE }, &["I4", "I5"]);
}

#[test]
fn without_open_in_the_claim() {
    breaks(Ablation::OpenInClaim, Settings { switches: 1, ..BASE }, &["I10"]);
}

#[test]
fn without_the_version_guard() {
    let settings = Settings { events: 2, faults: 0, ..BASE };
    breaks(Ablation::VersionGuard, settings, &["I12"]);
}

#[test]
fn without_a_rising_token() {
    breaks(Ablation::TokenRises, BASE, &["I5"]);
}

#[test]
fn without_due_in_a_deferral() {
    let outcomes = Outcomes { retry_long: true, ..BASE.outcomes };
    let settings = Settings { deferrals: true, outcomes, ..BASE };
    breaks(Ablation::DueInDeferral, settings, &["W1"]);
}

#[test]
fn without_asking_whether_it_still_waits() {
    let outcomes = Outcomes { retry_long: true, ..BASE.outcomes };
    breaks(Ablation::AckOnlyWhileWaiting, Settings { outcomes, ..BASE }, &["I6"]);
}
