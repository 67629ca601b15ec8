//! The API of the provider that can be polled: it lists the truth, newest first, page by page.

use crate::provider::Happening;
use crate::world::{World, lock};
use holdfast_domain::time::Span;
use holdfast_pipeline::poll::ApiAnswer;
use std::sync::Mutex;

/// What it lists.
#[derive(Default)]
pub(crate) struct Listing(Mutex<Vec<Happening>>);

impl Listing {
    /// Lists an event. Events of the same second may come in any order.
    pub(crate) fn add(&self, happening: &Happening) {
        let mut listed = lock(&self.0);
        let place = listed.partition_point(|other| other.at.secs() > happening.at.secs());
        listed.insert(place, happening.clone());
    }

    /// All of it.
    pub(crate) fn all(&self) -> Vec<Happening> {
        lock(&self.0).clone()
    }

    fn page(&self, url: &str, page: usize) -> String {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let find = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
        let secs = |name: &str| find(name).and_then(|text| text.parse::<i64>().ok());
        let from = secs("created%5Bgte%5D=").unwrap_or(i64::MIN);
        let to = secs("created%5Blte%5D=").unwrap_or(i64::MAX);
        let listed = lock(&self.0);
        let within: Vec<&Happening> =
            listed.iter().filter(|event| (from..=to).contains(&event.at.secs())).collect();
        let after = find("starting_after=");
        let first = after.and_then(|id| within.iter().position(|event| event.webhook.id == id));
        let rest = within.get(first.map_or(0, |place| place + 1)..).unwrap_or_default();
        let data: Vec<&str> =
            rest.iter().take(page).map(|event| event.webhook.body.as_str()).collect();
        let more = rest.len() > page;
        format!(r#"{{"object":"list","data":[{}],"has_more":{more}}}"#, data.join(","))
    }
}

impl World {
    /// Answers a request for the list.
    pub(crate) fn listed(&self, url: &str) -> ApiAnswer {
        let answer = |status, retry_after, body: String| ApiAnswer {
            status,
            retry_after,
            body: body.into(),
        };
        if !self.is_calm() && self.dice.myriad(self.profile.rates.refused * 3) {
            self.counts.one("refused_by_the_api");
            return match self.dice.below(3) {
                0 => answer(429, Some(Span::from_secs(self.dice.between(1, 90))), String::new()),
                1 => answer(429, None, String::new()),
                _ => answer(500, None, String::new()),
            };
        }
        answer(200, None, self.listing.page(url, self.profile.page))
    }
}
