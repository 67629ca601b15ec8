//! Pages that a signed request leads to, with messages of Amazon SNS: when they are visited, when
//! they must not be, and what is answered when they cannot be.
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use holdfast_domain::configuration::Configuration;
use holdfast_pipeline::facts::{Fact, KeptFacts};
use holdfast_pipeline::memory::{Memory, MemoryWeb, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::Definitions;
use holdfast_providers::vectors::{Row, read};
use std::sync::Arc;

const CORPUS: &str = include_str!("../../providers/vectors/public.jsonl");

fn row(case: &str) -> Row {
    let rows = read(CORPUS).unwrap_or_else(|(line, error)| panic!("line {line}: {error}"));
    rows.into_iter()
        .find(|row| row.provider == "aws_sns" && row.case == case)
        .unwrap_or_else(|| panic!("no row {case}"))
}

/// A receiver for the topics of a row, at the row's time.
struct Desk {
    web: Arc<MemoryWeb>,
    facts: Arc<KeptFacts>,
    memory: Arc<Memory>,
    receiver: Receiver<Memory>,
}

impl Desk {
    fn of(row: &Row) -> Self {
        let topics = row.config.texts("topic_arns");
        let text = format!(
            "[sources.sns]\nprovider = \"aws-sns\"\nonly = {{ \"/TopicArn\" = {topics:?} }}\n"
        );
        let configuration = Configuration::read(&text, &Definitions);
        let configuration = configuration.unwrap_or_else(|problems| panic!("{problems}"));
        let facts = Arc::new(KeptFacts::default());
        let memory = Arc::new(Memory::new(
            Arc::new(SetClock::at(row.now())),
            Box::new(SeededRandom::new(1)),
            facts.clone(),
            QueueSettings::default(),
        ));
        let web = Arc::new(MemoryWeb::default());
        row.config.pages().into_iter().for_each(|(url, page)| web.put(&url, page));
        let receiver = Receiver::new(memory.clone(), Arc::new(configuration)).with_web(web.clone());
        Self { web, facts, memory, receiver }
    }

    async fn receive(&self, row: &Row) -> u16 {
        self.receiver.receive(&row.inbound().expect("a request")).await.status
    }

    fn stored(&self) -> usize {
        self.memory.events.all().len()
    }

    fn complained(&self) -> bool {
        let facts = self.facts.take();
        facts
            .iter()
            .any(|fact| matches!(fact, Fact::PageNotFetched { source, .. } if source == "sns"))
    }
}

#[tokio::test]
async fn a_certificate_is_fetched_once() {
    let row = row("valid_v2");
    let desk = Desk::of(&row);
    assert_eq!((desk.receive(&row).await, desk.receive(&row).await), (200, 200));
    assert_eq!((desk.stored(), desk.web.visited().len()), (1, 1));
}

#[tokio::test]
async fn without_the_keys_the_provider_is_told_to_come_again() {
    let row = row("valid_v1");
    let desk = Desk::of(&row);
    desk.web.set_unreachable(true);
    assert_eq!(desk.receive(&row).await, 503);
    assert!(desk.complained());
    desk.web.set_unreachable(false);
    assert_eq!((desk.receive(&row).await, desk.stored()), (200, 1));
}

#[tokio::test]
async fn a_strangers_address_is_never_visited() {
    for case in ["cert_host_evil", "cert_userinfo_trick", "cert_s3_host", "cert_http"] {
        let row = row(case);
        let desk = Desk::of(&row);
        assert_eq!(desk.receive(&row).await, 401, "{case}");
        assert_eq!(desk.web.visited(), [""; 0], "{case}");
    }
}

#[tokio::test]
async fn nothing_is_confirmed_for_a_forger_or_for_another_topic() {
    for case in ["tampered_type", "other_topic", "wrong_key"] {
        let row = row(case);
        let desk = Desk::of(&row);
        assert_eq!((desk.receive(&row).await, desk.stored()), (401, 0), "{case}");
        let pages = row.config.pages();
        let is_key = |url: &String| pages.iter().any(|(known, _)| known == url);
        assert!(desk.web.visited().iter().all(is_key), "{case}: {:?}", desk.web.visited());
    }
}

#[tokio::test]
async fn a_subscription_is_confirmed_before_it_is_answered() {
    let row = row("subscription_confirmation");
    let desk = Desk::of(&row);
    let url = row.expect_side_effect.get("get").and_then(|url| url.as_str()).expect("a page");
    assert_eq!((desk.receive(&row).await, desk.complained()), (503, true), "the page is not there");
    desk.web.put(url, "confirmed");
    assert_eq!((desk.receive(&row).await, desk.stored()), (200, 0));
    assert_eq!(desk.web.visited().last().map(String::as_str), Some(url));
}

#[test]
fn a_source_of_sns_has_to_name_its_topics() {
    let text = "[sources.sns]\nprovider = \"aws-sns\"\n";
    let problems = Configuration::read(text, &Definitions).expect_err("incomplete").to_string();
    assert!(problems.contains("line 1: in [sources.sns]: `only` is missing"), "{problems}");
    assert!(problems.contains("only = { \"/TopicArn\" = [\"…\"] }"), "{problems}");
    let text = format!("{text}only = {{ \"TopicArn\" = \"arn\" }}\n");
    let problems = Configuration::read(&text, &Definitions).expect_err("no place").to_string();
    assert!(problems.contains("`TopicArn` must be a place like \"/TopicArn\""), "{problems}");
}
