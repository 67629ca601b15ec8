//! The public vectors of the providers we define, through the receiver as a whole: an HTTP API's
//! event in, an answer out, and a record on memory or none.
//!
//! Debatable rows are reported and not scored.

use holdfast_domain::configuration::{Catalogue, Configuration};
use holdfast_domain::provider::{Provider, Reply};
use holdfast_domain::record::Record;
use holdfast_domain::signature::verify;
use holdfast_pipeline::facts::KeptFacts;
use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::vectors::{Answer, Row, Seen, read};
use holdfast_receiver::handler::handle;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const CORPUS: &str = include_str!("../../crates/providers/vectors/public.jsonl");

/// Five with a definition, and `hmac` for whatever the corpus describes in neutral words.
const PROVIDERS: [&str; 5] = ["github", "shopify", "slack", "standard-webhooks", "stripe"];

#[tokio::test]
async fn every_scored_row_of_our_providers_is_answered_right() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows() {
        let name = row.provider.replace('_', "-");
        if PROVIDERS.contains(&name.as_str()) {
            let provider = row.provider().expect("defined");
            let answer = answer_of_a_receiver(&row, provider, true).await;
            tallies.entry(name).or_default().count(&row, &answer);
        }
    }
    for name in PROVIDERS {
        let tally = tallies.get(name).unwrap_or_else(|| panic!("no rows for {name}"));
        assert!(tally.scored >= 15, "{name}: only {} scored rows", tally.scored);
    }
    assert_right(&tallies);
}

/// As a user of `provider = "hmac"` would configure them; identity is not told in neutral words.
#[tokio::test]
async fn every_scored_row_that_the_generic_provider_can_express_is_answered_right() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows() {
        if let Ok(provider) = row.generic_provider() {
            let answer = answer_of_a_receiver(&row, provider, false).await;
            tallies.entry(row.provider.clone()).or_default().count(&row, &answer);
        }
    }
    assert!(tallies.len() >= 25, "only {} providers were expressible", tallies.len());
    assert_right(&tallies);
}

#[derive(Debug, Default)]
struct Tally {
    scored: usize,
    wrong: Vec<String>,
    debatable: usize,
    debated: Vec<String>,
}

impl Tally {
    fn count(&mut self, row: &Row, answer: &Answer) {
        let judged = row.judge(answer).map_err(|why| format!("{}: {why} ({})", row.id, row.why));
        if row.debatable {
            self.debatable += 1;
            self.debated.extend(judged.err());
        } else {
            self.scored += 1;
            self.wrong.extend(judged.err());
        }
    }
}

fn assert_right(tallies: &BTreeMap<String, Tally>) {
    let wrong: Vec<&String> = tallies.values().flat_map(|tally| &tally.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn rows() -> Vec<Row> {
    read(CORPUS).unwrap_or_else(|(line, error)| panic!("line {line}: {error}"))
}

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

/// What a receiver with nothing but this row's source answers, and what it stored.
async fn answer_of_a_receiver(row: &Row, provider: Provider, with_identity: bool) -> Answer {
    let ports = Arc::new(memory(row));
    let catalogue = Only(Arc::new(provider.clone()));
    let mut text = "[sources.row]\nprovider = \"one\"\n".to_owned();
    if provider.scheme().needs_public_url() {
        let url = row.config.url.as_deref().unwrap_or("https://hooks.example.com/");
        text.push_str(&format!("public_url = \"{url}\"\n"));
    }
    let configuration = Configuration::read(&text, &catalogue).expect("a configuration");
    let configuration = Arc::new(configuration);
    let receiver = Receiver::new(ports.clone(), configuration);

    let event = row.http_api_event("/hooks/row").to_string();
    let (status, headers, body) = handle(&receiver, &event).await.into_parts();
    let stored = ports.events.all();
    let answer = match (status, &stored[..]) {
        (200, [record]) => Answer::Accepted(with_identity.then(|| seen(row, &provider, record))),
        (200..=299, []) => {
            Answer::Replied(Reply { status, headers: headers.into_iter().collect(), body })
        }
        (_, []) => Answer::Refused(status),
        _ => panic!("{}: {status}, and {} records are stored", row.id, stored.len()),
    };
    let is_event = matches!(answer, Answer::Accepted(_));
    assert_eq!(ports.queue.len().0, usize::from(is_event), "{}: one ticket an event", row.id);
    answer
}

fn memory(row: &Row) -> Memory {
    let clock = Arc::new(SetClock::at(row.now()));
    let facts = Arc::new(KeptFacts::default());
    let memory =
        Memory::new(clock, Box::new(SeededRandom::new(1)), facts, QueueSettings::default());
    let secrets = secrets(row);
    memory.secrets.set("row", &secrets.iter().map(String::as_str).collect::<Vec<_>>());
    memory
}

/// The row's secrets as text: a [`Row`] gives them out only for verifying.
fn secrets(row: &Row) -> Vec<String> {
    let line = CORPUS.lines().find(|line| line.contains(&format!("\"{}\"", row.id)));
    let line: Value = serde_json::from_str(line.expect("the row's line")).expect("JSON");
    let secrets = line["config"]["secrets"].as_array().cloned().unwrap_or_default();
    secrets.iter().filter_map(|secret| secret.as_str().map(str::to_owned)).collect()
}

/// What is stored, and of what the domain made its key.
fn seen(row: &Row, provider: &Provider, record: &Record) -> Seen {
    let inbound = row.inbound().expect("a request");
    let verified = verify(provider, &inbound, &row.secrets(), row.now()).expect("it was accepted");
    let identified = verified.identify(row.now());
    assert_eq!(record.key().event_key(), identified.key.as_str(), "{}", row.id);
    assert_eq!(record.event.kind, identified.kind, "{}", row.id);
    [&identified].into_iter().collect()
}
