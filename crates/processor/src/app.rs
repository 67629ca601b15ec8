//! The processor, wired: everything that lives as long as the process.

use crate::config::Config;
use crate::routes::{self, Routes};
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::emf::Emf;
use holdfast_aws::stack::Stack;
use holdfast_destinations::Destinations;
use holdfast_destinations::secrets::Cached;
use holdfast_pipeline::handlers::Handlers;
use holdfast_pipeline::ports::Ports;
use holdfast_pipeline::process::{Processor, QueueTerms};
use holdfast_pipeline::secrets::SecretCache;
use std::sync::Arc;

/// A processor over some ports, delivering to the destinations of `holdfast.toml`.
pub type Wired<P> = Arc<Processor<P, Destinations<Cached<P>>, Routes>>;

/// Makes the processor on AWS and opens its connections.
///
/// # Errors
/// When a destination's settings could never work.
pub async fn start(config: Config, handlers: Handlers) -> Result<Wired<Stack>, routes::Error> {
    let clients = Clients::from_env(Pace::Working).await;
    let facts = Arc::new(Emf::stdout(config.function.clone()));
    let stack = Arc::new(Stack::new(&clients, &config.resources, facts));
    let secrets = Arc::new(SecretCache::default());
    // The first delivery finds out again; a failure here is only a slower start.
    let (_, loaded) = tokio::join!(stack.connect(), secrets.warm_up(stack.as_ref()));
    if let Err(error) = loaded {
        tracing::warn!(%error, "secrets not loaded while starting");
    }
    let queue = config.queue();
    let routes = Routes::open(Arc::new(config.configuration))?;
    let cached = Cached::new(stack.clone(), secrets);
    let destinations = Destinations::new(cached, &clients.sqs);
    Ok(wire(stack, destinations, routes, handlers, queue))
}

/// Puts a processor together.
pub fn wire<P: Ports>(
    ports: Arc<P>,
    destinations: Destinations<Cached<P>>,
    routes: Routes,
    handlers: Handlers,
    queue: QueueTerms,
) -> Wired<P> {
    Arc::new(Processor::new(ports, Arc::new(destinations), routes, handlers, queue))
}
