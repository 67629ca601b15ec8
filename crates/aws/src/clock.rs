//! The system's clock.

use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::Clock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time as the operating system tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_after_this_was_written() {
        assert!(SystemClock.now() > Timestamp::from_secs(1_760_000_000));
    }
}
