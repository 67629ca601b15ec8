//! The receiver Lambda.

use holdfast_aws::env::Environment;
use holdfast_aws::telemetry;
use holdfast_receiver::config::Config;
use holdfast_receiver::{app, handler};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let config = Config::read(Environment::of_process())?;
    telemetry::init(&config.log)?;
    let receiver = &app::start(config).await;
    let answer = |event: LambdaEvent<Box<RawValue>>| async move {
        Ok::<_, lambda_runtime::Error>(handler::handle(receiver, event.payload.get()).await)
    };
    lambda_runtime::run(service_fn(answer)).await.map_err(anyhow::Error::from_boxed)
}
