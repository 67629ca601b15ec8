//! A little world: the three functions over the in-memory adapters, a provider that posts, a queue
//! that delivers, a clock that stands until it is moved. Deterministic: the same steps make the
//! same calls in the same order, which is what lets every single call be made to fail.
//!
//! The functions are entered by the JSON that Lambda hands them, and by nothing else; which code
//! stands behind the doors is the type parameter ([`Functions`]).
//!
//! While the world runs, everything that must hold at every moment is checked after every call
//! (`watch.rs`); what must hold at rest is checked by [`World::check`].

mod checks;
mod direct;
mod events;
mod functions;
mod listing;
mod operator;
mod provider;
mod pump;
mod runs;
mod settings;
mod watch;

pub use direct::Direct;
pub use functions::{Functions, TestPorts, TestProcessor};
pub use listing::Listing;
pub use provider::Webhook;
pub use pump::Running;
pub use runs::{Run, Runs, Script};
pub use settings::{MAX_ATTEMPTS, SECRET};

use crate::faults::{Faults, Faulty};
use holdfast_domain::configuration::Configuration;
use holdfast_domain::record::{Record, RecordKey};
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::KeptFacts;
use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::ports::{Clock, DocumentStore, TicketSender};
use holdfast_pipeline::process::{Processor, QueueTerms};
use holdfast_pipeline::receive::Receiver;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use watch::{Violations, Watch};

/// When the world begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_780_286_655_123);

/// When a run of a function ends at the latest, after it began.
pub const FUNCTION_TIMEOUT: Span = Span::from_secs(60);

/// The world.
pub struct World<F> {
    /// What the stores and the queue really hold.
    pub memory: Arc<Memory>,
    /// The time.
    pub clock: Arc<SetClock>,
    /// The facts that were recorded.
    pub facts: Arc<KeptFacts>,
    /// What goes wrong, and what was called.
    pub faults: Arc<Faults>,
    /// What destinations and handlers do, and did.
    pub runs: Arc<Runs>,
    ports: Arc<TestPorts>,
    listing: Listing,
    configuration: Arc<Configuration>,
    receiver: Arc<Receiver<TestPorts>>,
    processor: Arc<TestProcessor>,
    watch: Arc<Watch>,
    violations: Arc<Violations>,
    /// What was answered with a 2xx.
    accepted: Vec<Webhook>,
    posts: usize,
    crashes: usize,
    failures: usize,
    losses: usize,
    orders: usize,
    sweeps: usize,
    functions: PhantomData<F>,
}

impl<F: Functions> World<F> {
    /// An empty world.
    pub fn new() -> Self {
        Self::of(settings::configuration())
    }

