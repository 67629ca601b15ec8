//! What is remembered of the pages of providers' keys, and how often they are looked for.
//!
//! A page is believed for an hour, and for a day while it cannot be had anew: hosts have bad hours,
//! and answer then with anything. Only a page with a key on it takes the place of another. An address
//! without one is not asked again within seconds, so that strangers' requests do not become load on
//! the provider; its own retries come later.
//!
//! Strangers can name as many addresses below a provider's host as they like. What they use up is one
//! source's: the looks of a minute. Pages that proved a request, and those that a definition names,
//! are looked for beside that, and not forgotten for theirs.

use crate::ports::Error;
use crate::web::{Visit, Web};
use bytes::Bytes;
use holdfast_domain::signature::{KeyAddress, KeyPage};
use holdfast_domain::time::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

const BELIEVED_FOR: Span = Span::from_mins(60);
const KEPT_FOR: Span = Span::from_days(1);

/// Shorter than providers wait before they come again: some do so only a few times.
const ABSENT_FOR: Span = Span::from_secs(10);

/// So short that nobody who waits for it gives up, and so long that the requests of a host's bad moment
/// do not use up the looks of a minute.
const FAILED_FOR: Span = Span::from_secs(2);

/// A newly published key has to be seen soon, and strangers must not make it be looked for often.
const AGAIN_AT_MOST_EVERY: Span = Span::from_mins(1);

/// More addresses than providers use at a time.
const MOST_ADDRESSES: usize = 64;

/// How many pages are looked for in a minute for one source: a few more than a provider has
/// certificates.
const MOST_A_MINUTE: u32 = 30;

/// What is remembered of the addresses of keys.
#[derive(Default)]
pub(crate) struct KeyPages(Mutex<State>);

#[derive(Default)]
struct State {
    held: HashMap<String, Held>,
    absent: HashMap<String, Absent>,
    /// By source, or by address where a definition names it.
    looks: HashMap<String, Looks>,
}

/// An address at which there was no key.
struct Absent {
    until: Timestamp,
    /// Whether its host said that there is no such page.
    is_none: bool,
}

/// A page with a key on it.
struct Held {
    text: Bytes,
    /// When it was had.
    at: Timestamp,
    /// When it was last looked for: later than it was had, if that failed.
    looked: Timestamp,
    is_fixed: bool,
    has_proved: bool,
}

#[derive(Default)]
struct Looks {
    since: Timestamp,
    count: u32,
}

/// Why there is no key.
#[derive(Debug)]
pub(crate) enum Lack {
    /// It could not be found out whether there is one. A page without a key is no answer: hosts have
    /// bad moments in which they answer anything with a page.
    Unknown(Error),
    /// The request names a page that is not there, and was not within the last day. What the definition
    /// names is there, whatever its host says.
    NoKey,
}

impl From<Error> for Lack {
    fn from(error: Error) -> Self {
        Self::Unknown(error)
    }
}

impl KeyPages {
    /// The page at an address, with a key on it.
    ///
    /// # Errors
    /// When it could not be had, now or within the last day: whatever the host answers.
    pub(crate) async fn get(
        &self,
        web: &dyn Web,
        source: &str,
        address: &KeyAddress,
        now: Timestamp,
    ) -> Result<KeyPage, Lack> {
        let known = self.lock().known(address, now);
        let text = match known {
            Some(known) => known?,
            None => match self.fetch(web, source, address, now).await {
                Ok(text) => text,
                Err(lack) => self.lock().kept(&address.url, now).ok_or(lack)?,
            },
        };
        Ok(KeyPage { url: address.url.clone(), text })
    }

