//! Pages of a provider that a signed request leads to: its keys, and a confirmation that it wants
//! visited. Which addresses may be visited is the domain's: they are checked before they come here.
//!
//! Owns what is remembered of key pages. A page is believed for an hour, and for a day while it cannot
//! be had anew; an address without a page is not asked for again within a minute, so that strangers'
//! requests do not become load on the provider.

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
/// Strangers who name many addresses use up what a process may look for, and hosts have bad hours: that
/// must not stop requests whose key is known.
const KEPT_FOR: Span = Span::from_days(1);
const ABSENT_FOR: Span = Span::from_mins(1);

/// A newly published key has to be seen soon, and strangers must not make it be looked for often.
const AGAIN_AT_MOST_EVERY: Span = Span::from_mins(1);

/// More addresses than providers use at a time. Strangers can name as many as they like below a
/// provider's host: what is remembered of those without a page never pushes out a page.
const MOST_ADDRESSES: usize = 64;

/// How many pages a process looks for in a minute: a few more than providers have certificates.
const MOST_A_MINUTE: u32 = 30;

/// What is remembered of the addresses of keys.
#[derive(Default)]
pub(crate) struct KeyPages(Mutex<State>);

#[derive(Default)]
struct State {
    pages: HashMap<String, Seen>,
    absent: HashMap<String, Timestamp>,
    minute: Timestamp,
    looked: u32,
}

#[derive(Clone)]
struct Seen {
    at: Timestamp,
    page: Bytes,
}

impl KeyPages {
    /// The page at an address; `None` if its host says that there is none.
    pub(crate) async fn get(
        &self,
        web: &dyn Web,
        url: &str,
        now: Timestamp,
    ) -> Result<Option<KeyPage>> {
        let text = match self.known(url, now) {
            Some(known) => known,
            None => match self.fetch(web, url, now).await {
                Ok(fetched) => fetched,
                Err(error) => Some(self.kept(url, now).ok_or(error)?),
            },
        };
        Ok(text.map(|text| KeyPage { url: url.to_owned(), text }))
    }

    /// The page as it is now, if it was not looked at within the last minute and says something else.
    pub(crate) async fn get_newer(
        &self,
        web: &dyn Web,
        known: &KeyPage,
        now: Timestamp,
    ) -> Option<KeyPage> {
        let seen_at = self.lock().pages.get(&known.url)?.at;
        if now.since(seen_at) < AGAIN_AT_MOST_EVERY {
            return None;
        }
        let text = self.fetch(web, &known.url, now).await.ok().flatten()?;
        (text != known.text).then(|| KeyPage { url: known.url.clone(), text })
    }

    async fn fetch(&self, web: &dyn Web, url: &str, now: Timestamp) -> Result<Option<Bytes>> {
        self.count(now)?;
        match web.get(url).await? {
            Visit::Page(page) => {
                let seen = Seen { at: now, page: page.clone() };
                let mut state = self.lock();
                make_room(&mut state.pages);
                state.pages.insert(url.to_owned(), seen);
                Ok(Some(page))
            }
            Visit::None(_) => {
                let mut state = self.lock();
                make_room(&mut state.absent);
                state.absent.insert(url.to_owned(), now);
                Ok(None)
            }
        }
    }

    /// Strangers must not make this a source of load for the provider.
    fn count(&self, now: Timestamp) -> Result<()> {
        let mut state = self.lock();
        if now.since(state.minute) >= Span::from_mins(1) {
            (state.minute, state.looked) = (now, 0);
        }
        if state.looked >= MOST_A_MINUTE {
            return Err(Error::new("visit a page", "too many were asked for within a minute"));
        }
        state.looked = state.looked.saturating_add(1);
        Ok(())
    }

    /// What is known of an address and still believed: a page, or that there is none.
    fn known(&self, url: &str, now: Timestamp) -> Option<Option<Bytes>> {
        let state = self.lock();
        let page = state.pages.get(url).filter(|seen| now.since(seen.at) < BELIEVED_FOR);
        if let Some(seen) = page {
            return Some(Some(seen.page.clone()));
        }
        let absent = state.absent.get(url).filter(|at| now.since(**at) < ABSENT_FOR);
        absent.map(|_| None)
    }

