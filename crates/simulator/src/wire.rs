//! The ports of one process: every call goes over the wire, and comes to the adapters in memory.

use crate::calls::Deed;
use crate::process::Process;
use crate::tally;
use crate::world::World;
use bytes::Bytes;
use futures_util::FutureExt;
use holdfast_domain::effect::Effect;
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::poll::ApiRequest;
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef, Record, RecordKey, Room};
use holdfast_domain::secret::Secret;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::{Fact, Facts};
use holdfast_pipeline::poll::{ApiAnswer, ProviderApi};
use holdfast_pipeline::ports::{
    BodyStore, Clock, Completed, Created, Cursor, Document, DocumentStore, Error, EventStore, Page,
    Ports, Random, Result, SecretStore, TicketHider, TicketSender,
};
use holdfast_testkit::faults::Operation;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

/// A ticket is hidden no longer than this: what waits longer waits in the table. Clocks differ.
const LONGEST_HIDE: Span = Span::from_secs(15 * 60 + 2);

/// What a process has of the world.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) world: Arc<World>,
    pub(crate) process: Arc<Process>,
}

impl Wire {
    async fn call<T: Send + 'static>(
        &self,
        operation: Operation,
        subject: impl Into<String>,
        effect: impl Fn(&Arc<World>, &Deed) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        self.world.call(&self.process, operation, subject.into(), effect).await?
    }
}

/// What an adapter in memory answers: at once.
fn at_once<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    answer.now_or_never().unwrap_or_else(|| Err(Error::new("hear from memory", "it waits")))
}

impl EventStore for Wire {
    async fn create(&self, record: &Record) -> Result<Created> {
        let record = record.clone();
        self.call(Operation::CreateRecord, record.key().as_str().to_owned(), move |world, deed| {
            world.change(deed, record.key(), || at_once(world.events.create(&record)))
        })
        .await
    }

    async fn update(&self, update: &Update) -> Result<Updated> {
        let (operation, update) = (Operation::Update(update.transition()), update.clone());
        self.call(operation, update.key().as_str().to_owned(), move |world, deed| {
            world.change(deed, update.key(), || at_once(world.events.update(&update)))
        })
        .await
    }

    async fn complete(&self, update: &Update, effect: &Effect, once: &str) -> Result<Completed> {
        let (update, effect, once) = (update.clone(), effect.clone(), once.to_owned());
        let subject = update.key().to_string();
        self.call(Operation::CompleteWithEffect, subject, move |world, deed| {
            world.change(deed, update.key(), || {
                at_once(world.events.complete(&update, &effect, &once))
            })
        })
        .await
    }

    async fn read(&self, key: &RecordKey) -> Result<Option<Record>> {
        let key = key.clone();
        self.call(Operation::ReadRecord, key.to_string(), move |world, _| Ok(world.find(&key)))
            .await
    }

    async fn page(
        &self,
        room: Room,
        shard: u8,
        up_to: Timestamp,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page> {
        let after = after.cloned();
        self.call(Operation::ReadIndex, room.as_str(), move |world, _| {
            let page = world.index().page(room, shard, up_to, after.as_ref(), limit);
            world.saw(room, &page);
            Ok(page)
        })
        .await
    }
}

impl DocumentStore for Wire {
    async fn load(&self, name: &str) -> Result<Document> {
        let name = name.to_owned();
        self.call(Operation::LoadDocument, name.clone(), move |world, _| {
            at_once(world.documents.load(&name))
        })
        .await
    }

    async fn save(&self, name: &str, json: &str, seen_revision: u64) -> Result<bool> {
        let (name, json) = (name.to_owned(), json.to_owned());
        self.call(Operation::SaveDocument, name.clone(), move |world, _| {
            at_once(world.documents.save(&name, &json, seen_revision))
        })
        .await
    }

    async fn save_until(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        let (name, json) = (name.to_owned(), json.to_owned());
        self.call(Operation::SaveDocument, name.clone(), move |world, _| {
            at_once(world.documents.save_until(&name, &json, seen_revision, kept_until))
        })
        .await
    }
}

impl BodyStore for Wire {
    async fn write(&self, key: &BodyKey, body: &Bytes, kept_until: Timestamp) -> Result<BodyPlace> {
        let (key, body) = (key.clone(), body.clone());
        self.call(Operation::WriteBody, key.as_str().to_owned(), move |world, _| {
            at_once(world.bodies.write(&key, &body, kept_until))
        })
        .await
    }

