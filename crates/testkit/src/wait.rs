//! Waiting for what is only eventually so: the index, a queue's attributes.

use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(15);
const BETWEEN: Duration = Duration::from_millis(20);

/// Asks again and again until there is an answer, for 15 seconds at most.
///
/// # Panics
/// When there is none in that time.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < LONGEST, "not so after {LONGEST:?}: {what}");
        tokio::time::sleep(BETWEEN).await;
    }
}
