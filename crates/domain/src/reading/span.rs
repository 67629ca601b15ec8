//! Spans of time as people write them: a whole number and a unit.

use crate::time::Span;

/// Reads `"250ms"`, `"10s"`, `"5m"`, `"6h"` or `"2d"`; `None` for anything else.
pub fn parse_span(text: &str) -> Option<Span> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let millis_each: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(millis_each).map(Span::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(parse_span("250ms"), Some(Span::from_millis(250)));
        assert_eq!(parse_span("10s"), Some(Span::from_secs(10)));
        assert_eq!(parse_span("5m"), Some(Span::from_mins(5)));
        assert_eq!(parse_span("6h"), Some(Span::from_mins(360)));
        assert_eq!(parse_span("2d"), Some(Span::from_days(2)));
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            "s",
            "10",
            "10 s",
            "-1s",
            "1.5h",
            "1w",
            "99999999999999999999s",
            "18446744073709551615d",
            "é",
        ] {
            assert_eq!(parse_span(text), None, "{text:?}");
        }
    }
}
