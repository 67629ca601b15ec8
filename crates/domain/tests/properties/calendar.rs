//! Dates against a calendar that counts years and months one by one.

use super::config;
use holdfast_domain::rfc3339::parse;
use holdfast_domain::time::Timestamp;
use proptest::prelude::*;

const DAY_MILLIS: i64 = 86_400_000;

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the beginning of 1970 to a date, counted.
fn days_until(year: i64, month: i64, day: i64) -> i64 {
    let in_year = |year| if is_leap(year) { 366 } else { 365 };
    let years: i64 = if year >= 1970 {
        (1970..year).map(in_year).sum()
    } else {
        -(year..1970).map(in_year).sum::<i64>()
    };
    years + (1..month).map(|month| days_of(year, month)).sum::<i64>() + day - 1
}

fn date() -> impl Strategy<Value = (i64, i64, i64)> {
    let year = prop_oneof![
        proptest::sample::select(vec![
            0, 1, 4, 99, 100, 400, 1600, 1900, 1969, 1970, 2000, 2024, 2100, 9999
        ]),
        0..10_000_i64,
    ];
    (year, 1..13_i64, 1..32_i64)
        .prop_map(|(year, month, day)| (year, month, day.min(days_of(year, month))))
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_date_is_the_day_that_counting_finds(
        (year, month, day) in date(),
        (hour, minute, second) in (0..24_i64, 0..60_i64, 0..60_i64),
        fraction in "[0-9]{1,12}",
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        let of_day = (hour * 3600 + minute * 60 + second) * 1000;
        let millis = days_until(year, month, day) * DAY_MILLIS + of_day;
        prop_assert_eq!(parse(&format!("{text}Z")), Some(Timestamp::from_millis(millis)));

        let padded = format!("{fraction}000");
        let cut: i64 = padded.get(..3).expect("three").parse().expect("digits");
        let exact = Timestamp::from_millis(millis + cut);
        prop_assert_eq!(parse(&format!("{text}.{fraction}Z")), Some(exact));
        prop_assert_eq!(exact.to_string(), format!("{text}.{cut:03}Z"));
    }

    #[test]
    fn an_offset_names_the_same_moment(
        (year, month, day) in date(),
        (hours, minutes) in (0..24_i64, 0..60_i64),
        east in any::<bool>(),
        colon in any::<bool>(),
    ) {
        let date = format!("{year:04}-{month:02}-{day:02}t12:34:56");
        let (sign, between) = (if east { "+" } else { "-" }, if colon { ":" } else { "" });
        let utc = parse(&format!("{date}z")).expect("a date").millis();
        let offset = (hours * 60 + minutes) * 60_000;
        let moved = if east { utc - offset } else { utc + offset };
        let text = format!("{date}{sign}{hours:02}{between}{minutes:02}");
        prop_assert_eq!(parse(&text), Some(Timestamp::from_millis(moved)));
    }

    #[test]
    fn a_leap_second_is_the_second_after((year, month, day) in date()) {
        let date = format!("{year:04}-{month:02}-{day:02}");
        let leap = parse(&format!("{date}T23:59:60Z")).expect("a date");
        let midnight = parse(&format!("{date}T00:00:00Z")).expect("a date");
        prop_assert_eq!(leap.millis() - midnight.millis(), DAY_MILLIS);
        prop_assert_eq!(parse(&format!("{date}T23:59:61Z")), None);
    }

    #[test]
    fn what_is_out_of_range_is_no_date(
        (year, month, day) in date(),
        (hour, minute) in (24..100_i64, 60..100_i64),
    ) {
        let beyond = days_of(year, month) + 1;
        for text in [
            format!("{year:04}-{month:02}-{beyond:02}T00:00:00Z"),
            format!("{year:04}-{month:02}-00T00:00:00Z"),
            format!("{year:04}-00-{day:02}T00:00:00Z"),
            format!("{year:04}-13-{day:02}T00:00:00Z"),
            format!("{year:04}-{month:02}-{day:02}T{hour}:00:00Z"),
            format!("{year:04}-{month:02}-{day:02}T00:{minute}:00Z"),
            format!("{year:04}-{month:02}-{day:02}T00:00:00+{hour}:00"),
            format!("{year:04}-{month:02}-{day:02}T00:00:00-00:{minute}"),
        ] {
            prop_assert_eq!(parse(&text), None, "{}", text);
        }
    }

    #[test]
    fn a_date_with_one_other_character_is_none_unless_it_is_a_digit(
        (year, month, day) in date(),
        at in 0..24_usize,
        to in prop_oneof![any::<char>(), "[-:.TZtz +0-9]".prop_map(|text| text.chars().next().expect("one"))],
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T12:34:56.789Z");
        let was = text.chars().nth(at).expect("of 24");
        let changed: String =
            text.chars().enumerate().map(|(nth, was)| if nth == at { to } else { was }).collect();
        let same = was == to || (at == 10 && "Tt ".contains(to)) || (at == 23 && to == 'z');
        if same {
            prop_assert_eq!(parse(&changed), parse(&text));
        } else if !(was.is_ascii_digit() && to.is_ascii_digit()) {
            prop_assert_eq!(parse(&changed), None, "{}", changed);
        }
    }
}
