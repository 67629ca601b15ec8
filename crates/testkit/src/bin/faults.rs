//! Lets calls of the use cases go wrong in every way, one at a time or in pairs.

use holdfast_testkit::campaign;
use holdfast_testkit::world::Direct;
use std::process::ExitCode;

fn main() -> ExitCode {
    campaign::main::<Direct>()
}