    /// The page as it is now, if it says something else; it is looked for once a minute.
    ///
    /// # Errors
    /// When it could not be found out.
    pub(crate) async fn get_newer(
        &self,
        web: &dyn Web,
        source: &str,
        known: &KeyPage,
        now: Timestamp,
    ) -> Result<Option<KeyPage>, Lack> {
        let newer = |text| Some(KeyPage { url: known.url.clone(), text });
        let address = {
            let state = self.lock();
            let Some(held) = state.held.get(&known.url) else { return Ok(None) };
            if held.text != known.text {
                return Ok(newer(held.text.clone()));
            }
            if now.since(held.looked) < AGAIN_AT_MOST_EVERY {
                let current = held.looked == held.at;
                return if current {
                    Ok(None)
                } else {
                    Err(failed("not a minute ago neither").into())
                };
            }
            KeyAddress { url: known.url.clone(), is_fixed: held.is_fixed }
        };
        let text = self.fetch(web, source, &address, now).await?;
        Ok(if text == known.text { None } else { newer(text) })
    }

    /// Notes that a page proved a request: those of strangers do not take its place.
    pub(crate) fn proved(&self, url: &str) {
        if let Some(held) = self.lock().held.get_mut(url) {
            held.has_proved = true;
        }
    }

    async fn fetch(
        &self,
        web: &dyn Web,
        source: &str,
        address: &KeyAddress,
        now: Timestamp,
    ) -> Result<Bytes, Lack> {
        self.lock().look(source, address, now)?;
        let (lack, for_how_long) = match web.get(&address.url).await {
            Ok(Visit::Page(text)) if address.has_keys(&text, now) => {
                self.lock().hold(address, &text, now);
                return Ok(text);
            }
            Ok(Visit::Page(_)) => {
                (Lack::Unknown(failed("there is no valid key on the page")), ABSENT_FOR)
            }
            Ok(Visit::None(status)) if address.is_fixed => {
                (Lack::Unknown(failed(format!("there is no page: status {status}"))), ABSENT_FOR)
            }
            Ok(Visit::None(_)) => (Lack::NoKey, ABSENT_FOR),
            Err(error) => (Lack::Unknown(error), FAILED_FOR),
        };
        self.lock().lack(&address.url, &lack, now.plus(for_how_long));
        Err(lack)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is known without a look; `None` if one is due.
    fn known(&self, address: &KeyAddress, now: Timestamp) -> Option<Result<Bytes, Lack>> {
        if let Some(held) = self.held.get(&address.url) {
            let looked = now.since(held.looked) < AGAIN_AT_MOST_EVERY;
            let for_how_long = if looked { KEPT_FOR } else { BELIEVED_FOR };
            if now.since(held.at) < for_how_long {
                return Some(Ok(held.text.clone()));
            }
        }
        let absent = self.absent.get(&address.url).filter(|one| now < one.until)?;
        Some(Err(if absent.is_none {
            Lack::NoKey
        } else {
            Lack::Unknown(failed("it could not be had a moment ago"))
        }))
    }

    /// The page as it last was, if that is not too long ago.
    fn kept(&self, url: &str, now: Timestamp) -> Option<Bytes> {
        let held = self.held.get(url).filter(|held| now.since(held.at) < KEPT_FOR)?;
        Some(held.text.clone())
    }

    /// Counts a look, unless it is the one of a minute at a page that strangers did not bring here.
    fn look(&mut self, source: &str, address: &KeyAddress, now: Timestamp) -> Result<(), Error> {
        let held = self.held.get_mut(&address.url);
        let is_due = held.as_ref().is_some_and(|held| {
            (held.is_fixed || held.has_proved) && now.since(held.looked) >= AGAIN_AT_MOST_EVERY
        });
        if !is_due {
            let whose = if address.is_fixed { &address.url } else { source };
            let looks = self.looks.entry(whose.to_owned()).or_default();
            if now.since(looks.since) >= Span::from_mins(1) {
                *looks = Looks { since: now, count: 0 };
            }
            if looks.count >= MOST_A_MINUTE {
                return Err(failed("too many were asked for within a minute"));
            }
            looks.count = looks.count.saturating_add(1);
        }
        held.into_iter().for_each(|held| held.looked = now);
        Ok(())
    }

    fn hold(&mut self, address: &KeyAddress, text: &Bytes, now: Timestamp) {
        let before = self.held.remove(&address.url);
        let flag = |of: fn(&Held) -> bool| before.as_ref().is_some_and(of);
        let held = Held {
            text: text.clone(),
            at: now,
            looked: now,
            is_fixed: address.is_fixed || flag(|held| held.is_fixed),
            has_proved: flag(|held| held.has_proved),
        };
        if !held.is_fixed {
            self.make_room();
        }
        self.absent.remove(&address.url);
        self.held.insert(address.url.clone(), held);
    }

    fn lack(&mut self, url: &str, lack: &Lack, until: Timestamp) {
        if self.absent.len() >= MOST_ADDRESSES {
            self.absent.clear();
        }
        let is_none = matches!(lack, Lack::NoKey);
        self.absent.insert(url.to_owned(), Absent { until, is_none });
    }

    /// Forgets what never proved anything first, then what is not used any more: pages in use are had
    /// anew every hour.
    fn make_room(&mut self) {
        let named = || self.held.iter().filter(|(_, held)| !held.is_fixed);
        if named().count() < MOST_ADDRESSES {
            return;
        }
        let least = named().min_by_key(|(_, held)| (held.has_proved, held.at));
        if let Some(url) = least.map(|(url, _)| url.clone()) {
            self.held.remove(&url);
        }
    }
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::new("visit a page", cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryWeb;
    use crate::web::NoWeb;

    const URL: &str = "https://keys.example.com/a.pem";
    const KEY: &str = include_str!("../../domain/fixtures/rsa.pem");
    const JUNK: &str = "<html>maintenance</html>";
    const START: Timestamp = Timestamp::from_secs(1_800_000_000);

    /// Pages, and the web that they are on.
    #[derive(Default)]
    struct Desk {
        web: MemoryWeb,
        pages: KeyPages,
    }

    impl Desk {
        fn with(page: &str) -> Self {
            let desk = Self::default();
            desk.web.put(URL, page.to_owned());
            desk
        }

        async fn get(&self, url: &str, secs: u64) -> Option<Bytes> {
            self.get_at(&named(url), secs).await
        }

        async fn get_at(&self, address: &KeyAddress, secs: u64) -> Option<Bytes> {
            let page = self.pages.get(&self.web, "a", address, after(secs)).await.ok()?;
            assert_eq!(page.url, address.url);
            Some(page.text)
        }

        async fn get_newer(&self, known: &str, secs: u64) -> Result<Option<Bytes>, Lack> {
            let known =
                KeyPage { url: URL.to_owned(), text: Bytes::copy_from_slice(known.as_bytes()) };
            let newer = self.pages.get_newer(&self.web, "a", &known, after(secs)).await?;
            Ok(newer.map(|page| page.text))
        }

        fn looks(&self) -> usize {
            self.web.visited().len()
        }
    }

    fn after(secs: u64) -> Timestamp {
        START.plus(Span::from_secs(secs))
    }

    fn named(url: &str) -> KeyAddress {
        KeyAddress { url: url.to_owned(), is_fixed: false }
    }

    fn fixed() -> KeyAddress {
        KeyAddress { url: URL.to_owned(), is_fixed: true }
    }

    /// The same keys on a page that is not the same.
    fn other() -> String {
        format!("{KEY}\n")
    }

    #[tokio::test]
    async fn a_page_is_fetched_once_an_hour() {
        let desk = Desk::with(KEY);
        for secs in [0, 1, 3599] {
            assert_eq!(desk.get(URL, secs).await.unwrap(), KEY);
        }
        assert_eq!(desk.looks(), 1);
        desk.web.put(URL, other());
        assert_eq!(desk.get(URL, 3600).await.unwrap(), other());
    }

    #[tokio::test]
    async fn an_address_without_a_key_is_not_asked_for_at_once_again() {
        for junk in [None, Some(JUNK)] {
            let desk = Desk::default();
            junk.into_iter().for_each(|junk| desk.web.put(URL, junk));
            for secs in [0, 9] {
                assert_eq!(desk.get(URL, secs).await, None);
            }
            assert_eq!(desk.looks(), 1);
            desk.web.put(URL, KEY);
            assert!(desk.get(URL, 10).await.is_some());
        }
    }

    #[tokio::test]
    async fn addresses_without_a_key_are_remembered_beside_each_other() {
        let desk = Desk::default();
        let other = "https://keys.example.com/b.pem";
        for secs in 0..4 {
            for url in [URL, other] {
                assert_eq!(desk.get(url, secs).await, None);
            }
        }
        assert_eq!(desk.looks(), 2, "one at each");
    }

    /// What a request names need not be there; what a definition names is.
    #[tokio::test]
    async fn only_a_page_that_a_request_names_can_be_missing() {
        for (address, page, is_none) in [
            (named(URL), None, true),
            (named(URL), Some(JUNK), false),
            (fixed(), None, false),
            (fixed(), Some(JUNK), false),
        ] {
            let desk = Desk::default();
            page.into_iter().for_each(|page| desk.web.put(URL, page));
            for secs in [0, 1] {
                let got = desk.pages.get(&desk.web, "a", &address, after(secs)).await;
                let lack = got.expect_err("no key");
                assert_eq!(matches!(lack, Lack::NoKey), is_none, "{page:?} after {secs} s");
            }
            assert_eq!(desk.looks(), 1);
        }
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered_as_an_answer() {
        let desk = Desk::with(KEY);
        desk.web.set_unreachable(true);
        for _ in 0..1000 {
            assert!(desk.get(URL, 0).await.is_none());
        }
        assert_eq!(desk.looks(), 1, "a bad moment does not use up the looks of a minute");
        desk.web.set_unreachable(false);
        assert!(desk.get(URL, 2).await.is_some());
        assert!(KeyPages::default().get(&NoWeb, "a", &named(URL), START).await.is_err());
    }

    #[tokio::test]
    async fn a_known_page_outlives_whatever_its_host_answers() {
        for address in [named(URL), fixed()] {
            for answer in ["nothing", "404", JUNK] {
                let desk = Desk::with(KEY);
                assert!(desk.get_at(&address, 0).await.is_some());
                match answer {
                    "nothing" => desk.web.set_unreachable(true),
                    "404" => desk.web.remove(URL),
                    junk => desk.web.put(URL, junk),
                }
                for secs in [3600, 3601, 3659, 3660, 86_399] {
                    assert_eq!(desk.get_at(&address, secs).await.unwrap(), KEY, "{answer}");
                }
                assert_eq!(desk.looks(), 4, "once a minute");
                assert_eq!(desk.get_at(&address, 86_400).await, None, "{answer}, too long ago");
                desk.web.set_unreachable(false);
                desk.web.put(URL, other());
                assert_eq!(desk.get_at(&address, 86_410).await.unwrap(), other());
            }
        }
    }

    #[tokio::test]
    async fn new_keys_are_looked_for_once_a_minute_at_most() {
        let desk = Desk::with(KEY);
        desk.get(URL, 0).await.unwrap();
        desk.web.put(URL, other());
        assert_eq!(desk.get_newer(KEY, 59).await.unwrap(), None);
        assert_eq!(desk.get_newer(KEY, 60).await.unwrap().unwrap(), other());
        assert_eq!(desk.get_newer(KEY, 61).await.unwrap().unwrap(), other(), "another's look");
        assert_eq!(desk.get_newer(&other(), 119).await.unwrap(), None, "too early again");
        assert_eq!(desk.get_newer(&other(), 120).await.unwrap(), None, "nothing new");
        assert_eq!(desk.looks(), 3);
        assert_eq!(
            KeyPages::default()
                .get_newer(
                    &desk.web,
                    "a",
                    &KeyPage { url: URL.to_owned(), text: Bytes::new() },
                    START,
                )
                .await
                .unwrap(),
            None
        );
    }

    #[tokio::test]
    async fn whether_there_are_new_keys_may_not_be_known() {
        let desk = Desk::with(KEY);
        desk.get(URL, 0).await.unwrap();
        desk.web.put(URL, JUNK);
        assert!(desk.get_newer(KEY, 60).await.is_err());
        assert!(desk.get_newer(KEY, 119).await.is_err(), "not asked");
        assert_eq!(desk.looks(), 2);
        desk.web.put(URL, KEY);
        assert_eq!(desk.get_newer(KEY, 120).await.unwrap(), None);
    }

    #[tokio::test]
    async fn strangers_addresses_are_neither_load_nor_memory() {
        let desk = Desk::with(KEY);
        desk.get(URL, 0).await.unwrap();
        for number in 0..1000 {
            assert_eq!(desk.get(&format!("{URL}{number}"), 1).await, None);
        }
        assert_eq!(desk.looks(), MOST_A_MINUTE as usize);
        for number in 0..1000 {
            desk.get(&format!("{URL}{number}"), 60 * number).await;
        }
        assert!(desk.pages.lock().absent.len() <= MOST_ADDRESSES);
        assert!(desk.get("https://a.example.com/", 60_060).await.is_none());
        assert_eq!(desk.web.visited().last().map(String::as_str), Some("https://a.example.com/"));
    }

    #[tokio::test]
    async fn what_strangers_use_up_is_one_sources() {
        let desk = Desk::with(KEY);
        for number in 0..MOST_A_MINUTE {
            desk.get(&format!("{URL}{number}"), 0).await;
        }
        assert_eq!(desk.get(URL, 1).await, None, "used up");
        let other = desk.pages.get(&desk.web, "b", &named(URL), after(1)).await;
        assert!(other.is_ok(), "another source's");
        let desk = Desk::with(KEY);
        for number in 0..MOST_A_MINUTE {
            desk.get(&format!("{URL}{number}"), 0).await;
        }
        assert!(desk.get_at(&fixed(), 1).await.is_some(), "a page that no request names");
        assert!(desk.get(URL, 3601).await.is_some(), "had anew for a request that names it");
        assert!(desk.pages.lock().held.values().all(|held| held.is_fixed), "it still is that page");
    }

    #[tokio::test]
    async fn what_proved_something_is_had_anew_whatever_strangers_do() {
        for (proves, expected) in [(false, KEY.to_owned()), (true, other())] {
            let desk = Desk::with(KEY);
            desk.get(URL, 0).await.unwrap();
            proves.then(|| desk.pages.proved(URL));
            for number in 0..MOST_A_MINUTE {
                desk.get(&format!("{URL}{number}"), 3600).await;
            }
            desk.web.put(URL, other());
            assert_eq!(desk.get(URL, 3601).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_had_is_counted_too() {
        let desk = Desk::default();
        desk.web.set_unreachable(true);
        for secs in 0..60 {
            assert_eq!(desk.get_at(&fixed(), secs).await, None);
        }
        assert_eq!(desk.looks(), MOST_A_MINUTE as usize);
        let desk = Desk::with(KEY);
        desk.get(URL, 0).await.unwrap();
        desk.pages.proved(URL);
        desk.web.set_unreachable(true);
        for secs in 86_400..86_460 {
            assert_eq!(desk.get(URL, secs).await, None);
        }
        assert_eq!(desk.looks(), 1 + MOST_A_MINUTE as usize);
    }

    #[tokio::test]
    async fn strangers_pages_take_the_place_of_strangers_pages() {
        let desk = Desk::with(KEY);
        let (set, old) = ("https://keys.example.com/set", "https://keys.example.com/old");
        let set = KeyAddress { url: set.to_owned(), is_fixed: true };
        desk.web.put(&set.url, KEY);
        desk.web.put(old, KEY);
        assert!(desk.get_at(&set, 0).await.is_some());
        assert!(desk.get(URL, 1).await.is_some());
        assert!(desk.get(old, 1).await.is_some());
        desk.pages.proved(URL);
        for number in 0..200 {
            let url = format!("{URL}{number}");
            desk.web.put(&url, KEY);
            assert!(desk.get(&url, 2 + 3 * number).await.is_some());
        }
        assert_eq!(desk.pages.lock().held.len(), MOST_ADDRESSES + 1);
        let looks = desk.looks();
        assert!(desk.get_at(&set, 700).await.is_some() && desk.get(URL, 700).await.is_some());
        assert!(desk.get(&format!("{URL}199"), 700).await.is_some());
        assert_eq!(desk.looks(), looks, "still known");
        assert!(desk.get(old, 700).await.is_some());
        assert_eq!(desk.looks(), looks + 1, "forgotten: it never proved anything");
    }
}
