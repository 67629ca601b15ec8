//! Spans the way they are written in the configuration, for messages.

use crate::time::Span;

/// A whole number of the largest unit that divides the span.
pub(super) fn shown(span: Span) -> String {
    let millis = span.millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    let whole = units.iter().find(|(_, each)| millis > 0 && millis.is_multiple_of(*each));
    whole.map_or_else(|| format!("{millis}ms"), |(unit, each)| format!("{}{unit}", millis / each))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::parse_span;

    #[test]
    fn what_is_shown_can_be_written() {
        for text in ["0ms", "250ms", "90s", "5m", "6h", "2d", "25h"] {
            assert_eq!(parse_span(text).map(shown).as_deref(), Some(text));
        }
        assert_eq!(parse_span("120s").map(shown).as_deref(), Some("2m"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(7),
            ..Default::default()
        })]

        #[test]
        fn whatever_is_shown_is_read_again(
            number in 0..u64::from(u32::MAX),
            each in proptest::sample::select(vec![1, 1000, 60_000, 3_600_000, 86_400_000]),
        ) {
            let span = Span::from_millis(number * each);
            let text = shown(span);
            proptest::prop_assert_eq!(parse_span(&text), Some(span));
            let shortest = [1000, 60_000, 3_600_000, 86_400_000].map(|unit| {
                span.millis().is_multiple_of(unit).then_some(span.millis() / unit)
            });
            let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
            let fewest = shortest.into_iter().flatten().min().unwrap_or(span.millis());
            proptest::prop_assert_eq!(digits, fewest.to_string(), "the largest unit that fits");
        }
    }
}
