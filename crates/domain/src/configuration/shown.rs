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
}
