//! The stores on memory, a clock, and one source to poll.

use super::provider::{FakeProvider, Habits, body};
use super::shaky::Shaky;
use crate::accept::{Accepted, Arrival, Rules, accept};
use crate::facts::{Fact, KeptFacts};
use crate::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use crate::poll::{Error, Report, poll};
use crate::ports::{Clock, DocumentStore, TicketSender};
use crate::secrets::SecretCache;
use bytes::Bytes;
use holdfast_domain::configuration::{Configuration, Source};
use holdfast_domain::poll::identify_listed;
use holdfast_domain::record::{Origin, Record};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_providers::Definitions;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const START: Timestamp = Timestamp::from_secs(1_780_286_400);

const CONFIGURATION: &str = r#"
[sources.stripe]
provider = "stripe"
[sources.stripe.reconcile]
every = "5m"
secret = "stripe_api_key"
"#;

const BY_CURSOR: &str = r#"
[providers.acme.scheme]
header = "S"
algorithm = "sha256"
encoding = "hex"
content = "{body}"
[providers.acme.event]
key = "/id"
[providers.acme.list]
base_url = "https://api.example.com"
path = "/events"
query = { "created[gte]" = "{start}", "created[lte]" = "{end}" }
auth = "bearer"
items = "/data"
id = "/id"
time = "/created"
paging = { kind = "cursor", param = "cursor", from = "/next" }
retention = "30d"
[sources.stripe]
provider = "acme"
"#;

pub(super) struct World {
    pub(super) clock: Arc<SetClock>,
    pub(super) ports: Shaky,
    pub(super) facts: Arc<KeptFacts>,
    pub(super) provider: FakeProvider,
    pub(super) configuration: Configuration,
    pub(super) secrets: SecretCache,
}

impl World {
    pub(super) fn new(seed: u64, page_size: usize, habits: Habits) -> Self {
        Self::configured(CONFIGURATION, seed, page_size, habits)
    }

    fn configured(configuration: &str, seed: u64, page_size: usize, habits: Habits) -> Self {
        let clock = Arc::new(SetClock::at(START));
        let facts = Arc::new(KeptFacts::default());
        let random = Box::new(SeededRandom::new(seed));
        let ports = Memory::new(clock.clone(), random, facts.clone(), QueueSettings::default());
        ports.secrets.set("stripe_api_key", &["sk_1"]);
        let ports = Shaky::new(ports);
        let configuration = Configuration::read(configuration, &Definitions).expect("valid");
        let provider = FakeProvider::new(clock.clone(), page_size, habits);
        let secrets = SecretCache::default();
        Self { clock, ports, facts, provider, configuration, secrets }
    }

    /// One that was polled before, so that what happens from now on is looked for.
    pub(super) async fn running(page_size: usize, habits: Habits) -> Self {
        Self::new(1, page_size, habits).after_a_first_poll().await
    }

    /// The same, with more lines in its configuration: of the source, and of how it is polled.
    pub(super) async fn running_with(source: &str, reconcile: &str) -> Self {
        let (head, tail) = CONFIGURATION
            .split_at(CONFIGURATION.find("[sources.stripe.reconcile]").expect("there"));
        let configuration = format!("{head}{source}\n{tail}{reconcile}\n");
        Self::configured(&configuration, 1, 100, Habits::default()).after_a_first_poll().await
    }

    /// The same, of a provider whose list goes on behind a cursor.
    pub(super) async fn running_by_cursor() -> Self {
        let (_, reconcile) = CONFIGURATION.split_once("provider = \"stripe\"\n").expect("there");
        let configuration = format!("{BY_CURSOR}{reconcile}");
        Self::configured(&configuration, 1, 100, Habits::default()).after_a_first_poll().await
    }

    async fn after_a_first_poll(self) -> Self {
        let world = self;
        world.poll().await.expect("a first poll");
        world.pass(Span::from_mins(5));
        world.facts.take();
        world
    }

    pub(super) fn source(&self) -> &Source {
        self.configuration.source("stripe").expect("configured")
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn pass(&self, span: Span) {
        self.clock.advance(span);
    }

    fn rules(&self) -> Rules {
        Rules { keep_body: self.configuration.body_kept(), replay_dead: false }
    }

    pub(super) async fn poll(&self) -> Result<Report, Error> {
        self.poll_for(Span::from_secs(50)).await
    }

    /// Polls, in a run that may take this long.
    pub(super) async fn poll_for(&self, span: Span) -> Result<Report, Error> {
        let deadline = self.now().plus(span);
        let (ports, api, source) = (&self.ports, &self.provider, self.source());
        poll(ports, api, source, self.rules().keep_body, &self.secrets, deadline).await
    }

    /// Something happens at the provider, is listed at once, and its webhook is lost.
    pub(super) fn miss(&self, id: &str) {
        self.provider.happen(id, self.now(), self.now());
    }

    /// The webhook of an event arrives.
    pub(super) async fn webhook(&self, id: &str, at: Timestamp) -> Accepted {
        let body = Bytes::from(body(id, at).replace('\n', ""));
        let identified = identify_listed(&self.source().provider, &body, self.now());
        let arrival = Arrival::listed(self.source(), identified, body);
        let arrival = Arrival { origin: Origin::Webhook, ..arrival };
        accept(&self.ports, &arrival, self.rules()).await.expect("accepted")
    }

    /// The stored records by their event keys.
    pub(super) fn stored(&self) -> BTreeMap<String, Record> {
        let records = self.ports.memory.events.all().into_iter();
        records.map(|record| (record.key().event_key().to_owned(), record)).collect()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.stored().into_keys().collect()
    }

    pub(super) async fn tickets(&self) -> u64 {
        self.ports.memory.queue.visible().await.expect("a count")
    }

    /// The watermark; the epoch before there is one.
    pub(super) async fn watermark(&self) -> Timestamp {
        let document = self.ports.documents.load("W#stripe").await.expect("loaded");
        let json: Option<serde_json::Value> = serde_json::from_str(&document.json).ok();
        let watermark = json.and_then(|json| json["watermark"].as_i64());
        Timestamp::from_millis(watermark.unwrap_or_default())
    }

    pub(super) fn failures(&self) -> Vec<String> {
        let facts = self.facts.take().into_iter();
        facts
            .filter_map(|fact| match fact {
                Fact::PollFailed { cause, .. } => Some(cause),
                _ => None,
            })
            .collect()
    }
}
