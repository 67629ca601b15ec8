//! `holdfast offers`: shows the secrets that a provider offered to a source at a handshake.

use crate::report::Report;
use crate::stack;
use anyhow::Result;
use holdfast_domain::source::SourceName;
use holdfast_pipeline::offers;
use holdfast_pipeline::ports::Ports;

/// Whose secrets to show.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The source.
    pub source: SourceName,
    /// Forget them, once the right one stands in the stack's secret.
    #[arg(long)]
    pub forget: bool,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

/// Shows what was offered, or forgets it.
///
/// # Errors
/// When it cannot be read or written.
pub async fn run<P: Ports>(ports: &P, arguments: &Arguments) -> Result<Report> {
    let source = &arguments.source;
    let mut report = Report::new();
    if arguments.forget {
        let count = offers::forget(ports, source).await?;
        report.line(format!("{count} forgotten"));
        return Ok(report);
    }
    let offered = offers::list(ports, source).await?;
    if offered.is_empty() {
        report.line(format!("Nothing was offered to {source} within a day."));
        return Ok(report);
    }
    for offer in &offered {
        report.line(format!("{}  {}", offer.at, offer.secret.expose()));
    }
    report.line("");
    report.line(
        "Nobody signed these: anybody may have sent one. Compare with what the provider shows,",
    );
    report
        .line(format!("put the right one into the stack's secret as \"{source}\", then: --forget"));
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::secret::Secret;
    use holdfast_domain::time::Timestamp;
    use holdfast_pipeline::facts::KeptFacts;
    use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
    use std::sync::Arc;

    #[tokio::test]
    async fn what_was_offered_is_shown_until_it_is_forgotten() {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let (random, facts) = (Box::new(SeededRandom::new(1)), Arc::new(KeptFacts::default()));
        let ports = Memory::new(clock, random, facts, QueueSettings::default());
        let source = SourceName::new("notion").expect("a name");
        offers::keep(&ports, &source, &Secret::new("secret_abc")).await.expect("kept");
        let stack = stack::Arguments::default();
        let mut arguments = Arguments { source, forget: false, stack };
        let shown = run(&ports, &arguments).await.expect("read").text;
        assert!(shown.contains("2027-01-15T08:00:00.000Z  secret_abc"), "{shown}");
        arguments.forget = true;
        assert!(run(&ports, &arguments).await.expect("written").text.contains("1 forgotten"));
        arguments.forget = false;
        let shown = run(&ports, &arguments).await.expect("read").text;
        assert!(shown.contains("Nothing was offered to notion"), "{shown}");
    }
}
