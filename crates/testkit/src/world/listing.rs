use super::provider::Webhook;
use crate::faults::{Faults, Operation};
use holdfast_domain::poll::ApiRequest;
use holdfast_domain::secret::Secret;
use holdfast_pipeline::poll::{ApiAnswer, ProviderApi};
use holdfast_pipeline::ports::Result;
use std::sync::{Arc, Mutex, PoisonError};

/// How many events a page has.
const PAGE: usize = 2;

/// The API of a provider: its list of events, newest first, as Stripe writes it.
#[derive(Clone)]
pub struct Listing {
    faults: Arc<Faults>,
    events: Arc<Mutex<Vec<Webhook>>>,
}

impl Listing {
    pub(super) fn new(faults: &Arc<Faults>) -> Self {
        Self { faults: faults.clone(), events: Arc::default() }
    }

    /// Something happened at the provider.
    pub(super) fn add(&self, webhook: &Webhook) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.insert(0, webhook.clone());
    }

    fn page(&self, after: Option<&str>) -> String {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let first = after.and_then(|id| events.iter().position(|event| event.id == id));
        let rest = &events[first.map_or(0, |place| place + 1)..];
        let data: Vec<&str> = rest.iter().take(PAGE).map(|event| event.body.as_str()).collect();
        let more = rest.len() > PAGE;
        format!(r#"{{"object":"list","data":[{}],"has_more":{more}}}"#, data.join(","))
    }
}

impl ProviderApi for Listing {
    async fn get(&self, request: &ApiRequest, _key: &Secret) -> Result<ApiAnswer> {
        let query = request.url.split_once('?').map_or("", |(_, query)| query);
        let after = query.split('&').find_map(|pair| pair.strip_prefix("starting_after="));
        let answer = || async {
            Ok(ApiAnswer { status: 200, retry_after: None, body: self.page(after).into() })
        };
        self.faults.call(Operation::AskProvider, request.url.clone(), answer).await
    }
}
