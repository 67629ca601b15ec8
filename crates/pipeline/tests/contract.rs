//! Every port's contract suite on the in-memory adapters.

use holdfast_domain::effect::Item;
use holdfast_domain::record::Room;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::memory::{
    MemoryBodies, MemoryDocuments, MemoryEvents, MemoryQueue, MemorySecrets, QueueSettings,
    SetClock,
};
use holdfast_pipeline::ports::EventStore;
use holdfast_testkit::builders::{NOW, dead, processed, stranded, unique_key};
use holdfast_testkit::contract::events::EffectReader;
use holdfast_testkit::contract::tickets::{Message, TicketReader};
use holdfast_testkit::contract::{self, TimeToLive};
use std::sync::Arc;

#[tokio::test]
async fn events() {
    contract::events::events(&MemoryEvents::default()).await;
}

#[tokio::test]
async fn completions() {
    let store = MemoryEvents::default();
    contract::events::completions(&store, &Tables(&store)).await;
}

#[tokio::test]
async fn documents() {
    let store = MemoryDocuments::default();
    contract::documents::documents(&store, &Expiry(|now| store.expire(now))).await;
}

#[tokio::test]
async fn bodies() {
    let store = MemoryBodies::default();
    contract::bodies::bodies(&store, &Expiry(|now| store.expire(now))).await;
}

#[tokio::test]
async fn tickets() {
    let clock = Arc::new(SetClock::at(NOW));
    let settings = QueueSettings { visibility: Span::from_secs(1), ..QueueSettings::default() };
    let queue = MemoryQueue::new(clock.clone(), settings);
    contract::tickets::tickets(&queue, &Reader { queue: &queue, clock }).await;
}

#[tokio::test]
async fn secrets() {
    let store = MemorySecrets::default();
    for (name, values) in contract::secrets::PREPARED {
        store.set(name, values);
    }
    contract::secrets::secrets(&store).await;
}

/// As TTL forgets it in a table.
#[tokio::test]
async fn records_are_forgotten_when_they_are_processed_and_their_time_is_over() {
    let store = MemoryEvents::default();
    let (done, kept) = (processed(&unique_key()), dead(&unique_key()));
    for record in [&done, &kept] {
        store.create(record).await.expect("memory answers");
    }
    let until = done.processed.expect("it is processed").expires_at;
    store.expire(until.minus(Span::from_millis(1)));
    assert_eq!(store.all().len(), 2);
    store.expire(until);
    assert_eq!(store.all(), [kept]);
}

/// A table may say that there is more where there is not; memory knows.
#[tokio::test]
async fn a_page_that_holds_all_says_so() {
    let store = MemoryEvents::default();
    let record = stranded(&unique_key());
    store.create(&record).await.expect("memory answers");
    let shard = record.key().shard();
    let page = store.page(Room::Open, shard, NOW, None, 1).await.expect("memory answers");
    assert_eq!((page.entries.len(), page.more), (1, false));
}

struct Expiry<F>(F);

impl<F: Fn(Timestamp)> TimeToLive for Expiry<F> {
    async fn expire(&self, now: Timestamp) {
        (self.0)(now);
    }
}

struct Tables<'a>(&'a MemoryEvents);

impl EffectReader for Tables<'_> {
    fn table(&self) -> &str {
        "handler"
    }

    async fn item(&self, pk: &str) -> Option<Item> {
        self.0.item(self.table(), pk)
    }
}

struct Reader<'a> {
    queue: &'a MemoryQueue,
    clock: Arc<SetClock>,
}

impl TicketReader for Reader<'_> {
    async fn receive(&self) -> Vec<Message> {
        self.clock.advance(Span::from_secs(1));
        let message = |received: holdfast_pipeline::memory::Received| Message {
            receipt: received.id,
            text: received.body,
        };
        self.queue.receive().into_iter().map(message).collect()
    }

    async fn delete(&self, receipt: &str) {
        self.queue.delete(receipt);
    }
}
