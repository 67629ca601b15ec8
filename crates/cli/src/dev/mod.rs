//! `holdfast dev`: receiver, processor and reconciler in one process, on memory.

mod arguments;

pub use arguments::{Arguments, DEFAULT_PORT};

use crate::report::Report;
use anyhow::{Result, bail};

/// Runs until it is told to stop.
///
/// # Errors
/// When the configuration has problems or the port is taken.
pub async fn run(_arguments: &Arguments) -> Result<Report> {
    bail!("the local runner is not part of this build")
}
