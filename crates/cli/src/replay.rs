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
use holdfast_pipeline::ports::{Error, Ports};
use std::path::PathBuf;

/// Which events to replay.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The events: <source>/<key>.
    #[arg(required = true, value_parser = event_name::parse)]
    pub events: Vec<RecordKey>,
    /// Run finished events once more, each as a new event of its own. Its effects happen again, and
    /// again when the order is repeated: repeat it for single events only, after a look at them.
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

/// Replays, one event after the other, and says of each what became of it; also that this is not
/// known, and then how to find out and whether to repeat the order.
///
/// # Errors
/// When the configuration cannot be read; then nothing was replayed.
pub async fn run<P: Ports>(ports: &P, arguments: &Arguments) -> Result<Report> {
    let configuration = arguments.config.as_deref().map(configuration::read).transpose()?;
    let keep_body = configuration.map_or(Configuration::BODY_KEPT, |read| read.body_kept());
    Ok(replay(ports, arguments, keep_body).await)
}

async fn replay<P: Ports>(ports: &P, arguments: &Arguments, keep_body: Span) -> Report {
    let mut report = Report::new();
    for key in &arguments.events {
        let named = harmless(&name(key));
        match order(ports, key, arguments.force, keep_body).await {
            Ok(answer @ Answer::Done(_)) => report.line(format!("{named}: {}", said(key, &answer))),
            Ok(answer) => report.trouble(format!("{named}: {}", said(key, &answer))),
            Err(error) => report.unknown(format!(
                "{named}: NOT KNOWN whether it was replayed: {}",
                harmless(&error.to_string())
            )),
        }
    }
    if !report.is_known {
        report.line(if arguments.force { FORCED_AGAIN } else { AGAIN });
    }
    report
}

async fn order<P: Ports>(
    ports: &P,
    key: &RecordKey,
    force: bool,
    keep_body: Span,
) -> Result<Answer, Error> {
    match operate::replay(ports, key).await? {
        Answer::WrongState(State::Processed) if force => {
            operate::replay_processed(ports, key, keep_body).await
        }
        answer => Ok(answer),
    }
}

/// What came back is not dead any more, and is left alone.
const AGAIN: &str = "The same command may be given again: it replays what is still dead.";

/// What is finished stays so when it runs once more: a forced order cannot tell that it was carried
/// out before.
const FORCED_AGAIN: &str = "\
Do not give the same command again: what was replayed would run once more. Look at each event that is
not known: `holdfast show <source>/<key>` says whether a dead one came back, and `holdfast show
'R#<source>#<key>#1'` (then #2, ...) whether a finished one runs again, and since when. Repeat the
order for those alone of which neither is so.";

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
