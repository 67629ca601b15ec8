//! The processor Lambda: a batch of tickets in, settled records out.
//!
//! To run code of your own on events, write a binary that calls [`run`] with your
//! [`Handlers`](holdfast_pipeline::handlers::Handlers), and build it instead of this crate's.

pub mod app;
pub mod config;
pub mod handler;
pub mod routes;

use holdfast_aws::env::Environment;
use holdfast_aws::telemetry;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::handlers::Handlers;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

/// Runs a processor with these handlers until Lambda ends it.
///
/// # Errors
/// When the environment or the configuration is not usable, or Lambda's runtime cannot be reached.
#[tokio::main(flavor = "current_thread")]
pub async fn run(handlers: Handlers) -> anyhow::Result<()> {
    let config = config::Config::read(Environment::of_process(), &handlers)?;
    telemetry::init(&config.log)?;
    let processor = &app::start(config, handlers).await?;
    let work = |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = Timestamp::from_millis(event.context.deadline.try_into()?);
        let kept = handler::handle(processor, event.payload.get(), deadline).await?;
        Ok::<_, lambda_runtime::Error>(kept)
    };
    lambda_runtime::run(service_fn(work)).await.map_err(anyhow::Error::from_boxed)
}
