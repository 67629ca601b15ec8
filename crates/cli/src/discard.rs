//! `holdfast discard`: lets dead events go. They end PROCESSED, with the reason in their record.

use crate::configuration;
use crate::event_name::{self, name};
use crate::report::Report;
use crate::stack;
use crate::table::harmless;
use anyhow::Result;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::record::{RecordKey, State};
use holdfast_domain::time::Span;
use holdfast_pipeline::operate::{self, Answer};
use holdfast_pipeline::ports::Ports;
use std::path::PathBuf;

/// The longest reason, in characters: it is kept in the record, which is read at every repetition.
const LONGEST_REASON: usize = 500;

/// Which events to let go.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The events: <source>/<key>.
    #[arg(required = true, value_parser = event_name::parse)]
    pub events: Vec<RecordKey>,
    /// Why, for whoever looks at them later.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: String,
    /// The configuration that is deployed, whose `dedupe_days` say how long the events are
    /// remembered, so that repetitions are ignored. Without it, 90 days.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

/// Discards, one event after the other, and says of each what became of it; also that this is not
/// known. The same command may be given again.
///
/// # Errors
/// When the configuration cannot be read; then nothing was discarded.
pub async fn run<P: Ports>(ports: &P, arguments: &Arguments) -> Result<Report> {
    let configuration = arguments.config.as_deref().map(configuration::read).transpose()?;
    let remembered = |source: &str| {
        let configuration = configuration.as_ref();
        configuration.map_or(Configuration::DEDUPE_WINDOW, |read| read.dedupe_window(source))
    };
    Ok(discard(ports, arguments, remembered).await)
}

async fn discard<P: Ports>(
    ports: &P,
    arguments: &Arguments,
    remembered: impl Fn(&str) -> Span,
) -> Report {
    let mut report = Report::new();
    for key in &arguments.events {
        let (named, window) = (harmless(&name(key)), remembered(key.source()));
        match operate::discard(ports, key, &arguments.reason, window).await {
            Ok(answer @ Answer::Done(_)) => report.line(format!("{named}: {}", said(&answer))),
            Ok(answer) => report.trouble(format!("{named}: {}", said(&answer))),
            Err(error) => {
                let why = harmless(&error.to_string());
                report.unknown(format!("{named}: NOT KNOWN whether it was discarded: {why}"));
            }
        }
    }
    if !report.is_known {
        report.line("The same command may be given again: it discards what is still dead.");
    }
    report
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Done(_) => "discarded".to_owned(),
        Answer::Missing => "there is no such event".to_owned(),
        Answer::WrongState(State::Processed) => "it is finished already".to_owned(),
        Answer::WrongState(state) => {
            format!("it is {}: only dead events are discarded", state.as_str())
        }
        Answer::Overtaken => "somebody else was faster; look at it again".to_owned(),
        Answer::BodyGone => "its body is gone".to_owned(),
    }
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("say why".to_owned()),
        1..=LONGEST_REASON => Ok(text.to_owned()),
        _ => Err(format!("at most {LONGEST_REASON} characters")),
    }
}

#[cfg(test)]
mod tests;
