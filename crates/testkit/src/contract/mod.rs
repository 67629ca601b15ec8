//! One suite per port: what every adapter has to do, in memory and on AWS alike. A suite panics at
//! the first thing that is otherwise.

pub mod bodies;
pub mod documents;
pub mod events;
pub mod secrets;
pub mod tickets;

use holdfast_domain::time::Timestamp;
use std::future::Future;

/// What a store does to what has expired, at a moment of the suite's choosing: a real one takes
/// days, and goes by the real time.
pub trait TimeToLive {
    /// Deletes what has expired by then.
    fn expire(&self, now: Timestamp) -> impl Future<Output = ()>;
}
