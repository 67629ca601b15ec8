//! The three Lambdas' own handlers behind the doors of the little world.

use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::receive::Receiver;
use holdfast_reconciler::handler::Reconciler;
use holdfast_testkit::world::{Functions, Listing, TestPorts, TestProcessor};
use serde::Serialize;
use std::sync::Arc;

/// What is deployed: each event passes through the handler that Lambda would call with it.
pub(crate) enum Lambdas {}

impl Functions for Lambdas {
    async fn receive(receiver: &Receiver<TestPorts>, event: &str) -> Result<String, String> {
        json(&holdfast_receiver::handler::handle(receiver, event).await)
    }

    async fn process(
        processor: &Arc<TestProcessor>,
        event: &str,
        deadline: Timestamp,
    ) -> Result<String, String> {
        let answer = holdfast_processor::handler::handle(processor, event, deadline).await;
        json(&answer.map_err(|error| error.to_string())?)
    }

    async fn reconcile(
        ports: &Arc<TestPorts>,
        listing: &Listing,
        configuration: &Arc<Configuration>,
        input: &str,
        deadline: Timestamp,
    ) -> Result<String, String> {
        let reconciler = Reconciler::new(ports.clone(), listing.clone(), configuration.clone());
        let answer = holdfast_reconciler::handler::handle(&reconciler, input, deadline).await;
        json(&answer.map_err(|error| error.to_string())?)
    }
}

fn json(answer: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(answer).map_err(|error| error.to_string())
}
