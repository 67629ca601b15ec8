use super::listing::Listing;
use super::runs::Runs;
use crate::faults::Faulty;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::process::Processor;
use holdfast_pipeline::receive::Receiver;
use std::future::Future;
use std::sync::Arc;

/// The ports of the world.
pub type TestPorts = Faulty<Memory>;

/// The processor of the world.
pub type TestProcessor = Processor<TestPorts, Runs, Arc<Configuration>>;

/// The doors of the three functions: JSON in, JSON out, as Lambda calls them. An `Err` is a failed
/// invocation.
pub trait Functions: 'static {
    /// The receiver, with an HTTP event of payload format 2.0.
    fn receive(
        receiver: &Receiver<TestPorts>,
        event: &str,
    ) -> impl Future<Output = Result<String, String>> + Send;

    /// The processor, with a batch of messages.
    fn process(
        processor: &Arc<TestProcessor>,
        event: &str,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<String, String>> + Send;

    /// The reconciler, with a schedule's input.
    fn reconcile(
        ports: &Arc<TestPorts>,
        listing: &Listing,
        configuration: &Arc<Configuration>,
        input: &str,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<String, String>>;
}
