//! `holdfast replay`: brings dead events back; with `--force`, runs finished ones once more.

use crate::event_name::{self, name};
use crate::report::Report;
use crate::stack;
use crate::table::harmless;
use anyhow::Result;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::record::{RecordKey, State};
use holdfast_pipeline::operate::{self, Answer};
use holdfast_pipeline::ports::Ports;

/// Which events to replay.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The events: <source>/<key>.
    #[arg(required = true, value_parser = event_name::parse)]
    pub events: Vec<RecordKey>,
    /// Run finished events once more, each as a new event of its own. Its effects happen again.
    #[arg(long)]
    pub force: bool,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

/// Replays, one event after the other.
///
/// # Errors
/// When it is not known whether an event was replayed; the same command may be given again.
pub async fn run<P: Ports>(ports: &P, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::new();
    for key in &arguments.events {
        let mut answer = operate::replay(ports, key).await?;
        if arguments.force && answer == Answer::WrongState(State::Processed) {
            answer = operate::replay_processed(ports, key, Configuration::BODY_KEPT).await?;
        }
        let line = format!("{}: {}", harmless(&name(key)), said(key, &answer));
        if matches!(answer, Answer::Done(_)) { report.line(line) } else { report.trouble(line) }
    }
    Ok(report)
}

fn said(key: &RecordKey, answer: &Answer) -> String {
    match answer {
        Answer::Done(done) if done == key => "replayed".to_owned(),
        Answer::Done(done) => format!("replayed as {}", harmless(&name(done))),
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
