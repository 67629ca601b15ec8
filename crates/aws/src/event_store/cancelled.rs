//! What a cancelled transaction means, and how long to wait before it is sent again.
//!
//! ```text
//! event 1 of customer 7   transaction: guard of customer 7 ─────────────── applied
//! event 2 of customer 7        transaction: the same guard → conflict · wait · the same again → applied
//! ```
//!
//! DynamoDB does not let the second one wait for the first, it cancels it, and the SDK does not
//! repeat what was cancelled. Left at that, every event of a busy entity would cost a visibility
//! time-out and an attempt.

use super::decode;
use crate::cause;
use aws_sdk_dynamodb::types::CancellationReason;
use holdfast_pipeline::ports::{Completed, Error, Result};
use std::time::Duration;

const COMPLETE: &str = "complete the record";
const REFUSED: &str = "ConditionalCheckFailed";

/// Reasons that have nothing to do with what was asked for.
const PASSING: [&str; 3] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// Reasons that will be the same next time. A write of a handler's has no condition to fail.
const LASTING: [&str; 3] = ["ValidationError", "ItemCollectionSizeLimitExceeded", REFUSED];

/// The reason of an item that was not in the way.
const INNOCENT: &str = "None";

/// How often a transaction is sent, at the most.
pub(super) const TRIES: u32 = 6;

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_millis(400);

/// What the reasons say.
#[derive(Debug)]
pub(super) enum Cancelled {
    /// A condition does not hold, or never can what was asked for: that is the answer.
    Answered(Completed),
    /// Somebody else was at the same items, or there was no capacity. Nothing was written, and the
    /// same transaction may go through next time.
    InTheWay(Error),
}

/// Reads the reasons, which stand in the order of the transaction's items: the completion first,
/// then the version guard if there is one.
///
/// # Errors
/// When there is no reason, or one that nobody knows.
pub(super) fn read(reasons: &[CancellationReason], has_guard: bool) -> Result<Cancelled> {
    let code = |at: usize| reasons.get(at).and_then(CancellationReason::code);
    if code(0) == Some(REFUSED) {
        let stored = reasons.first().and_then(CancellationReason::item);
        return Ok(Cancelled::Answered(Completed::Refused(decode(COMPLETE, stored)?)));
    }
    if has_guard && code(1) == Some(REFUSED) {
        return Ok(Cancelled::Answered(Completed::Stale));
    }
    let first_write = 1 + usize::from(has_guard);
    let guilty: Vec<(usize, &CancellationReason, &str)> = reasons
        .iter()
        .enumerate()
        .filter_map(|(at, reason)| Some((at, reason, reason.code()?)))
        .filter(|(.., code)| *code != INNOCENT)
        .collect();
    let (lasting, others): (Vec<_>, Vec<_>) =
        guilty.into_iter().partition(|(.., code)| LASTING.contains(code));
    let told = |guilty: &[(usize, &CancellationReason, &str)]| {
        let told = guilty.iter().map(|(at, reason, _)| told(*at, first_write, reason));
        format!("cancelled: {}", told.collect::<Vec<_>>().join(", "))
    };
    if !lasting.is_empty() {
        return Ok(Cancelled::Answered(Completed::Impossible(told(&lasting))));
    }
    let error = Error::new(COMPLETE, told(&others));
    if !others.is_empty() && others.iter().all(|(.., code)| PASSING.contains(code)) {
        return Ok(Cancelled::InTheWay(error));
    }
    Err(error)
}

/// One reason, with the write that it is about, counted from 1 as they stand in the effect.
fn told(at: usize, first_write: usize, reason: &CancellationReason) -> String {
    let code = reason.code().unwrap_or(INNOCENT);
    let what = match at.checked_sub(first_write) {
        Some(write) => format!("write {}", write.saturating_add(1)),
        None if at == 0 => "the completion".to_owned(),
        None => "the version guard".to_owned(),
    };
    match reason.message() {
        Some(message) => format!("{what}: {code}: {}", cause::without_values(message)),
        None => format!("{what}: {code}"),
    }
}

