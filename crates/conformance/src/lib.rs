//! Whether a receiver answers a corpus of requests as the corpus expects.
//!
//! Owns the receiver that stands in for a deployed one, and the count of its answers. The corpora's
//! format and the judgement of an answer are [`holdfast_providers::vectors`]; how an outcome is
//! shown is the business of `holdfast verify`.

mod outcome;
mod standin;

pub use outcome::{Outcome, Tally};
