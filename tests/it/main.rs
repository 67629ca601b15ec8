//! One integration binary: what holds between the crates and the services they use.

// Clippy takes only functions marked as tests for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod contracts;
mod local_aws;
mod lost_answers;
