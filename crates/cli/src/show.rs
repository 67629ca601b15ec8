//! `holdfast show`: one event, its life so far, where it is, and what happens next. Never its body.

mod life;
mod next;

use crate::event_name::{self, name};
use crate::report::Report;
use crate::stack;
use crate::table::harmless;
use anyhow::Result;
use holdfast_domain::record::{Origin, Record, RecordKey};
use holdfast_pipeline::ports::{BodyStore, EventStore, Ports};

/// Which event to show.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The event: <source>/<key>.
    #[arg(value_parser = event_name::parse)]
    pub event: RecordKey,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

/// Shows.
///
/// # Errors
/// When a store does not answer.
pub async fn run<P: Ports>(ports: &P, key: &RecordKey) -> Result<Report> {
    let mut report = Report::new();
    let Some(record) = ports.events().read(key).await? else {
        report.trouble(format!("There is no event {}.", harmless(&name(key))));
        return Ok(report);
    };
    let body = ports.bodies().read(&record.event.body).await?;
    heading(&mut report, &record, body.map(|body| body.len()));
    report.line("");
    for line in life::of(&record) {
        report.line(harmless(&line));
    }
    report.line("");
    report.line(harmless(&next::of(&record, ports.now())));
    Ok(report)
}

fn heading(report: &mut Report, record: &Record, body_bytes: Option<usize>) {
    let event = &record.event;
    let mut field = |title: &str, text: String| {
        report.line(format!("{title:11}{}", harmless(&text)));
    };
    field("event", name(record.key()));
    field("state", record.state.as_str().to_owned());
    field("kind", event.kind.to_string());
    if let Some(entity) = &event.entity {
        let version = event.version.as_ref().map(|version| format!(", version {version}"));
        field("entity", format!("{entity}{}", version.unwrap_or_default()));
    }
    field("origin", origin(event.origin).to_owned());
    field("body", body(record, body_bytes));
    field("attempts", record.attempts.to_string());
    if record.replays > 0 {
        field("replays", record.replays.to_string());
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Webhook => "webhook",
        Origin::Poll => "poll: no webhook had brought it",
        Origin::Replay => "replay of a processed event",
    }
}

fn body(record: &Record, bytes: Option<usize>) -> String {
    let body = &record.event.body;
    match bytes {
        Some(bytes) => {
            format!("{bytes} bytes, kept until {}, sha256 {}", body.kept_until, body.hash.hex())
        }
        None => "gone: it cannot be delivered any more".to_owned(),
    }
}

#[cfg(test)]
mod tests;
