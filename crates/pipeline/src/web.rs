//! Pages of a provider that a signed request leads to: its keys, and a confirmation that it wants
//! visited. Which addresses may be visited is the domain's: they are checked before they come here.
//!
//! Owns what is remembered of key pages. A page is believed for an hour; an address without a page
//! is not asked for again within a minute, so that strangers' requests do not become load on the
//! provider.

use crate::ports::{Error, Result};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use holdfast_domain::signature::KeyPage;
use holdfast_domain::time::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What came of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visit {
    /// The page, answered with a 2xx.
    Page(Bytes),
    /// There is no such page: the host answered with this status.
    None(u16),
}

/// The web as far as the receiver may go: one GET over `https`, without redirects, with a short
/// time-out and at most 64 KiB of answer.
pub trait Web: Send + Sync {
    /// Visits a page.
    ///
    /// An error means that it could not be found out: no connection, no answer in time, a 5xx.
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Visit>>;
}

/// Nothing can be visited.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWeb;

impl Web for NoWeb {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Visit>> {
        Box::pin(async { Err(Error::new("visit a page", "nothing here can visit pages")) })
    }
}

const BELIEVED_FOR: Span = Span::from_mins(60);
const ABSENT_FOR: Span = Span::from_mins(1);

/// A newly published key has to be seen soon, and strangers must not make it be looked for often.
const AGAIN_AT_MOST_EVERY: Span = Span::from_mins(1);

/// More addresses than providers use at a time; when there are more, all are forgotten.
const MOST_ADDRESSES: usize = 64;

/// What is remembered of the addresses of keys.
#[derive(Default)]
pub(crate) struct KeyPages(Mutex<HashMap<String, Seen>>);

#[derive(Clone)]
struct Seen {
    at: Timestamp,
    page: Option<Bytes>,
}

impl KeyPages {
    /// The page at an address; `None` if its host says that there is none.
    pub(crate) async fn get(
        &self,
        web: &dyn Web,
        url: &str,
        now: Timestamp,
    ) -> Result<Option<KeyPage>> {
        let seen = self.seen(url);
        let fresh = seen.filter(|seen| {
            let limit = if seen.page.is_some() { BELIEVED_FOR } else { ABSENT_FOR };
            now.since(seen.at) < limit
        });
        let page = match fresh {
            Some(seen) => seen.page,
            None => self.fetch(web, url, now).await?,
        };
        Ok(page.map(|text| KeyPage { url: url.to_owned(), text }))
    }

    /// The page as it is now, if it was not looked at within the last minute and says something else.
    pub(crate) async fn get_newer(
        &self,
        web: &dyn Web,
        known: &KeyPage,
        now: Timestamp,
    ) -> Option<KeyPage> {
        let seen = self.seen(&known.url)?;
        if now.since(seen.at) < AGAIN_AT_MOST_EVERY {
            return None;
        }
        let text = self.fetch(web, &known.url, now).await.ok().flatten()?;
        (text != known.text).then(|| KeyPage { url: known.url.clone(), text })
    }

    async fn fetch(&self, web: &dyn Web, url: &str, now: Timestamp) -> Result<Option<Bytes>> {
        let page = match web.get(url).await? {
            Visit::Page(text) => Some(text),
            Visit::None(_) => None,
        };
        let mut known = self.lock();
        if known.len() >= MOST_ADDRESSES {
            known.clear();
        }
        known.insert(url.to_owned(), Seen { at: now, page: page.clone() });
        Ok(page)
    }

    fn seen(&self, url: &str) -> Option<Seen> {
        self.lock().get(url).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
