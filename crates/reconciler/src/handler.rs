//! From a schedule's input to one run of sweep, poll or renew.

use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{self, Ports};
use holdfast_pipeline::renew::renew;
use holdfast_pipeline::sweep::sweep;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a schedule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    /// Table ↔ queue.
    Sweep,
    /// Provider API ↔ table.
    Poll,
    /// Bodies that are still needed.
    Renew,
}

#[derive(Deserialize)]
struct Input {
    task: Task,
}

/// Why a run failed. The next one makes up for it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input names no task.
    #[error("the input must be {{\"task\": \"sweep\" | \"poll\" | \"renew\"}}: {0}")]
    Input(#[source] serde_json::Error),
    /// A call failed that the whole run needs.
    #[error(transparent)]
    Call(#[from] ports::Error),
}

/// The reconciler: shared by all runs of a process.
pub struct Reconciler<P> {
    ports: Arc<P>,
    configuration: Arc<Configuration>,
}

impl<P: Ports> Reconciler<P> {
    /// A reconciler of the sources of a configuration.
    pub fn new(ports: Arc<P>, configuration: Arc<Configuration>) -> Self {
        Self { ports, configuration }
    }

    /// The ports it works with.
    pub fn ports(&self) -> &P {
        &self.ports
    }
}

/// Runs the task that the input names, until it is through or `deadline` comes near.
///
/// # Errors
/// When the input names none, or the run could not do its work.
pub async fn handle<P: Ports>(
    reconciler: &Reconciler<P>,
    input: &str,
    deadline: Timestamp,
) -> Result<Value, Error> {
    let input: Input = serde_json::from_str(input).map_err(Error::Input)?;
    let ports = reconciler.ports();
    match input.task {
        Task::Sweep => {
            let report = sweep(ports, &reconciler.configuration, deadline).await?;
            Ok(
                json!({ "resent": report.resent, "released": report.released, "failed": report.failed,
                       "dead": report.dead, "complete": report.complete }),
            )
        }
        Task::Renew => {
            let keep = reconciler.configuration.body_kept();
            let report = renew(ports, keep, deadline).await?;
            Ok(json!({ "renewed": report.renewed, "gone": report.gone, "failed": report.failed,
                       "complete": report.complete }))
        }
        Task::Poll => Ok(json!({})),
    }
}