/// How long to wait after so many tries: anything up to a limit that doubles (full jitter), so
/// that those who met do not meet again.
pub(super) fn wait(tries: u32, random: u64) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    let limit = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random % micros.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
        codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
    }

    fn judged(codes: &[&str], has_guard: bool) -> String {
        match read(&reasons(codes), has_guard) {
            Ok(Cancelled::Answered(answer)) => format!("{answer:?}"),
            Ok(Cancelled::InTheWay(_)) => "again".to_owned(),
            Err(error) => error.cause,
        }
    }

    #[test]
    fn a_condition_is_an_answer_whatever_else_happened() {
        for (codes, has_guard, expected) in [
            (&["ConditionalCheckFailed", "None"][..], false, "Refused(None)"),
            (&["ConditionalCheckFailed", "TransactionConflict"], true, "Refused(None)"),
            (&["None", "ConditionalCheckFailed"], true, "Stale"),
            (&["TransactionConflict", "ConditionalCheckFailed", "None"], true, "Stale"),
        ] {
            assert_eq!(judged(codes, has_guard), expected, "{codes:?}");
        }
    }

    #[test]
    fn what_passes_is_tried_again() {
        for codes in [
            &["TransactionConflict"][..],
            &["None", "TransactionConflict"],
            &["None", "TransactionConflict", "ThrottlingError"],
            &["ProvisionedThroughputExceeded", "None"],
        ] {
            assert_eq!(judged(codes, true), "again", "{codes:?}");
        }
    }

    #[test]
    fn what_would_be_the_same_next_time_is_an_answer() {
        for (codes, has_guard, told) in [
            (&["None", "ValidationError"][..], false, "write 1: ValidationError"),
            (
                &["None", "TransactionConflict", "None", "ItemCollectionSizeLimitExceeded"],
                true,
                "write 2: ItemCollectionSizeLimitExceeded",
            ),
            (&["None", "ConditionalCheckFailed"], false, "write 1: ConditionalCheckFailed"),
            (&["ValidationError", "None"], false, "the completion: ValidationError"),
        ] {
            let expected = format!("Impossible(\"cancelled: {told}\")");
            assert_eq!(judged(codes, has_guard), expected, "{codes:?}");
        }
    }

    #[test]
    fn a_reason_is_told_in_its_own_words() {
        let wrong = CancellationReason::builder()
            .code("ValidationError")
            .message("Type mismatch for key pk expected: S actual: N")
            .build();
        let reasons = [reasons(&["None"]), vec![wrong]].concat();
        let told = "Impossible(\"cancelled: write 1: ValidationError: \
                    Type mismatch for key pk expected: S actual: N\")";
        let Ok(Cancelled::Answered(answer)) = read(&reasons, false) else { panic!("an answer") };
        assert_eq!(format!("{answer:?}"), told);
    }

    #[test]
    fn a_reason_that_nobody_knows_is_no_answer() {
        for (codes, told) in [
            (&["None", "None"][..], "cancelled: "),
            (&[], "cancelled: "),
            (&["None", "InternalError"], "cancelled: write 1: InternalError"),
            (
                &["None", "InternalError", "ThrottlingError"],
                "cancelled: write 1: InternalError, write 2: ThrottlingError",
            ),
        ] {
            assert_eq!(judged(codes, false), told, "{codes:?}");
        }
    }

    #[test]
    fn waits_grow_and_stay_short() {
        let longest: Vec<u128> = (1..TRIES)
            .map(|tries| {
                let limit = (0..2000).map(|nth| wait(tries, nth * 997)).max();
                limit.unwrap_or_default().as_millis()
            })
            .collect();
        assert_eq!(longest, [49, 99, 199, 399, 399]);
        assert_eq!(wait(3, 0), Duration::ZERO);
        assert!(wait(u32::MAX, u64::MAX) <= LONGEST_WAIT);
    }
}
