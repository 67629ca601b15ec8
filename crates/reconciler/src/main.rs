//! The reconciler Lambda.

use holdfast_aws::env::Environment;
use holdfast_aws::telemetry;
use holdfast_domain::time::Timestamp;
use holdfast_reconciler::config::Config;
use holdfast_reconciler::{app, handler};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let config = Config::read(Environment::of_process())?;
    telemetry::init(&config.log)?;
    let reconciler = &app::start(config).await?;
    let run = |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = Timestamp::from_millis(event.context.deadline.try_into()?);
        let report = handler::handle(reconciler, event.payload.get(), deadline).await?;
        Ok::<_, lambda_runtime::Error>(report)
    };
    lambda_runtime::run(service_fn(run)).await.map_err(anyhow::Error::from_boxed)
}
