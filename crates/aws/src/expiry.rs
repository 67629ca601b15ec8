//! DynamoDB's time to live counts in whole seconds.

use holdfast_domain::time::Timestamp;

/// Rounded up: nothing is dropped before the time that was promised.
pub(crate) fn ttl_secs(at: Timestamp) -> i64 {
    let secs = at.secs();
    if at.millis().rem_euclid(1000) == 0 { secs } else { secs.saturating_add(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_dropped_early() {
        for (millis, secs) in [(0, 0), (1, 1), (1000, 1), (1001, 2), (-1, 0)] {
            assert_eq!(ttl_secs(Timestamp::from_millis(millis)), secs, "{millis}");
        }
    }
}
