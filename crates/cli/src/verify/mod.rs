//! `holdfast verify`: would a request be believed, and why not; or does a whole corpus of them get
//! the answers that it expects.

mod corpus;
mod reason;
pub mod request;
pub mod single;
#[cfg(test)]
mod tests;

use crate::report::Report;
use anyhow::{Context, Result};
use holdfast_conformance::Outcome;
use std::path::PathBuf;

/// What to verify.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["vectors", "headers", "har"]))]
pub struct Arguments {
    /// A corpus of requests, one JSON object a line, each with its own configuration, time and
    /// expectation.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["source", "secret", "secrets"])]
    pub vectors: Vec<PathBuf>,
    /// Take each row's own description of its scheme, even where there is a definition.
    #[arg(long, requires = "vectors")]
    pub generic: bool,
    /// A source of the configuration, or a provider such as stripe.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The headers of a request, one `Name: value` a line, perhaps after its request line.
    #[arg(long, value_name = "FILE", requires = "source", conflicts_with = "har")]
    pub headers: Option<PathBuf>,
    /// Its body, to the byte.
    #[arg(long, value_name = "FILE", requires = "headers")]
    pub body: Option<PathBuf>,
    /// Its method; POST if nothing says otherwise.
    #[arg(long, requires = "headers")]
    pub method: Option<String>,
    /// The URL that was called, with its query.
    #[arg(long, requires = "headers")]
    pub url: Option<String>,
    /// A HAR file with the request.
    #[arg(long, value_name = "FILE", requires = "source")]
    pub har: Option<PathBuf>,
    /// Which entry of the HAR, from 1.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "har")]
    pub entry: usize,
    /// When it arrived, in Unix seconds; now, if nothing is said.
    #[arg(long, value_name = "SECONDS", requires = "source")]
    pub at: Option<i64>,
    /// The signing secret. It stays in the shell's history: prefer --secrets.
    #[arg(long, conflicts_with = "secrets")]
    pub secret: Option<String>,
    /// Signing secrets: JSON, name -> value or list of values.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// The configuration that describes the source.
    #[arg(long, default_value = "holdfast.toml", value_name = "FILE")]
    pub config: PathBuf,
}

/// Verifies.
///
/// # Errors
/// When a file cannot be read, or there is no such source.
pub async fn run(arguments: &Arguments) -> Result<Report> {
    if arguments.vectors.is_empty() {
        return single::run(arguments).await;
    }
    let mut outcome = Outcome::default();
    for path in &arguments.vectors {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()))?;
        outcome.add(&text, arguments.generic).await;
    }
    Ok(corpus::report(&outcome))
}
