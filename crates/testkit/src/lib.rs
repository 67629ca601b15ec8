//! What tests share: sample records and one contract suite per port. Never linked into anything
//! that is shipped.

// A failed assertion is this crate's only way to say anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod builders;
pub mod contract;
pub mod wait;
