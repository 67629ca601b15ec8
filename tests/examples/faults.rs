//! Lets calls of what is deployed go wrong in every way, one at a time or in pairs: each event passes
//! through the handlers that Lambda would call with it.

// A failed assertion is a test's only way to say anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../it/lambdas.rs"]
mod lambdas;

use holdfast_testkit::campaign;
use std::process::ExitCode;

fn main() -> ExitCode {
    campaign::main::<lambdas::Lambdas>()
}