    /// An empty world of other sources, all with the one secret.
    pub fn of(configuration: Configuration) -> Self {
        let clock = Arc::new(SetClock::at(BEGIN));
        let facts = Arc::new(KeptFacts::default());
        let random = Box::new(SeededRandom::new(7));
        let memory =
            Arc::new(Memory::new(clock.clone(), random, facts.clone(), QueueSettings::default()));
        settings::secrets(&memory, &configuration);
        let faults = Arc::new(Faults::default());
        let violations = Arc::new(Violations::default());
        let watch = Arc::new(Watch::new(&memory, &violations));
        let observer = (watch.clone(), clock.clone());
        faults.observe(move |call| {
            let (watch, clock) = &observer;
            watch.after(call, clock.now());
            // A call takes a moment.
            clock.advance(Span::from_millis(1));
        });
        let passing = clock.clone();
        faults.pass_time_by(move |time| passing.advance(time));
        let runs = Arc::new(Runs::new(&memory, &clock, &faults, &violations));
        let ports = Arc::new(Faulty::new(&memory, &faults));
        let listing = Listing::new(&faults);
        let configuration = Arc::new(configuration);
        let receiver = Arc::new(Receiver::new(ports.clone(), configuration.clone()));
        let processor = new_processor(&ports, &runs, &configuration);
        Self {
            memory,
            clock,
            facts,
            faults,
            runs,
            ports,
            listing,
            configuration,
            receiver,
            processor,
            watch,
            violations,
            accepted: Vec::new(),
            posts: 0,
            crashes: 0,
            failures: 0,
            losses: 0,
            orders: 0,
            sweeps: 0,
            functions: PhantomData,
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The record of an event of a source, by its event key.
    ///
    /// # Panics
    /// When there is none.
    pub fn record(&self, source: &str, key: &str) -> Record {
        let found = self.find(&RecordKey::parse(&format!("E#{source}#{key}")).expect("a key"));
        found.unwrap_or_else(|| panic!("there is no record of {source} {key}"))
    }

    /// The record of a key, if there is one.
    pub fn find(&self, key: &RecordKey) -> Option<Record> {
        self.memory.events.all().into_iter().find(|record| record.key() == key)
    }

    /// What it is set to.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// How many sweeps were run.
    pub fn sweeps(&self) -> usize {
        self.sweeps
    }

    /// The messages in the queue are lost, those in the dead-letter queue too.
    pub fn lose_tickets(&mut self) {
        self.losses += 1;
        self.memory.queue.lose_all();
    }

    /// The ticket of a record comes twice.
    pub async fn double_tickets(&self, key: &RecordKey) {
        if let Some(record) = self.find(key) {
            let ticket = Ticket::new(&record.event, self.now());
            self.memory.queue.send(&ticket).await.expect("memory answers");
        }
    }

    /// The body of a record is lost.
    pub fn lose_body(&mut self, key: &RecordKey) {
        self.losses += 1;
        if let Some(record) = self.find(key) {
            self.memory.bodies.lose(&record.event.body.key);
        }
    }

    /// A document holds what nobody can read.
    pub async fn spoil_document(&self, name: &str) {
        let documents = &self.memory.documents;
        let revision = documents.load(name).await.expect("memory answers").revision;
        assert!(documents.save(name, "not JSON", revision).await.expect("memory answers"));
    }

    /// Whether a document was ever saved.
    ///
    /// # Panics
    /// Never: memory answers.
    pub async fn knows_document(&self, name: &str) -> bool {
        self.memory.documents.load(name).await.expect("memory answers").revision > 0
    }

    /// Whatever has expired by now is gone.
    pub fn expire(&self) {
        self.memory.bodies.expire(self.now());
        self.memory.events.expire(self.now());
        self.memory.documents.expire(self.now());
    }

    /// Starts all functions anew: their caches are empty.
    pub fn restart(&mut self) {
        let receiver = Receiver::new(self.ports.clone(), self.configuration.clone());
        self.receiver = Arc::new(receiver);
        self.processor = new_processor(&self.ports, &self.runs, &self.configuration);
    }

    /// What went wrong in ways that are allowed to cost an attempt or a ticket.
    fn disturbances(&self) -> usize {
        self.crashes + self.failures + self.losses + self.faults.noticed()
    }

    /// Runs a process to its end, or to its crash (`None`): then everything that it was doing is
    /// dropped where it stands, and the next one starts anew.
    async fn run<T>(&mut self, process: impl Future<Output = T>) -> Option<T> {
        let ended = tokio::select! {
            biased;
            () = self.faults.crashed() => None,
            ended = process => Some(ended),
        };
        if ended.is_none() {
            settle_dropped_tasks().await;
            self.crashes += 1;
            self.faults.restart();
            self.restart();
        }
        ended
    }
}

impl<F: Functions> Default for World<F> {
    fn default() -> Self {
        Self::new()
    }
}

/// Tasks of a dropped process are dropped when the runtime comes to them next.
async fn settle_dropped_tasks() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

fn new_processor(
    ports: &Arc<TestPorts>,
    runs: &Arc<Runs>,
    configuration: &Arc<Configuration>,
) -> Arc<TestProcessor> {
    let queue = QueueSettings::default();
    Arc::new(Processor::new(
        ports.clone(),
        runs.clone(),
        configuration.clone(),
        settings::handlers(runs),
        QueueTerms { visibility: queue.visibility, max_receives: queue.max_receives },
    ))
}
