//! The log: one JSON object a line on standard output, which Lambda hands to CloudWatch Logs.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The filter cannot be read, or there is a log already.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a filter, as in `info` or `holdfast=debug,warn`.
    #[error("the log filter cannot be read: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The log was set up before.
    #[error("the log is set up already")]
    Again(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets the log of this process up, with a filter like `info` or `holdfast_pipeline=debug,warn`.
///
/// # Errors
/// When the filter cannot be read, or when there is a log already.
pub fn init(filter: &str) -> Result<(), Error> {
    // Not `EnvFilter`: that brings a regular-expression engine along, for filters by a span's fields.
    let filter: Targets = filter.parse()?;
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false);
    tracing_subscriber::registry().with(filter).with(lines).try_init()?;
    Ok(())
}
