//! A provider's API in virtual time: lists what happened, in Stripe's words, and fails as told.

use crate::memory::SetClock;
use crate::poll::{ApiAnswer, ProviderApi};
use crate::ports::{Clock, Error, Result};
use holdfast_domain::poll::ApiRequest;
use holdfast_domain::secret::Secret;
use holdfast_domain::time::{Span, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// An event as the provider knows it.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    pub(super) id: String,
    pub(super) at: Timestamp,
    /// When the list begins to show it.
    pub(super) listed_from: Timestamp,
}

/// What the next call does instead of answering.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// The answer is lost.
    Lost,
    /// This status.
    Status(u16, Option<Span>),
    /// These bytes.
    Body(&'static str),
    /// It takes this long and is answered.
    Slow(Span),
}

/// How the list behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    /// Oldest first; newest first otherwise.
    pub(super) oldest_first: bool,
    /// Answers every page with the first one.
    pub(super) forgets_places: bool,
    /// Lists everything, whatever was asked for.
    pub(super) ignores_window: bool,
}

pub(super) struct FakeProvider {
    clock: Arc<SetClock>,
    pub(super) page_size: usize,
    pub(super) habits: Habits,
    events: Mutex<Vec<Happened>>,
    troubles: Mutex<VecDeque<Option<Trouble>>>,
    pub(super) key: Mutex<String>,
    pub(super) calls: Mutex<Vec<String>>,
}

impl FakeProvider {
    pub(super) fn new(clock: Arc<SetClock>, page_size: usize, habits: Habits) -> Self {
        Self {
            clock,
            page_size,
            habits,
            events: Mutex::default(),
            troubles: Mutex::default(),
            key: Mutex::new("sk_1".to_owned()),
            calls: Mutex::default(),
        }
    }

    pub(super) fn happen(&self, id: impl Into<String>, at: Timestamp, listed_from: Timestamp) {
        let event = Happened { id: id.into(), at, listed_from };
        let mut events = self.events.lock().unwrap();
        let place = events.partition_point(|other| (other.at, &other.id) <= (at, &event.id));
        events.insert(place, event);
    }

    pub(super) fn forget(&self, id: &str) {
        self.events.lock().unwrap().retain(|event| event.id != id);
    }

    /// What the next calls do, in their order; `None` is an ordinary answer.
    pub(super) fn plan(&self, troubles: impl IntoIterator<Item = Option<Trouble>>) {
        *self.troubles.lock().unwrap() = troubles.into_iter().collect();
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    fn list(&self, url: &str) -> String {
        let now = self.clock.now();
        let param = |name: &str| {
            let query = url.split_once('?')?.1;
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let secs = |name| param(name).and_then(|text| text.parse::<i64>().ok()).expect(name);
        let (from, to) = (secs("created%5Bgte%5D"), secs("created%5Blte%5D"));
        let all = self.events.lock().unwrap();
        let mut listed: Vec<&Happened> = all
            .iter()
            .filter(|event| event.listed_from <= now)
            .filter(|event| self.habits.ignores_window || (from..=to).contains(&event.at.secs()))
            .collect();
        if !self.habits.oldest_first {
            listed.reverse();
        }
        let after = param("starting_after").filter(|_| !self.habits.forgets_places);
        // Like localstripe: an unknown place is the beginning.
        let skip = after.and_then(|id| listed.iter().position(|event| event.id == id));
        let rest = listed.get(skip.map_or(0, |place| place + 1)..).unwrap_or_default();
        let data: Vec<String> =
            rest.iter().take(self.page_size).map(|event| body(&event.id, event.at)).collect();
        let more = rest.len() > self.page_size;
        format!("{{\n  \"data\": [{}],\n  \"has_more\": {more}\n}}", data.join(",\n"))
    }
}

/// An event's JSON, on the list and in the webhook.
pub(super) fn body(id: &str, at: Timestamp) -> String {
    format!(
        r#"{{"id": "{id}", "object": "event", "type": "invoice.paid", "created": {}, "data": {{"object": {{"id": "in_{id}"}}}}}}"#,
        at.secs()
    )
}

impl ProviderApi for FakeProvider {
    async fn get(&self, request: &ApiRequest, api_key: &Secret) -> Result<ApiAnswer> {
        // Other runs and webhooks come in between.
        tokio::task::yield_now().await;
        self.calls.lock().unwrap().push(request.url.clone());
        let answer = |status, retry_after, body: String| {
            Ok(ApiAnswer { status, retry_after, body: body.into() })
        };
        if *self.key.lock().unwrap() != api_key.expose() {
            return answer(401, None, String::new());
        }
        let trouble = self.troubles.lock().unwrap().pop_front().flatten();
        match trouble {
            None => answer(200, None, self.list(&request.url)),
            Some(Trouble::Lost) => Err(Error::new("ask the provider", "the answer was lost")),
            Some(Trouble::Status(status, after)) => answer(status, after, String::new()),
            Some(Trouble::Body(text)) => answer(200, None, text.to_owned()),
            Some(Trouble::Slow(took)) => {
                self.clock.advance(took);
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                answer(200, None, self.list(&request.url))
            }
        }
    }
}
