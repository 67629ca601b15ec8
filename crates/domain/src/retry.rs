//! When to try again: exponential backoff with full jitter.

use crate::time::Span;

/// How often and when an event is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// How often the handler or destination is tried before the event is dead, at least 1.
    pub attempts: u32,
    /// The longest wait after the first failure.
    pub first: Span,
    /// How much longer each further wait may be, at least 1.
    pub factor: u32,
    /// The longest wait of all, at most 24 hours.
    pub cap: Span,
}

impl Default for Policy {
    /// Twelve attempts over about a day and a half at the most.
    fn default() -> Self {
        Self { attempts: 12, first: Span::from_secs(10), factor: 3, cap: Span::from_secs(6 * 3600) }
    }
}

impl Policy {
    /// The shortest wait: an immediate retry would only meet the same failure.
    pub const LEAST: Span = Span::from_secs(1);

    /// The longest cap that may be set: what a provider or an operator can still wait for.
    pub const LONGEST_CAP: Span = Span::from_days(1);

    /// The wait after the `attempt`-th failed attempt (counted from 1).
    ///
    /// `random` is uniform over all `u64`. The wait is uniform between [`Policy::LEAST`] and
    /// `first × factor^(attempt-1)`, capped ("full jitter": Brooker, "Exponential Backoff And
    /// Jitter", AWS Architecture Blog, 2015), and not below what the destination asked for with
    /// `Retry-After`, up to the cap.
    pub fn wait(&self, attempt: u32, asked: Option<Span>, random: u64) -> Span {
        let growth = u64::from(self.factor).saturating_pow(attempt.saturating_sub(1));
        let ceiling = self.first.times(growth).min(self.cap).max(Self::LEAST);
        let room = ceiling.minus(Self::LEAST).millis();
        let jittered = Self::LEAST.plus(Span::from_millis(scale(random, room)));
        asked.map_or(jittered, |asked| jittered.max(asked.min(self.cap)))
    }
}

/// Maps a uniform `u64` to a uniform number in `0..=most`.
fn scale(random: u64, most: u64) -> u64 {
    let wide = u128::from(random) * (u128::from(most) + 1);
    u64::try_from(wide >> 64).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy =
        Policy { attempts: 5, first: Span::from_secs(10), factor: 3, cap: Span::from_mins(10) };

    #[test]
    fn the_longest_wait_grows_and_is_capped() {
        let longest: Vec<u64> =
            (1..=6).map(|n| POLICY.wait(n, None, u64::MAX).millis() / 1000).collect();
        assert_eq!(longest, [10, 30, 90, 270, 600, 600]);
    }

    #[test]
    fn the_shortest_wait_is_a_second() {
        for n in [0, 1, 5, u32::MAX] {
            assert_eq!(POLICY.wait(n, None, 0), Policy::LEAST);
        }
    }

    #[test]
    fn jitter_is_spread_over_the_whole_span() {
        assert_eq!(POLICY.wait(2, None, u64::MAX / 2), Span::from_millis(1000 + 14_500));
    }

    #[test]
    fn the_destination_is_heard_up_to_the_cap() {
        let minute = Some(Span::from_mins(1));
        assert_eq!(POLICY.wait(1, minute, 0), Span::from_mins(1));
        assert_eq!(POLICY.wait(1, Some(Span::from_days(9)), 0), POLICY.cap);
        assert_eq!(POLICY.wait(5, Some(Span::ZERO), u64::MAX), POLICY.cap);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let huge = Policy {
            attempts: u32::MAX,
            first: Span::from_millis(u64::MAX),
            factor: u32::MAX,
            cap: Span::from_millis(u64::MAX),
        };
        assert_eq!(huge.wait(u32::MAX, None, u64::MAX), Span::from_millis(u64::MAX));
    }
}
