//! `holdfast verify`: would a request be believed, and why not; or does a whole corpus of them get
//! the answers that it expects.

pub mod corpus;
mod standin;

use crate::report::Report;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// What to verify.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A corpus of requests, one JSON object a line, each with its own configuration, time and
    /// expectation.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub vectors: Vec<PathBuf>,
    /// Take each row's own description of its scheme, even where there is a definition.
    #[arg(long, requires = "vectors")]
    pub generic: bool,
}

/// Verifies.
///
/// # Errors
/// When a file cannot be read.
pub async fn run(arguments: &Arguments) -> Result<Report> {
    let mut outcome = corpus::Outcome::default();
    for path in &arguments.vectors {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()))?;
        outcome.add(&text, arguments.generic).await;
    }
    Ok(outcome.report())
}
