//! A receiver for one row of a corpus: its only source is the row's, its stores are on memory and
//! its clock shows the row's time. Everything else is the receiver as it is deployed.

use holdfast_domain::configuration::{Catalogue, Configuration};
use holdfast_domain::provider::Provider;
use holdfast_pipeline::facts::{Fact, KeptFacts};
use holdfast_pipeline::memory::{Memory, MemoryWeb, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::vectors::{Answer, Row, Seen, Setup};
use holdfast_receiver::handler::handle;
use std::fmt::Write as _;
use std::sync::Arc;

/// The one provider of a row.
struct Only(Arc<Provider>);

impl Catalogue for Only {
    fn names(&self) -> Vec<&str> {
        vec!["one"]
    }

    fn find(&self, _: &str) -> Option<Arc<Provider>> {
        Some(self.0.clone())
    }
}

/// What a receiver answers that has nothing but this row's source.
///
/// # Errors
/// Why there is no answer to judge: the row's settings make no source, or events and tickets differ.
pub(super) async fn answer(row: &Row, setup: &Setup) -> Result<Answer, String> {
    let configuration = Arc::new(configuration(row, setup)?);
    let facts = Arc::new(KeptFacts::default());
    let ports = Arc::new(memory(row, &setup.provider, facts.clone()));
    let web = Arc::new(MemoryWeb::default());
    let pages = row.config.pages();
    pages.iter().for_each(|(url, page)| web.put(url, page.clone()));
    if let Some(url) = row.expect_side_effect.get("get").and_then(|url| url.as_str()) {
        web.put(url, "confirmed");
    }
    let receiver = Receiver::new(ports.clone(), configuration).with_web(web.clone());
    let event = row.http_api_event("/hooks/row").to_string();
    let (status, headers, body) = handle(&receiver, &event).await.into_parts();
    let stored = ports.events.all();
    let events: Vec<Seen> = stored
        .iter()
        .map(|record| Seen::new(record.key().event_key(), record.event.kind.as_str()))
        .collect();
    if ports.queue.len().0 != events.len() {
        return Err(format!("{} events, but {} tickets", events.len(), ports.queue.len().0));
    }
    let headers = headers.into_iter().collect();
    let keys: Vec<&String> = pages.iter().map(|(url, _)| url).collect();
    let visited = web.visited().into_iter().filter(|url| !keys.contains(&url)).collect();
    Ok(Answer { status, headers, body, events, visited, reason: reason(&facts) })
}

fn configuration(row: &Row, setup: &Setup) -> Result<Configuration, String> {
    let mut text = "[sources.row]\nprovider = \"one\"\n".to_owned();
    if let Some(url) = &setup.public_url {
        let _ = writeln!(text, "public_url = {url:?}");
    }
    if setup.provider.needs_verify_token() {
        text.push_str("verify_token = \"row.verify_token\"\n");
    }
    let origins = row.config.texts("allowed_origins");
    if !origins.is_empty() {
        let _ = writeln!(text, "allowed_origins = {origins:?}");
    }
    if !setup.only.is_empty() {
        text.push_str("[sources.row.only]\n");
        for (place, values) in &setup.only {
            let _ = writeln!(text, "{place:?} = {values:?}");
        }
    }
    let catalogue = Only(Arc::new(setup.provider.clone()));
    Configuration::read(&text, &catalogue).map_err(|problems| problems.to_string())
}

fn memory(row: &Row, provider: &Provider, facts: Arc<KeptFacts>) -> Memory {
    let clock = Arc::new(SetClock::at(row.now()));
    let memory =
        Memory::new(clock, Box::new(SeededRandom::new(1)), facts, QueueSettings::default());
    for (name, secrets) in [
        ("row", row.config.secrets_for(provider)),
        ("row.verify_token", row.config.verify_tokens()),
    ] {
        let texts: Vec<&str> = secrets.iter().map(|secret| secret.expose()).collect();
        memory.secrets.set(name, &texts);
    }
    memory
}

/// Why the receiver did not believe.
fn reason(facts: &KeptFacts) -> Option<String> {
    facts.take().into_iter().find_map(|fact| match fact {
        Fact::Rejected { reason, .. } => Some(reason.to_owned()),
        Fact::SecretUnavailable { cause, .. }
        | Fact::PageNotFetched { cause, .. }
        | Fact::NotStored { cause, .. } => Some(cause),
        _ => None,
    })
}
