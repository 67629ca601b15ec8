//! What breaks without each protection, and the smallest bounds within which that shows.

use crate::ablation::Ablation;
use crate::check::{Exploration, check};
use crate::configurations::REJECT;
use crate::settings::{Kinds, Outcomes, Settings};

const BASE: Settings = Settings::BASE;
const RETRY_LONG: Outcomes = Outcomes { retry_long: true, ..BASE.outcomes };
const RETRY_SOON: Outcomes = Outcomes { retry: true, ..BASE.outcomes };
const DEFER_LONG: Outcomes = Outcomes { defer_long: true, ..BASE.outcomes };

/// Explores the protocol without a protection, and demands that one of the invariants breaks that
/// it is there for.
///
/// # Errors
/// What was found instead.
pub fn ablate(ablation: Ablation) -> Result<Exploration, String> {
    let (settings, invariants) = shown_in(ablation);
    let found = check(settings.without(ablation));
    let Some(example) = &found.counter_example else {
        return Err(format!("without {ablation:?} nothing breaks"));
    };
    let number = example.invariant.split(' ').next().unwrap_or_default();
    if invariants.contains(&number) {
        Ok(found)
    } else {
        let (invariant, trace) = (example.invariant, &example.trace);
        Err(format!("without {ablation:?} another invariant breaks: {invariant}\n{trace}"))
    }
}

/// The bounds within which the protection is missed, and the invariants of which one breaks then.
fn shown_in(ablation: Ablation) -> (Settings, &'static [&'static str]) {
    let two_faults = Settings { faults: 2, ..BASE };
    let two_workers = Settings { workers: 2, ..BASE };
    let order = Settings { outcomes: REJECT, orders: 1, ..BASE };
    let slow = Settings { workers: 2, kinds: Kinds::ALL, ..two_faults };
    match ablation {
        Ablation::SweepOfLapsedClaims => (two_faults, &["I7"]),
        Ablation::BusyIsNoAck => (two_workers, &["I6"]),
        Ablation::FencingToken => (slow, &["I5"]),
        Ablation::ConditionalClose => (slow, &["I2", "I4", "I5"]),
        Ablation::TokenRises => (BASE, &["I5"]),
        Ablation::AttemptsInRecord => (Settings { attempts: 1, ..BASE }, &["I13"]),
        Ablation::DeadIsNoAck => (order, &["I6"]),
        Ablation::RedriveRule => (order, &["I13"]),
        Ablation::ReplayFromRecord => (Settings { max_receives: 2, ..order }, &["I8"]),
        Ablation::ExpiryOnlyWhenProcessed => (BASE, &["I1"]),
        Ablation::LongWindow => (Settings { deliveries: 2, ageing: true, ..BASE }, &["I2"]),
        Ablation::BodyBeforeRecord => {
            (Settings { receivers: 2, deliveries: 2, ..BASE }, &["I1", "I8"])
        }
        Ablation::Sweep => (BASE, &["I7"]),
        Ablation::WaitingRooms => {
            (Settings { outcomes: DEFER_LONG, punctual: true, faults: 0, ..BASE }, &["W2"])
        }
        Ablation::IngestNonce | Ablation::ClaimNonce => (BASE, &["I13"]),
        Ablation::ReplayNonce => (order, &["I13"]),
        Ablation::SweepConditions => (BASE, &["I4", "I9", "I10"]),
        Ablation::LastSentInResend => (Settings { sweeps: 2, ..BASE }, &["I9"]),
        Ablation::RoomInResend => (Settings { deferrals: true, ..BASE }, &["I10"]),
        Ablation::PlaceInRelease => {
            (Settings { sweeps: 2, outcomes: DEFER_LONG, ..BASE }, &["I10"])
        }
        Ablation::DeathIsTheOneSeen => {
            (Settings { workers: 2, max_receives: 2, ..order }, &["I13"])
        }
        Ablation::ReceivedInDeferral => (Settings { deferrals: true, ..BASE }, &["I4", "I5"]),
        Ablation::DueInDeferral => {
            (Settings { deferrals: true, outcomes: RETRY_LONG, ..BASE }, &["W1"])
        }
        Ablation::OpenInClaim => (Settings { switches: 1, ..BASE }, &["I10"]),
        Ablation::EarlyIsNoAck => (Settings { outcomes: RETRY_SOON, ..BASE }, &["I6"]),
        Ablation::LapseInClaim => (two_workers, &["I3", "I5"]),
        Ablation::AckOnlyWhileWaiting => (Settings { outcomes: RETRY_LONG, ..BASE }, &["I6"]),
        Ablation::VersionGuard => (Settings { events: 2, faults: 0, ..BASE }, &["I12"]),
        Ablation::Renewal => (Settings { ageing: true, ..order }, &["I1", "I8"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backlog;
    use std::collections::BTreeSet;

    /// How many rows the table of protections has.
    const ROWS: u8 = 16;

    /// Takes the protections of a row away, one by one.
    fn row(row: Option<u8>) {
        let of_the_row = Ablation::ALL.iter().filter(|ablation| ablation.row() == row);
        for ablation in of_the_row {
            let found = ablate(*ablation).unwrap_or_else(|why| panic!("{why}"));
            let example = found.counter_example.expect("a counter-example");
            println!("without {ablation:?}: {}\n{}", example.invariant, example.trace);
        }
    }

    #[test]
    fn no_row_is_left_out() {
        let mut rows: BTreeSet<u8> = Ablation::ALL.iter().filter_map(|it| it.row()).collect();
        assert!(rows.insert(backlog::ROW), "the one that needs real durations is not explored");
        assert_eq!(rows, (1..=ROWS).collect());
    }

    #[test]
    fn without_the_sweep_of_lapsed_claims() {
        row(Some(1));
    }

    #[test]
    fn without_busy_is_no_ack() {
        row(Some(2));
    }

    #[test]
    fn without_the_fencing_token() {
        row(Some(3));
    }

    #[test]
    fn without_attempts_in_the_record() {
        row(Some(4));
    }

    #[test]
    fn without_the_rule_for_dead_records() {
        row(Some(5));
    }

    #[test]
    fn without_replay_from_the_record() {
        row(Some(6));
    }

    #[test]
    fn without_expiry_only_when_processed_and_late() {
        row(Some(7));
    }

    #[test]
    fn without_the_body_before_the_record() {
        row(Some(8));
    }

    #[test]
    fn without_the_sweep() {
        row(Some(9));
    }

    #[test]
    fn without_waiting_rooms() {
        row(Some(10));
    }

    #[test]
    fn without_the_nonces() {
        row(Some(12));
    }

    #[test]
    fn without_the_conditions_of_the_sweep() {
        row(Some(13));
    }

    #[test]
    fn without_the_death_that_was_seen() {
        row(Some(14));
    }

    #[test]
    fn without_the_conditions_of_a_deferral() {
        row(Some(15));
    }

    #[test]
    fn without_open_in_the_claim() {
        row(Some(16));
    }

    #[test]
    fn without_what_the_table_does_not_name() {
        row(None);
    }
}
