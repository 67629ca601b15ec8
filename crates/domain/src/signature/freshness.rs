//! Whether a signed timestamp is near enough to now. Judged on arrival only, never on replay.

use super::rejection::Rejection;
use crate::moment::Unit;
use crate::time::{Span, Timestamp};

/// How far from now a timestamp may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) tolerance: Span,
    pub(super) future: Future,
}

/// What to do with timestamps ahead of our clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Future {
    /// They have the same tolerance as those behind it.
    #[default]
    Tolerate,
    /// They are not judged.
    Accept,
}

impl Future {
    pub(super) const WORDS: [(&'static str, Self); 2] =
        [("tolerate", Self::Tolerate), ("accept", Self::Accept)];
}

impl Window {
    /// Reads and judges a timestamp. Whole seconds are compared with whole seconds.
    pub(super) fn judge(
        self,
        unit: Unit,
        text: &[u8],
        now: Timestamp,
    ) -> Result<Timestamp, Rejection> {
        let at = unit.read(text).ok_or(Rejection::TimestampMalformed)?;
        let now = if unit == Unit::Seconds { Timestamp::from_secs(now.secs()) } else { now };
        let (age, ahead) = (now.since(at), at.since(now));
        if age > self.tolerance {
            return Err(Rejection::TooOld { by: age.minus(self.tolerance) });
        }
        if self.future == Future::Tolerate && ahead > self.tolerance {
            return Err(Rejection::TooNew { by: ahead.minus(self.tolerance) });
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_900);
    const BOTH: Window = Window { tolerance: Span::from_secs(300), future: Future::Tolerate };
    const PAST: Window = Window { tolerance: Span::from_secs(300), future: Future::Accept };

    fn judge(window: Window, text: &str) -> Result<Timestamp, Rejection> {
        window.judge(Unit::Seconds, text.as_bytes(), NOW)
    }

    #[test]
    fn the_window_includes_its_edges() {
        for text in ["999700", "1000000", "1000300"] {
            assert!(judge(BOTH, text).is_ok(), "{text}");
        }
        assert_eq!(judge(BOTH, "999699"), Err(Rejection::TooOld { by: Span::from_secs(1) }));
        assert_eq!(judge(BOTH, "1000301"), Err(Rejection::TooNew { by: Span::from_secs(1) }));
        assert!(judge(PAST, "1000301").is_ok());
        assert!(judge(PAST, "999699").is_err());
    }

    #[test]
    fn hostile_numbers_do_not_overflow() {
        for window in [BOTH, PAST] {
            for unit in [Unit::Seconds, Unit::Millis] {
                for now in [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_millis) {
                    for number in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
                        let judged = window.judge(unit, number.to_string().as_bytes(), now);
                        assert_ne!(judged, Err(Rejection::TimestampMalformed));
                    }
                }
            }
        }
        assert!(matches!(judge(BOTH, &i64::MIN.to_string()), Err(Rejection::TooOld { .. })));
        assert_eq!(judge(BOTH, "yesterday"), Err(Rejection::TimestampMalformed));
    }
}