    /// The page as it last was, if that is not too long ago.
    fn kept(&self, url: &str, now: Timestamp) -> Option<Bytes> {
        let state = self.lock();
        let seen = state.pages.get(url).filter(|seen| now.since(seen.at) < KEPT_FOR)?;
        Some(seen.page.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room<T>(addresses: &mut HashMap<String, T>) {
    if addresses.len() >= MOST_ADDRESSES {
        addresses.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryWeb;

    const URL: &str = "https://keys.example.com/a.pem";
    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn after(secs: u64) -> Timestamp {
        START.plus(Span::from_secs(secs))
    }

    #[tokio::test]
    async fn a_page_is_fetched_once_an_hour() {
        let (web, pages) = (MemoryWeb::default(), KeyPages::default());
        web.put(URL, "one");
        for secs in [0, 1, 3599] {
            let page = pages.get(&web, URL, after(secs)).await.unwrap().unwrap();
            assert_eq!((page.url.as_str(), &page.text[..]), (URL, &b"one"[..]));
        }
        assert_eq!(web.visited().len(), 1);
        web.put(URL, "two");
        let page = pages.get(&web, URL, after(3600)).await.unwrap().unwrap();
        assert_eq!(page.text, "two");
    }

    #[tokio::test]
    async fn an_address_without_a_page_is_not_asked_for_at_once_again() {
        let (web, pages) = (MemoryWeb::default(), KeyPages::default());
        for secs in [0, 59] {
            assert_eq!(pages.get(&web, URL, after(secs)).await.unwrap(), None);
        }
        assert_eq!(web.visited().len(), 1);
        web.put(URL, "one");
        assert!(pages.get(&web, URL, after(60)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered_as_an_answer() {
        let (web, pages) = (MemoryWeb::default(), KeyPages::default());
        web.put(URL, "one");
        web.set_unreachable(true);
        assert!(pages.get(&web, URL, START).await.is_err());
        web.set_unreachable(false);
        assert!(pages.get(&web, URL, START).await.unwrap().is_some());
        assert!(pages.get(&NoWeb, "https://other.example.com/", START).await.is_err());
    }

    #[tokio::test]
    async fn a_known_page_outlives_a_bad_hour_and_strangers() {
        let (web, pages) = (MemoryWeb::default(), KeyPages::default());
        web.put(URL, "one");
        pages.get(&web, URL, START).await.unwrap();
        for number in 0..MOST_A_MINUTE {
            pages.get(&web, &format!("{URL}{number}"), after(3600)).await.unwrap();
        }
        assert_eq!(pages.get(&web, URL, after(3601)).await.unwrap().unwrap().text, "one");
        web.set_unreachable(true);
        assert_eq!(pages.get(&web, URL, after(86_399)).await.unwrap().unwrap().text, "one");
        assert!(pages.get(&web, URL, after(86_400)).await.is_err(), "too long ago");
    }

    #[tokio::test]
    async fn new_keys_are_looked_for_once_a_minute_at_most() {
        let (web, pages) = (MemoryWeb::default(), KeyPages::default());
        web.put(URL, "one");
        let known = pages.get(&web, URL, START).await.unwrap().unwrap();
        web.put(URL, "two");
        assert_eq!(pages.get_newer(&web, &known, after(59)).await, None);
        let newer = pages.get_newer(&web, &known, after(60)).await.unwrap();
        assert_eq!(newer.text, "two");
        assert_eq!(pages.get_newer(&web, &newer, after(119)).await, None, "too early again");
        assert_eq!(pages.get_newer(&web, &newer, after(120)).await, None, "nothing new");
        assert_eq!(web.visited().len(), 3);
    }

    #[tokio::test]
    async fn strangers_addresses_are_neither_load_nor_memory_nor_a_loss() {
        let (web, pages) = (MemoryWeb::default(), KeyPages::default());
        web.put(URL, "one");
        pages.get(&web, URL, START).await.unwrap();
        let mut refused = 0;
        for number in 0..1000 {
            let page = pages.get(&web, &format!("{URL}{number}"), after(1)).await;
            refused += u32::from(page.is_err());
        }
        assert_eq!(refused, 1000 + 1 - MOST_A_MINUTE);
        assert!(pages.lock().absent.len() <= MOST_ADDRESSES);
        assert!(pages.get(&web, URL, after(2)).await.unwrap().is_some(), "still known");
        assert!(pages.get(&web, "https://a.example.com/", after(60)).await.is_ok());
    }
}
