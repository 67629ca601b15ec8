//! Waiting for what is only eventually so. Nothing else here waits.

use std::time::{Duration, Instant};

/// Generous: a machine that builds something else beside the tests is slow, not wrong.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// Long enough for a ticket whose batch was lost to show again, and for a schedule to fire.
pub(crate) const LATER: Duration = Duration::from_secs(180);

const BETWEEN: Duration = Duration::from_millis(50);

/// Looks again and again until there is something, for as long as `within` says.
///
/// # Panics
/// When there is nothing in that time.
pub(crate) async fn eventually<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(started.elapsed() < within, "not within {within:?}: {what}");
        tokio::time::sleep(BETWEEN).await;
    }
}

/// [`eventually`], for what is only true or not.
pub(crate) async fn eventually_so(
    what: &str,
    within: Duration,
    mut is_so: impl AsyncFnMut() -> bool,
) {
    eventually(what, within, async || is_so().await.then_some(())).await;
}
