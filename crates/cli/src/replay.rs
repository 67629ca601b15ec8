//! `holdfast replay`: brings dead events back; with `--force`, runs finished ones once more.

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

/// Which events to replay.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The events: <source>/<key>.
    #[arg(required = true, value_parser = event_name::parse)]
    pub events: Vec<RecordKey>,
    /// Run finished events once more, each as a new event of its own. Its effects happen again.
    #[arg(long)]
    pub force: bool,
    /// The configuration that is deployed, whose `body_days` says how long the body of such a new
    /// event is kept. Without it, 60 days.
    #[arg(long, value_name = "FILE", requires = "force")]
    pub config: Option<PathBuf>,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

/// Replays, one event after the other.
///
/// # Errors
/// When it is not known whether an event was replayed; the same command may be given again. When
/// the configuration cannot be read; then nothing was replayed.
pub async fn run<P: Ports>(ports: &P, arguments: &Arguments) -> Result<Report> {
    let configuration = arguments.config.as_deref().map(configuration::read).transpose()?;
    let keep_body = configuration.map_or(Configuration::BODY_KEPT, |read| read.body_kept());
    replay(ports, arguments, keep_body).await
}

async fn replay<P: Ports>(ports: &P, arguments: &Arguments, keep_body: Span) -> Result<Report> {
    let mut report = Report::new();
    for key in &arguments.events {
        let mut answer = operate::replay(ports, key).await?;
        if arguments.force && answer == Answer::WrongState(State::Processed) {
            answer = operate::replay_processed(ports, key, keep_body).await?;
        }
        let line = format!("{}: {}", harmless(&name(key)), said(key, &answer));
        if matches!(answer, Answer::Done(_)) { report.line(line) } else { report.trouble(line) }
    }
    Ok(report)
}

fn said(key: &RecordKey, answer: &Answer) -> String {
    match answer {
        Answer::Done(done) => {
            let new = (done.key != *key).then(|| format!(" as {}", harmless(&name(&done.key))));
            let late = done.awaits_sweep.then_some(
                "; its ticket could not be sent, the sweep sends one within a few minutes",
            );
            format!("replayed{}{}", new.unwrap_or_default(), late.unwrap_or_default())
        }
        Answer::Missing => "there is no such event".to_owned(),
        Answer::WrongState(State::Processed) => {
            "it is finished; --force runs it once more".to_owned()
        }
        Answer::WrongState(state) => {
            format!("it is {}: only dead events are replayed", state.as_str())
        }
        Answer::Overtaken => "somebody else was faster; look at it again".to_owned(),
        Answer::BodyGone => "its body is gone, there is nothing to replay".to_owned(),
    }
}

#[cfg(test)]
mod tests;
