//! Signed timestamps, however hostile: whoever holds the secret may write any number.

use super::{config, hostile};
use hmac::{Hmac, KeyInit, Mac};
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{Rejection, SignedPart, verify};
use holdfast_domain::time::{Span, Timestamp};
use proptest::prelude::*;
use sha2::Sha256;

const SECRET: &str = "a secret of an acceptable length";

fn provider(unit: &str, future: &str, tolerance: u64) -> Provider {
    Provider::from_toml(&format!(
        r#"
        name = "acme"
        title = "Acme"
        dedupe_days = 90
        [scheme]
        header = "X-Signature"
        algorithm = "sha256"
        encoding = "hex"
        content = "{{timestamp}}.{{body}}"
        timestamp = "X-Timestamp"
        timestamp_unit = "{unit}"
        tolerance_secs = {tolerance}
        future = "{future}"
        "#
    ))
    .expect("a provider")
}

/// A request whose signature holds, whatever its timestamp says.
fn signed(timestamp: &[u8]) -> Inbound {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
    mac.update(timestamp);
    mac.update(b".{}");
    let signature = hex::encode(mac.finalize().into_bytes()).into_bytes();
    let pairs = [("X-Signature", signature), ("X-Timestamp", timestamp.to_vec())];
    Inbound::post("/hooks/acme", pairs.into_iter().collect::<Headers>(), "{}")
}

fn judge(provider: &Provider, timestamp: &[u8], now: Timestamp) -> Result<(), Rejection> {
    verify(provider, &signed(timestamp), &[Secret::new(SECRET)], now).map(drop)
}

/// What has to be answered, in wide numbers of the unit's own.
fn wanted(at: i128, now: i128, tolerance: i128, both: bool) -> &'static str {
    match now - at {
        age if age > tolerance => "old",
        age if both && -age > tolerance => "new",
        _ => "fresh",
    }
}

fn answered(judged: Result<(), Rejection>) -> &'static str {
    match judged {
        Ok(()) => "fresh",
        Err(Rejection::TooOld { by }) if by > Span::ZERO => "old",
        Err(Rejection::TooNew { by }) if by > Span::ZERO => "new",
        Err(_) => "something else",
    }
}

/// A number to write, near to now as often as far from it.
fn written(now: i64) -> impl Strategy<Value = i64> {
    prop_oneof![hostile(), (-700_000..700_000_i64).prop_map(move |by| now.saturating_add(by))]
}

fn now_and_written() -> impl Strategy<Value = (i64, i64)> {
    hostile().prop_flat_map(|now| (Just(now), written(now)))
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn milliseconds_are_judged_as_in_wide_numbers(
        (now, at) in now_and_written(),
        tolerance in 1..600_u64,
        both: bool,
    ) {
        let provider = provider("ms", if both { "tolerate" } else { "accept" }, tolerance);
        let judged = judge(&provider, at.to_string().as_bytes(), Timestamp::from_millis(now));
        let wanted = wanted(at.into(), now.into(), i128::from(tolerance) * 1000, both);
        prop_assert_eq!(answered(judged), wanted);
    }

    #[test]
    fn seconds_are_judged_as_in_wide_numbers(
        (now, at) in now_and_written(),
        tolerance in 1..600_u64,
        both: bool,
    ) {
        let provider = provider("s", if both { "tolerate" } else { "accept" }, tolerance);
        // What lies beyond all of time lies at its end.
        let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let at_millis = (i128::from(at) * 1000).clamp(least, most);
        let now = Timestamp::from_millis(now);
        let now_millis = (i128::from(now.secs()) * 1000).clamp(least, most);
        let judged = judge(&provider, at.to_string().as_bytes(), now);
        let wanted = wanted(at_millis, now_millis, i128::from(tolerance) * 1000, both);
        prop_assert_eq!(answered(judged), wanted);
    }

    #[test]
    fn what_is_no_number_is_refused(text in "[0-9+ .e:TZ-]{0,40}", now in hostile()) {
        let provider = provider("s", "tolerate", 300);
        let judged = judge(&provider, text.as_bytes(), Timestamp::from_millis(now));
        if text.parse::<i64>().is_err() || text.starts_with('+') {
            let why = judged.expect_err("no number");
            let missing = Rejection::PartMissing(SignedPart::Timestamp);
            prop_assert_eq!(why, if text.is_empty() { missing } else { Rejection::TimestampMalformed });
        }
    }

    #[test]
    fn dates_are_judged_too(year in 0..10_000_u32, second in 0..61_u32, now in hostile()) {
        let provider = provider("rfc3339", "tolerate", 300);
        let text = format!("{year:04}-12-31T23:59:{second:02}Z");
        let judged = judge(&provider, text.as_bytes(), Timestamp::from_millis(now));
        prop_assert_ne!(answered(judged), "something else");
    }
}
