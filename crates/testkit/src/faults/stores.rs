use super::call::Operation;
use super::plan::Faults;
use bytes::Bytes;
use holdfast_domain::effect::Effect;
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef, Record, RecordKey, Room};
use holdfast_domain::secret::Secret;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::ports::{
    BodyStore, Completed, Created, Cursor, Document, DocumentStore, EventStore, Page, Ports,
    Result, SecretStore, TicketHider, TicketSender,
};
use std::collections::HashMap;
use std::sync::Arc;

macro_rules! wrappers {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        pub struct $name<P> {
            inner: Arc<P>,
            faults: Arc<Faults>,
        }

        impl<P> $name<P> {
            pub(super) fn new(inner: &Arc<P>, faults: &Arc<Faults>) -> Self {
                Self { inner: inner.clone(), faults: faults.clone() }
            }
        }
    )*};
}

wrappers! {
    /// Records whose calls are numbered and can fail.
    Events,
    /// Documents whose calls are numbered and can fail.
    Documents,
    /// Bodies whose calls are numbered and can fail.
    Bodies,
    /// A queue whose calls are numbered and can fail.
    Tickets,
    /// Secrets whose calls are numbered and can fail.
    Secrets
}

impl<P: Ports> EventStore for Events<P> {
    async fn create(&self, record: &Record) -> Result<Created> {
        let effect = || self.inner.events().create(record);
        self.faults.call(Operation::CreateRecord, record.key().to_string(), effect).await
    }

    async fn update(&self, update: &Update) -> Result<Updated> {
        let operation = Operation::Update(update.transition());
        let effect = || self.inner.events().update(update);
        self.faults.call(operation, update.key().to_string(), effect).await
    }

    async fn complete(&self, update: &Update, effect: &Effect, once: &str) -> Result<Completed> {
        let complete = || self.inner.events().complete(update, effect, once);
        let subject = update.key().to_string();
        self.faults.call(Operation::CompleteWithEffect, subject, complete).await
    }

    async fn read(&self, key: &RecordKey) -> Result<Option<Record>> {
        let effect = || self.inner.events().read(key);
        self.faults.call(Operation::ReadRecord, key.to_string(), effect).await
    }

    async fn page(
        &self,
        room: Room,
        shard: u8,
        up_to: Timestamp,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page> {
        let effect = || self.inner.events().page(room, shard, up_to, after, limit);
        self.faults.call(Operation::ReadIndex, room.shard(shard), effect).await
    }
}

impl<P: Ports> DocumentStore for Documents<P> {
    async fn load(&self, name: &str) -> Result<Document> {
        let effect = || self.inner.documents().load(name);
        self.faults.call(Operation::LoadDocument, name.to_owned(), effect).await
    }

    async fn save(&self, name: &str, json: &str, seen_revision: u64) -> Result<bool> {
        let effect = || self.inner.documents().save(name, json, seen_revision);
        self.faults.call(Operation::SaveDocument, name.to_owned(), effect).await
    }

    async fn save_until(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        let documents = self.inner.documents();
        let effect = || documents.save_until(name, json, seen_revision, kept_until);
        self.faults.call(Operation::SaveDocument, name.to_owned(), effect).await
    }
}

impl<P: Ports> BodyStore for Bodies<P> {
    async fn write(&self, key: &BodyKey, body: &Bytes, kept_until: Timestamp) -> Result<BodyPlace> {
        let effect = || self.inner.bodies().write(key, body, kept_until);
        self.faults.call(Operation::WriteBody, key.as_str().to_owned(), effect).await
    }

    async fn read(&self, body: &BodyRef) -> Result<Option<Bytes>> {
        let effect = || self.inner.bodies().read(body);
        self.faults.call(Operation::ReadBody, body.key.as_str().to_owned(), effect).await
    }

    async fn renew(&self, body: &BodyRef, kept_until: Timestamp) -> Result<bool> {
        let effect = || self.inner.bodies().renew(body, kept_until);
        self.faults.call(Operation::RenewBody, body.key.as_str().to_owned(), effect).await
    }
}

impl<P: Ports> TicketSender for Tickets<P> {
    async fn send(&self, ticket: &Ticket) -> Result<()> {
        let effect = || self.inner.tickets().send(ticket);
        self.faults.call(Operation::SendTicket, ticket.key.to_string(), effect).await
    }

    async fn visible(&self) -> Result<u64> {
        let effect = || self.inner.tickets().visible();
        self.faults.call(Operation::CountTickets, "the queue".to_owned(), effect).await
    }
}

impl<P: Ports> TicketHider for Tickets<P> {
    async fn hide(&self, receipt: &str, wait: Span) -> Result<()> {
        let effect = || self.inner.tickets().hide(receipt, wait);
        self.faults.call(Operation::HideTicket, receipt.to_owned(), effect).await
    }
}

impl<P: Ports> SecretStore for Secrets<P> {
    async fn load(&self) -> Result<HashMap<String, Vec<Secret>>> {
        let effect = || self.inner.secrets().load();
        self.faults.call(Operation::LoadSecrets, "the secret".to_owned(), effect).await
    }
}
