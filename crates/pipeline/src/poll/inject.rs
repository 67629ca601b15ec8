//! The events of one page: which are pending, which are known, and which were missed. A missed one
//! is accepted exactly as a webhook is.

use super::api::ProviderApi;
use super::error::Error;
use super::reading::Reading;
use super::state::Open;
use crate::accept::{Accepted, Arrival, accept};
use crate::facts::Fact;
use crate::ports::{EventStore, Ports};
use bytes::Bytes;
use futures_util::StreamExt;
use holdfast_domain::configuration::Source;
use holdfast_domain::identity::Identified;
use holdfast_domain::poll::{Age, HEADERS, Item, Window, identify_listed, is_wanted};
use holdfast_domain::record::{Origin, RecordKey};
use holdfast_domain::time::Timestamp;

/// How many events are worked on at once.
const AT_ONCE: usize = 16;

/// How many events were listed, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events that the provider listed.
    pub listed: u64,
    /// Events that were stored before.
    pub known: u64,
    /// Events that were not, and are now.
    pub missed: u64,
    /// Events so young that their webhook may still come.
    pub pending: u64,
    /// Events that are older than what was asked for, or not meant for the source; they are left alone.
    pub outside: u64,
    /// Events that nobody can tell from others, or whose time is unknown; they are left alone, and
    /// the run says so loudly.
    pub odd: u64,
}

/// What became of a listed event.
enum Seen {
    Outside,
    Pending(Timestamp),
    Odd,
    Known,
    Missed,
}

impl Tally {
    fn count(&mut self, seen: &Seen) {
        self.listed += 1;
        match seen {
            Seen::Outside => self.outside += 1,
            Seen::Pending(_) => self.pending += 1,
            Seen::Odd => self.odd += 1,
            Seen::Known => self.known += 1,
            Seen::Missed => self.missed += 1,
        }
    }
}

impl<P: Ports, A: ProviderApi> Reading<'_, P, A> {
    /// Sees to all items of a page; `false` if time ran out before. Then the page is read again:
    /// what was stored of it is known by then.
    pub(super) async fn see_to(
        &self,
        items: Vec<&Item<'_>>,
        open: &mut Open,
        tally: &mut Tally,
    ) -> Result<bool, Error> {
        let window = open.window;
        let mut left = items.len();
        let mut answers = futures_util::stream::iter(items)
            .map(|item| self.see(&window, item))
            .buffer_unordered(AT_ONCE);
        while let Some(answer) = answers.next().await {
            let seen = answer?;
            left = left.saturating_sub(1);
            tally.count(&seen);
            if let Seen::Pending(at) = seen {
                open.leave(at);
            }
            if left > 0 && self.is_out_of_time() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn see(&self, window: &Window, item: &Item<'_>) -> Result<Seen, Error> {
        let now = self.ports.now();
        match window.judge(self.reconcile, item.at, now) {
            Age::Outside => Ok(Seen::Outside),
            Age::Pending => Ok(Seen::Pending(item.at)),
            Age::Due => self.inject(item, now).await,
        }
    }

    /// Stores an event that is not there. To look first spares the writes, since nearly all are;
    /// what decides is still the conditional put.
    async fn inject(&self, item: &Item<'_>, now: Timestamp) -> Result<Seen, Error> {
        let body = Bytes::copy_from_slice(item.raw.as_bytes());
        let identified = identify_listed(&self.source.provider, &body, now);
        if !is_wanted(self.source, &body, &identified.kind) {
            return Ok(Seen::Outside);
        }
        if identified.is_keyed_by_body() {
            // Its key would not be its webhook's, perhaps not even the next poll's.
            return Ok(Seen::Odd);
        }
        let key = RecordKey::event(&self.source.name, &identified.key);
        if self.ports.events().read(&key).await?.is_some() {
            return Ok(Seen::Known);
        }
        let kind = identified.kind.as_str().to_owned();
        let arrival = Arrival::listed(self.source, identified, body);
        match accept(self.ports, &arrival, self.rules).await? {
            Accepted::New { key, .. } => {
                self.ports.facts().record(Fact::Missed { key, kind });
                Ok(Seen::Missed)
            }
            Accepted::Known { .. } => Ok(Seen::Known),
        }
    }
}

impl Arrival {
    /// An event that the provider's API listed. Nothing of it was signed: that it is real follows
    /// from who answered, over TLS, to whoever holds the API key.
    pub(super) fn listed(source: &Source, identified: Identified, body: Bytes) -> Self {
        Self {
            source: source.name.clone(),
            key: identified.key,
            kind: identified.kind,
            entity: identified.entity,
            version: identified.version,
            source_time: identified.source_time,
            headers: HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body,
            origin: Origin::Poll,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_counted_once_and_under_its_name() {
        let mut tally = Tally::default();
        let pending = Seen::Pending(Timestamp::EPOCH);
        for (seen, times) in
            [(Seen::Outside, 2), (pending, 3), (Seen::Odd, 4), (Seen::Known, 5), (Seen::Missed, 6)]
        {
            (0..times).for_each(|_| tally.count(&seen));
        }
        let wanted = Tally { listed: 20, known: 5, missed: 6, pending: 3, outside: 2, odd: 4 };
        assert_eq!(tally, wanted);
    }
}
