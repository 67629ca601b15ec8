//! Dates in RFC 3339 as providers write them: any number of fraction digits, any offset.

use crate::time::Timestamp;

/// Reads a date such as `2025-11-13T02:13:20.123456789Z` or `…+02:00`; fractions beyond
/// milliseconds are cut off. `None` for anything else.
pub fn parse(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let (year, month_day) = date.split_at_checked(4)?;
    let (month, day) = (month_day.get(1..3)?, month_day.get(4..6)?);
    if month_day.get(0..1)? != "-" || month_day.get(3..4)? != "-" {
        return None;
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    if clock.get(2..3)? != ":" || clock.get(5..6)? != ":" {
        return None;
    }
    let (hour, minute, second) =
        (number(clock.get(0..2)?)?, number(clock.get(3..5)?)?, number(clock.get(6..8)?)?);
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let in_range = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !in_range {
        return None;
    }
    let (millis, zone) = fraction(rest)?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let seconds = seconds - offset_secs(zone)?;
    // An offset or a leap second may lead out of the years that a date can be written in.
    WRITABLE.contains(&seconds).then(|| Timestamp::from_millis(seconds * 1000 + millis))
}

/// The seconds from 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// Milliseconds of an optional `.digits`, and what follows it.
fn fraction(rest: &str) -> Option<(i64, &str)> {
    let Some(rest) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = rest.split_at_checked(digits)?;
    if digits.is_empty() {
        return None;
    }
    let millis: String = digits.chars().chain("000".chars()).take(3).collect();
    Some((number(&millis)?, zone))
}

/// `Z`, `+02:00` or `-0530`, in seconds east of UTC.
fn offset_secs(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        5 if digits.get(2..3)? == ":" => (digits.get(0..2)?, digits.get(3..5)?),
        4 => (digits.get(0..2)?, digits.get(2..4)?),
        _ => return None,
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Digits only: no sign, no blanks. The callers pass at most four, so nothing overflows.
fn number(digits: &str) -> Option<i64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", public domain).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_providers_write_them() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2024-02-29T12:34:56.789Z", 1_709_210_096_789),
            ("2024-02-29T12:34:56.789123456Z", 1_709_210_096_789),
            ("2024-02-29t12:34:56.7z", 1_709_210_096_700),
            ("2024-02-29 14:34:56+02:00", 1_709_210_096_000),
            ("2024-02-29T07:04:56-0530", 1_709_210_096_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0000-03-01T00:00:00Z", -62_162_035_200_000),
        ] {
            assert_eq!(parse(text), Some(Timestamp::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn reads_back_what_timestamps_display() {
        for millis in [0, 1, 951_782_400_000, 4_102_444_799_999, -86_400_001] {
            let point = Timestamp::from_millis(millis);
            assert_eq!(parse(&point.to_string()), Some(point));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "yesterday",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01/01T00:00:00Z",
            "2024/01-01T00:00:00Z",
            "2024-01-01T00-00:00Z",
            "2024-01-01T00:00-00Z",
            "2024-01-01",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+25:00",
            "2024-01-01T00:00:00+é0",
            "2024-01-01T00:00:00+02x30",
            "-024-01-01T00:00:00Z",
            "2024-01-01T00:0é:00Z",
            "éééééééééééé",
            "2024-01-01T00:00:00ZZ",
            "+024-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
