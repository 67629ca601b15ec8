//! A batch: what stays in the queue, and that no message takes another with it.

use super::stores::{Stores, in_time};
use holdfast_domain::configuration::{Configuration, Destination};
use holdfast_domain::identity::{EventKey, Kind};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::{Record, RecordKey, State};
use holdfast_domain::source::SourceName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::Span;
use holdfast_pipeline::batch::process_batch;
use holdfast_pipeline::deliver::{Deliver, Delivery};
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::handlers::Handlers;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::process::{Message, Processor, QueueTerms};
use holdfast_pipeline::target::{Route, Routing};
use holdfast_testkit::builders::{NOW, source, stranded};
use std::sync::{Arc, Mutex};

/// Does what the event's key says, and remembers in which order.
#[derive(Default)]
struct Obedient(Mutex<Vec<String>>);

impl Deliver for Obedient {
    type Destination = Destination;

    async fn deliver(&self, _to: &Self::Destination, delivery: &Delivery) -> Outcome {
        let key = delivery.record.key().event_key().to_owned();
        self.0.lock().expect("unpoisoned").push(key.clone());
        match key.as_str() {
            "panics" => panic!("a bug of a destination"),
            "fails" => {
                Outcome::Retry { failure: Failure::new(Class::Connect, "refused"), after: None }
            }
            _ => Outcome::done(Ending::Delivered),
        }
    }
}

/// The configuration's, with a bug for one source.
struct Routes(Arc<Configuration>);

impl Routing for Routes {
    type Destination = Destination;

    fn find(&self, source: &SourceName, kind: &Kind) -> Option<Route<'_, Destination>> {
        assert_ne!(source.as_str(), "strict", "a bug of ours");
        self.0.find(source, kind)
    }

    fn dedupe_window(&self, source: &SourceName) -> Span {
        self.0.dedupe_window(source)
    }
}

struct Bench {
    stores: Stores,
    obedient: Arc<Obedient>,
    processor: Arc<Processor<Memory, Obedient, Routes>>,
}

fn bench() -> Bench {
    let (stores, obedient) = (Stores::new(), Arc::new(Obedient::default()));
    let terms = QueueTerms { visibility: Span::from_secs(361), max_receives: 25 };
    // Memory answers at once, so that each message is done before the next begins.
    let (ports, routes) = (stores.memory.clone(), Routes(stores.configuration.clone()));
    let processor = Processor::new(ports, obedient.clone(), routes, Handlers::none(), terms);
    Bench { stores, obedient, processor: Arc::new(processor) }
}

impl Bench {
    async fn stored(&self, name: &str) -> Record {
        let of = if name == "bug" { "strict" } else { "stripe" };
        let key = RecordKey::event(&source(of), &EventKey::new(name));
        let record = stranded(&key);
        self.stores.store(record.clone()).await;
        record
    }

    /// A message whose id is the event's, received so often.
    async fn message(&self, name: &str, receives: u32) -> Message {
        let record = self.stored(name).await;
        self.stores.memory.queue.put(&Ticket::new(&record.event, NOW).to_message());
        let received = self.stores.memory.queue.receive().pop().expect("a message");
        Message {
            id: name.to_owned(),
            receipt: received.id,
            body: received.body,
            queued_at: received.sent_at,
            receives,
        }
    }
}

#[tokio::test]
async fn one_that_fails_or_panics_stays_and_the_others_do_not() {
    let bench = bench();
    let mut messages = Vec::new();
    for name in ["first", "fails", "panics", "bug", "last"] {
        messages.push(bench.message(name, 1).await);
    }
    let mut kept = process_batch(&bench.processor, messages, in_time()).await;
    kept.sort();
    assert_eq!(kept, ["bug", "fails", "panics"]);
    for name in ["first", "last"] {
        let key = RecordKey::event(&source("stripe"), &EventKey::new(name));
        assert_eq!(bench.stores.record(&key).state, State::Processed, "{name}");
    }
    let facts = bench.stores.facts.take();
    let told = facts.iter().filter(|fact| matches!(fact, Fact::TaskPanicked { .. }));
    let expected = Fact::TaskPanicked { message: "bug".to_owned() };
    assert_eq!(told.collect::<Vec<_>>(), [&expected], "a destination's is an attempt that failed");
}

#[tokio::test]
async fn what_was_received_least_often_begins_first() {
    let bench = bench();
    let mut messages = Vec::new();
    for (name, receives) in [("often", 9), ("never", 1), ("once", 2)] {
        messages.push(bench.message(name, receives).await);
    }
    assert!(process_batch(&bench.processor, messages, in_time()).await.is_empty());
    let order = std::mem::take(&mut *bench.obedient.0.lock().expect("unpoisoned"));
    assert_eq!(order, ["never", "once", "often"]);
}

/// Bodies are nobody's business but the destination's.
#[tokio::test]
async fn a_delivery_shows_its_key_and_no_content() {
    let record = Arc::new(bench().stored("evt_1").await);
    let delivery = Delivery {
        record: record.clone(),
        body: bytes::Bytes::from_static(b"{\"card\":\"4242\"}"),
        idempotency_key: "one".to_owned(),
        now: NOW,
        deadline: in_time(),
    };
    assert_eq!(format!("{delivery:?}"), format!("Delivery({}, 15 bytes)", record.key()));
}
