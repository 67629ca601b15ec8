//! One integration binary: what holds between the crates and the services they use.

// A failed assertion is a test's only way to say anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod conflicts;
mod contracts;
mod docs;
mod journeys;
mod local_aws;
mod lost_answers;
mod template;
