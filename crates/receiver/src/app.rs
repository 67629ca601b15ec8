//! The receiver, wired: everything that lives as long as the process.

use crate::config::Config;
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::emf::Emf;
use holdfast_aws::stack::Stack;
use holdfast_aws::web::Https;
use holdfast_pipeline::receive::Receiver;
use std::sync::Arc;

/// Makes the receiver and opens its connections, so that the first webhook does not wait for
/// them.
pub async fn start(config: Config) -> Receiver<Stack> {
    let clients = Clients::from_env(Pace::Answering).await;
    let facts = Arc::new(Emf::stdout(config.function));
    let stack = Stack::new(&clients, &config.resources, facts);
    let receiver = Receiver::new(Arc::new(stack), Arc::new(config.configuration))
        .with_web(Arc::new(Https::default()));
    // Both find out again with the first webhook; a failure here is only a slower start.
    let (_, secrets) = tokio::join!(receiver.ports().connect(), receiver.warm_up());
    if let Err(error) = secrets {
        tracing::warn!(%error, "secrets not loaded while starting");
    }
    receiver
}
