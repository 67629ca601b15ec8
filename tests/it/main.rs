//! One integration binary: what holds between the crates and the services they use.

// A failed assertion is a test's only way to say anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bad_input;
mod call_counts;
mod conflicts;
mod contracts;
mod crash_points;
mod docs;
mod journeys;
mod lambdas;
mod local_aws;
mod lost_answers;
mod providers;
mod template;
