//! Points in time and spans, against the same arithmetic in wider numbers.

use super::{config, hostile};
use holdfast_domain::moment::Unit;
use holdfast_domain::time::{Span, Timestamp};
use proptest::prelude::*;

/// The nearest that fits.
fn point(millis: i128) -> Timestamp {
    let fitting = millis.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Timestamp::from_millis(i64::try_from(fitting).expect("clamped"))
}

fn span(millis: u128) -> Span {
    Span::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

fn length() -> impl Strategy<Value = u64> {
    let edges = vec![0, 1, 999, 1000, 1001, u64::MAX / 86_400_000, u64::MAX - 1, u64::MAX];
    prop_oneof![proptest::sample::select(edges), any::<u64>(), 0..10_000_000_u64]
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn points_move_as_wide_numbers_do(millis in hostile(), by in length()) {
        let at = Timestamp::from_millis(millis);
        prop_assert_eq!(at.plus(Span::from_millis(by)), point(i128::from(millis) + i128::from(by)));
        prop_assert_eq!(at.minus(Span::from_millis(by)), point(i128::from(millis) - i128::from(by)));
    }

    #[test]
    fn distances_are_those_of_wide_numbers(later in hostile(), earlier in hostile()) {
        let distance = (i128::from(later) - i128::from(earlier)).max(0).unsigned_abs();
        let found = Timestamp::from_millis(later).since(Timestamp::from_millis(earlier));
        prop_assert_eq!(found, span(distance));
    }

    #[test]
    fn seconds_are_whole_and_below(millis in hostile()) {
        let at = Timestamp::from_millis(millis);
        let (secs, millis) = (i128::from(at.secs()), i128::from(millis));
        prop_assert!(secs * 1000 <= millis && millis < secs * 1000 + 1000);
        prop_assert_eq!(Timestamp::from_secs(at.secs()), point(secs * 1000));
    }

    #[test]
    fn spans_add_and_grow_as_wide_numbers_do(one in length(), other in length()) {
        let (a, b) = (Span::from_millis(one), Span::from_millis(other));
        let (one, other) = (u128::from(one), u128::from(other));
        prop_assert_eq!(a.plus(b), span(one + other));
        prop_assert_eq!(a.minus(b), span(one.saturating_sub(other)));
        prop_assert_eq!(a.times(b.millis()), span(one * other));
        prop_assert_eq!(u128::from(a.secs_up()), one.div_ceil(1000));
        prop_assert_eq!(Span::from_secs(a.millis()), span(one * 1000));
        prop_assert_eq!(Span::from_mins(a.millis()), span(one * 60_000));
        prop_assert_eq!(Span::from_days(a.millis()), span(one * 86_400_000));
        prop_assert_eq!(std::time::Duration::from(a).as_millis(), one);
    }

    #[test]
    fn what_a_unit_writes_it_reads(millis in 0..253_402_300_800_000_i64) {
        let at = Timestamp::from_millis(millis);
        let whole = Timestamp::from_secs(at.secs());
        prop_assert_eq!(Unit::Seconds.read(Unit::Seconds.write(at).as_bytes()), Some(whole));
        for unit in [Unit::Millis, Unit::Rfc3339] {
            prop_assert_eq!(unit.read(unit.write(at).as_bytes()), Some(at));
        }
    }

    #[test]
    fn no_number_is_too_hostile_to_write_and_read(millis in hostile()) {
        let at = Timestamp::from_millis(millis);
        for unit in [Unit::Seconds, Unit::Millis] {
            let read = unit.read(unit.write(at).as_bytes());
            prop_assert!(read.is_some_and(|read| read <= at && at.since(read) < Span::from_secs(1)));
        }
        // A date of a year that has no four digits is only shown.
        prop_assert!(Unit::Rfc3339.write(at).ends_with('Z'));
    }

    #[test]
    fn no_text_is_too_odd_to_read(text in any::<Vec<u8>>(), digits in "-?[0-9]{1,25}") {
        for unit in [Unit::Seconds, Unit::Millis, Unit::Rfc3339] {
            unit.read(&text);
        }
        let fits = digits.parse::<i64>().ok();
        prop_assert_eq!(Unit::Millis.read(digits.as_bytes()), fits.map(Timestamp::from_millis));
    }
}
