//! What tests share: sample records, one contract suite per port, faults at every call to the world,
//! and a little world to meet them in. Never linked into anything that is shipped.

// A failed assertion is this crate's only way to say anything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

pub mod builders;
pub mod campaign;
pub mod contract;
pub mod crash_points;
pub mod faults;
pub mod invariants;
pub mod ledger;
pub mod rest;
pub mod scenarios;
pub mod wait;
pub mod world;
