//! Timestamps in all units.

use holdfast_domain::moment::Unit;
use holdfast_domain::rfc3339;
use holdfast_domain::time::{Span, Timestamp};

/// What is read is written as a text that reads the same, and no arithmetic overflows.
pub(crate) fn check(data: &[u8]) {
    for (_, unit) in Unit::WORDS {
        if let Some(point) = unit.read(data) {
            let written = unit.write(point);
            let seconds = |point: Timestamp| point.secs();
            let again = unit.read(written.as_bytes()).map(seconds);
            assert_eq!(again, Some(point.secs()), "{written}");
            for span in [Span::from_secs(1), Span::from_secs(u64::MAX)] {
                let (before, after) = (point.minus(span), point.plus(span));
                assert!(before <= point && point <= after, "{point} and {span:?}");
            }
        }
    }
    if let Some(point) = std::str::from_utf8(data).ok().and_then(rfc3339::parse) {
        assert_eq!(rfc3339::parse(&point.to_string()), Some(point), "{point}");
    }
}