    async fn read(&self, body: &BodyRef) -> Result<Option<Bytes>> {
        let body = body.clone();
        self.call(Operation::ReadBody, body.key.as_str().to_owned(), move |world, _| {
            at_once(world.bodies.read(&body))
        })
        .await
    }

    async fn renew(&self, body: &BodyRef, kept_until: Timestamp) -> Result<bool> {
        let body = body.clone();
        self.call(Operation::RenewBody, body.key.as_str().to_owned(), move |world, _| {
            at_once(world.bodies.renew(&body, kept_until))
        })
        .await
    }
}

impl TicketSender for Wire {
    async fn send(&self, ticket: &Ticket) -> Result<()> {
        // That it was tried is all that can be asked of a process.
        self.world.watch.sends(self.process.id, &ticket.key);
        let ticket = ticket.clone();
        self.call(Operation::SendTicket, ticket.key.as_str().to_owned(), move |world, _| {
            world.queue().put(ticket.clone(), world.now());
            world.counts.one("sent_tickets");
            world.stir_queue(world.dice.millis(5, 700));
            Ok(())
        })
        .await
    }

    /// About as many: the queue counts now and then, and not everywhere.
    async fn visible(&self) -> Result<u64> {
        self.call(Operation::CountTickets, "queue", |world, _| {
            let visible = world.queue().visible(world.now());
            let off = if world.is_calm() { 0 } else { world.dice.below(visible / 2 + 2) };
            Ok(if world.dice.percent(50) { visible + off } else { visible.saturating_sub(off) })
        })
        .await
    }
}

impl TicketHider for Wire {
    async fn hide(&self, receipt: &str, wait: Span) -> Result<()> {
        let receipt = receipt.to_owned();
        let in_reason = wait <= LONGEST_HIDE || self.world.profile.wild;
        self.world.unless(in_reason, || format!("a ticket is hidden for {} s", wait.secs_up()));
        self.call(Operation::HideTicket, receipt.clone(), move |world, _| {
            let until = world.now().plus(wait);
            if !world.queue().hide(&receipt, until) {
                return Err(Error::new("hide the ticket", "no such message"));
            }
            world.stir_queue(wait.plus(world.dice.millis(1, 500)));
            Ok(())
        })
        .await
    }
}

impl SecretStore for Wire {
    async fn load(&self) -> Result<HashMap<String, Vec<Secret>>> {
        self.call(Operation::LoadSecrets, "secret", |world, _| at_once(world.secrets.load())).await
    }
}

impl ProviderApi for Wire {
    async fn get(&self, request: &ApiRequest, _key: &Secret) -> Result<ApiAnswer> {
        let url = request.url.clone();
        self.call(Operation::AskProvider, url.clone(), move |world, _| Ok(world.listed(&url))).await
    }
}

impl Clock for Wire {
    fn now(&self) -> Timestamp {
        self.process.now(self.world.now())
    }
}

impl Random for Wire {
    fn bytes(&self) -> [u8; 16] {
        self.process.random.bytes()
    }
}

impl Facts for Wire {
    fn record(&self, fact: Fact) {
        self.world.note((fact.message(), self.process.id), || {
            let said: Vec<String> =
                fact.fields().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            let about = fact.key().map_or("", RecordKey::as_str);
            format!("{}   {} {about} {}", self.process.id, fact.message(), said.join(" "))
        });
        tally::count(&self.world.counts, &fact);
    }
}

impl Ports for Wire {
    type Events = Self;
    type Documents = Self;
    type Bodies = Self;
    type Tickets = Self;
    type Secrets = Self;

    fn events(&self) -> &Self {
        self
    }

    fn documents(&self) -> &Self {
        self
    }

    fn bodies(&self) -> &Self {
        self
    }

    fn tickets(&self) -> &Self {
        self
    }

    fn secrets(&self) -> &Self {
        self
    }

    fn clock(&self) -> &dyn Clock {
        self
    }

    fn random(&self) -> &dyn Random {
        self
    }

    fn facts(&self) -> &dyn Facts {
        self
    }
}
