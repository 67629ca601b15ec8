//! Stores and a queue in memory, behind ports that can be made to fail.

use bytes::Bytes;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::identity::EventKey;
use holdfast_domain::record::{BodyRef, Place, Record, RecordKey, Room};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::{Fact, KeptFacts};
use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::ports::{BodyStore, EventStore};
use holdfast_providers::Definitions;
use holdfast_testkit::builders::{NOW, source};
use holdfast_testkit::faults::{Faults, Faulty};
use std::sync::Arc;

/// Bodies of the samples.
pub(crate) const BODY: &[u8] = b"{}";

pub(crate) struct Stores {
    pub(crate) memory: Arc<Memory>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) facts: Arc<KeptFacts>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) ports: Arc<Faulty<Memory>>,
    pub(crate) configuration: Arc<Configuration>,
}

impl Stores {
    /// Everything is empty; it is [`NOW`].
    pub(crate) fn new() -> Self {
        let (clock, facts) = (Arc::new(SetClock::at(NOW)), Arc::new(KeptFacts::default()));
        let (random, queue) = (Box::new(SeededRandom::new(7)), QueueSettings::default());
        let memory = Arc::new(Memory::new(clock.clone(), random, facts.clone(), queue));
        let faults = Arc::new(Faults::default());
        let ports = Arc::new(Faulty::new(&memory, &faults));
        let configuration = Arc::new(configuration());
        Self { memory, clock, facts, faults, ports, configuration }
    }

    /// Stores a record as it is, and its body.
    pub(crate) async fn store(&self, record: Record) -> RecordKey {
        let (key, bytes) = (record.key().clone(), Bytes::from_static(BODY));
        let BodyRef { key: at, kept_until, .. } = &record.event.body;
        self.memory.bodies.write(at, &bytes, *kept_until).await.expect("memory answers");
        self.memory.events.create(&record).await.expect("memory answers");
        key
    }

    /// Stores so many records under keys of their own; the same keys in each of these worlds, so that
    /// what is called in one is called in the next.
    pub(crate) async fn store_many(&self, count: usize, sample: impl Fn(&RecordKey) -> Record) {
        for _ in 0..count {
            let number = self.memory.events.all().len();
            let key = RecordKey::event(&source("stripe"), &EventKey::new(format!("evt_{number}")));
            self.store(sample(&key)).await;
        }
    }

    pub(crate) fn record(&self, key: &RecordKey) -> Record {
        let found = self.memory.events.all().into_iter().find(|record| record.key() == key);
        found.unwrap_or_else(|| panic!("there is no {key}"))
    }

    /// Waits until the call that is to be held is.
    pub(crate) async fn until_held(&self) {
        for _ in 0..1000 {
            if self.faults.is_held() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("that call is never made");
    }

    /// The one fact that was recorded.
    pub(crate) fn fact(&self) -> Fact {
        match <[Fact; 1]>::try_from(self.facts.take()) {
            Ok([fact]) => fact,
            Err(facts) => panic!("one fact was expected: {facts:?}"),
        }
    }
}

/// A record that stands elsewhere in the index.
pub(crate) fn placed(record: Record, room: Room, index_at: Timestamp) -> Record {
    Record { place: Some(Place { room, index_at }), ..record }
}

/// A time by which nothing here is stopped.
pub(crate) fn in_time() -> Timestamp {
    NOW.plus(Span::from_mins(60 * 24 * 365))
}

fn configuration() -> Configuration {
    let text = r#"
[sources.stripe]
provider = "stripe"
dedupe_days = 45

[sources.strict]
provider = "stripe"
max_body_bytes = 200
unparsable = "reject"
on_send_failure = "refuse"

[sources.slack]
provider = "slack"

[[routes]]
from = "stripe"
kinds = ["invoice.*"]
to = "billing"

[destinations.billing]
kind = "http"
url = "https://billing.example.com/webhooks"
retry = { attempts = 3, first = "10s", factor = 3, cap = "6h" }
"#;
    Configuration::read(text, &Definitions).unwrap_or_else(|problems| panic!("{problems}"))
}
