//! From a schedule's input to one run of sweep, poll or renew.

use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::poll::{ProviderApi, poll_all};
use holdfast_pipeline::ports::{self, Ports};
use holdfast_pipeline::renew::renew;
use holdfast_pipeline::secrets::SecretCache;
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
    /// At least one source could not be polled; the others were. Each has a fact of its own.
    #[error("{failed} of {polled} sources could not be polled")]
    Poll {
        /// How many failed.
        failed: usize,
        /// Of how many.
        polled: usize,
    },
}

/// The reconciler: shared by all runs of a process.
pub struct Reconciler<P, A> {
    ports: Arc<P>,
    api: A,
    configuration: Arc<Configuration>,
    secrets: SecretCache,
}

impl<P: Ports, A: ProviderApi> Reconciler<P, A> {
    /// A reconciler of the sources of a configuration.
    pub fn new(ports: Arc<P>, api: A, configuration: Arc<Configuration>) -> Self {
        Self { ports, api, configuration, secrets: SecretCache::default() }
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
pub async fn handle<P: Ports, A: ProviderApi>(
    reconciler: &Reconciler<P, A>,
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
        Task::Poll => poll(reconciler, deadline).await,
    }
}

async fn poll<P: Ports, A: ProviderApi>(
    reconciler: &Reconciler<P, A>,
    deadline: Timestamp,
) -> Result<Value, Error> {
    let Reconciler { ports, api, configuration, secrets } = reconciler;
    let runs = poll_all(ports.as_ref(), api, configuration, secrets, deadline).await;
    let (polled, mut injected) = (runs.len(), 0);
    let mut failed = 0;
    for run in runs {
        match run {
            Ok(report) => injected += report.tally.missed,
            Err(_) => failed += 1,
        }
    }
    if failed > 0 {
        return Err(Error::Poll { failed, polled });
    }
    Ok(json!({ "polled": polled, "injected": injected }))
}
