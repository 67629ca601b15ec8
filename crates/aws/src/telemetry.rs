//! The log: one JSON object a line on standard output, which Lambda hands to CloudWatch Logs.
//!
//! A filter may ask for anything, but only our own lines are told in full: at `trace` the SDK writes
//! whole requests, with bodies, signatures and session tokens, and the HTTP clients what passes over
//! their connections. What is not ours ends at `debug`, whatever the filter says.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{ParseError, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The filter cannot be read, or there is a log already.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a filter, as in `info` or `holdfast=debug,warn`.
    #[error("the log filter cannot be read: {0}")]
    Filter(#[from] ParseError),
    /// The log was set up before.
    #[error("the log is set up already")]
    Again(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets the log of this process up, with a filter like `info` or `holdfast_pipeline=debug,warn`.
///
/// # Errors
/// When the filter cannot be read, or when there is a log already.
pub fn init(filter: &str) -> Result<(), Error> {
    log(filter, std::io::stdout)?.try_init()?;
    Ok(())
}

fn log<W>(filter: &str, out: W) -> Result<impl Subscriber + Send + Sync, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // Not `EnvFilter`: that brings a regular-expression engine along, for filters by a span's fields.
    let filter: Targets = filter.parse()?;
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_writer(out);
    Ok(tracing_subscriber::registry().with(filter).with(filter_fn(may_be_told)).with(lines))
}

/// Whether a line cannot hold what is in requests and answers: ours never do, others not up to
/// `debug`.
fn may_be_told(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::DEBUG || is_ours(line.target())
}

fn is_ours(target: &str) -> bool {
    target.starts_with("holdfast")
}

#[cfg(test)]
mod tests;
