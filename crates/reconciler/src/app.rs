//! The reconciler, wired: everything that lives as long as the process.

use crate::config::Config;
use crate::handler::Reconciler;
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::emf::Emf;
use holdfast_aws::stack::Stack;
use std::sync::Arc;

/// Makes the reconciler and opens its connections.
pub async fn start(config: Config) -> Reconciler<Stack> {
    let clients = Clients::from_env(Pace::Working).await;
    let facts = Arc::new(Emf::stdout(config.function));
    let stack = Stack::new(&clients, &config.resources, facts);
    stack.connect().await;
    Reconciler::new(Arc::new(stack), Arc::new(config.configuration))
}
