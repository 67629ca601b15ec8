//! The reconciler, wired: everything that lives as long as the process.

use crate::config::Config;
use crate::handler::Reconciler;
use crate::provider_api::HttpProviderApi;
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::emf::Emf;
use holdfast_aws::stack::Stack;
use holdfast_pipeline::ports::Result;
use std::sync::Arc;

/// Makes the reconciler and opens its connections.
///
/// # Errors
/// When TLS cannot be set up.
pub async fn start(config: Config) -> Result<Reconciler<Stack, HttpProviderApi>> {
    let clients = Clients::from_env(Pace::Working).await;
    let facts = Arc::new(Emf::stdout(config.function));
    let stack = Stack::new(&clients, &config.resources, facts);
    stack.connect().await;
    let api = HttpProviderApi::new()?;
    Ok(Reconciler::new(Arc::new(stack), api, Arc::new(config.configuration)))
}
