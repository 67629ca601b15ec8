//! Pages that a signed request leads to, with messages of Amazon SNS: when they are visited, when
//! they must not be, and what is answered when they cannot be, or hold nothing.
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use holdfast_domain::configuration::Configuration;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::{Fact, KeptFacts};
use holdfast_pipeline::memory::{Memory, MemoryWeb, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::Definitions;
use holdfast_providers::vectors::{Row, read};
use std::sync::Arc;

const CORPUS: &str = include_str!("../../providers/vectors/public.jsonl");

/// Of somebody else.
const OTHER_CERTIFICATE: &str = include_str!("../../domain/fixtures/certificate.pem");
const OTHER_CERTIFICATE_ENDS: Timestamp = Timestamp::from_secs(1_798_761_600);

fn row(case: &str) -> Row {
    let rows = read(CORPUS).unwrap_or_else(|(line, error)| panic!("line {line}: {error}"));
    rows.into_iter()
        .find(|row| row.provider == "aws_sns" && row.case == case)
        .unwrap_or_else(|| panic!("no row {case}"))
}

/// A receiver with two sources for the topics of a row, at the row's time.
struct Desk {
    clock: Arc<SetClock>,
    web: Arc<MemoryWeb>,
    facts: Arc<KeptFacts>,
    memory: Arc<Memory>,
    receiver: Receiver<Memory>,
}

impl Desk {
    fn of(row: &Row) -> Self {
        let topics = row.config.texts("topic_arns");
        let source = |name: &str| {
            let only = format!("only = {{ \"/TopicArn\" = {topics:?} }}");
            format!("[sources.{name}]\nprovider = \"aws-sns\"\n{only}\n")
        };
        let configuration = Configuration::read(&(source("sns") + &source("other")), &Definitions);
        let configuration = configuration.unwrap_or_else(|problems| panic!("{problems}"));
        let facts = Arc::new(KeptFacts::default());
        let clock = Arc::new(SetClock::at(row.now()));
        let memory = Arc::new(Memory::new(
            clock.clone(),
            Box::new(SeededRandom::new(1)),
            facts.clone(),
            QueueSettings::default(),
        ));
        let web = Arc::new(MemoryWeb::default());
        row.config.pages().into_iter().for_each(|(url, page)| web.put(&url, page));
        let receiver = Receiver::new(memory.clone(), Arc::new(configuration)).with_web(web.clone());
        Self { clock, web, facts, memory, receiver }
    }

    async fn receive(&self, row: &Row) -> u16 {
        self.take(&request(row)).await
    }

    async fn take(&self, inbound: &Inbound) -> u16 {
        self.receiver.receive(inbound).await.status
    }

    /// Forged requests, as fast as a source looks for pages; each names another page, which is there.
    async fn refuse_strangers(&self, forger: &Row, requests: usize, page: &str) {
        for number in 0..requests {
            self.web.put(&elsewhere(number), page.to_owned());
            let forged = naming(forger, &elsewhere(number));
            assert_eq!(self.take(&forged).await, 401, "{number}");
            self.wait(3);
        }
    }

    fn looked_at(&self, url: &str) -> usize {
        self.web.visited().iter().filter(|visited| *visited == url).count()
    }

    fn wait(&self, secs: u64) {
        self.clock.advance(Span::from_secs(secs));
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

fn request(row: &Row) -> Inbound {
    let inbound = row.inbound().expect("a request");
    Inbound { path: "/hooks/sns".to_owned(), ..inbound }
}

/// The one page of a row's certificate.
fn certificate(row: &Row) -> (String, String) {
    row.config.pages().into_iter().next().expect("a certificate")
}

/// A stranger's request, who says that the certificate lies elsewhere below SNS.
fn naming(row: &Row, url: &str) -> Inbound {
    let inbound = request(row);
    let body = String::from_utf8(inbound.body.to_vec()).expect("text");
    let changed = body.replace(&certificate(row).0, url);
    assert_ne!(changed, body);
    Inbound { body: changed.into(), ..inbound }
}

fn elsewhere(number: usize) -> String {
    format!("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{number}.pem")
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
    desk.wait(2);
    assert_eq!((desk.receive(&row).await, desk.stored()), (200, 1));
}

#[tokio::test]
async fn a_known_key_outlives_a_page_that_says_nothing() {
    let row = row("valid_v2");
    let desk = Desk::of(&row);
    let (url, page) = certificate(&row);
    for (junk, then) in [(None, 401), (Some("<html>maintenance</html>"), 503), (Some(&*page), 200)]
    {
        desk.web.remove(&url);
        junk.into_iter().for_each(|text| desk.web.put(&url, text.to_owned()));
        assert_eq!((desk.receive(&row).await, desk.complained()), (then, then == 503), "{junk:?}");
        desk.wait(10);
    }
    for junk in [None, Some("<html>maintenance</html>")] {
        desk.wait(3600);
        desk.web.remove(&url);
        junk.into_iter().for_each(|text| desk.web.put(&url, text));
        let looked = desk.web.visited().len();
        assert_eq!((desk.receive(&row).await, desk.receive(&row).await), (200, 200), "{junk:?}");
        assert_eq!(desk.web.visited().len(), looked + 1, "it was looked for");
    }
    desk.wait(86_400);
    assert_eq!((desk.receive(&row).await, desk.complained()), (503, true), "too long ago");
    assert_eq!(desk.stored(), 1);
}

#[tokio::test]
async fn what_may_be_signed_with_a_newer_key_comes_again() {
    let (good, forged) = (row("valid_v2"), row("wrong_key"));
    let (desk, forged) = (Desk::of(&good), request(&forged));
    assert_eq!(desk.receive(&good).await, 200);
    desk.wait(60);
    desk.web.set_unreachable(true);
    assert_eq!((desk.take(&forged).await, desk.complained()), (503, true));
    let looked = desk.web.visited().len();
    assert_eq!((desk.take(&forged).await, desk.complained()), (503, true), "still not known");
    assert_eq!(desk.web.visited().len(), looked, "and not looked for at once again");
    desk.web.set_unreachable(false);
    desk.wait(60);
    assert_eq!((desk.take(&forged).await, desk.complained()), (401, false));
}

#[tokio::test]
async fn a_newer_key_is_had_and_kept() {
    let (row, forger) = (row("valid_v2"), row("wrong_key"));
    let desk = Desk::of(&row);
    let (url, page) = certificate(&row);
    desk.web.put(&url, OTHER_CERTIFICATE);
    assert_eq!(desk.receive(&row).await, 401);
    desk.wait(60);
    desk.web.put(&url, page);
    assert_eq!(desk.receive(&row).await, 200);
    desk.refuse_strangers(&forger, 100, OTHER_CERTIFICATE).await;
    assert_eq!(desk.receive(&row).await, 200);
    assert_eq!(desk.looked_at(&url), 2);
}

#[tokio::test]
async fn a_certificate_that_ran_out_is_looked_for_anew() {
    let row = row("valid_v2");
    let desk = Desk::of(&row);
    let (url, page) = certificate(&row);
    desk.clock.set(OTHER_CERTIFICATE_ENDS);
    desk.web.put(&url, OTHER_CERTIFICATE);
    assert_eq!((desk.receive(&row).await, desk.complained()), (401, false));
    desk.wait(59);
    assert_eq!((desk.receive(&row).await, desk.complained()), (503, true));
    desk.wait(1);
    desk.web.put(&url, page);
    assert_eq!((desk.receive(&row).await, desk.complained()), (200, false));
}

#[tokio::test]
async fn strangers_push_out_no_page_that_proved_something() {
    let (row, forger) = (row("valid_v2"), row("wrong_key"));
    let desk = Desk::of(&row);
    let (url, page) = certificate(&row);
    assert_eq!(desk.receive(&row).await, 200);
    desk.refuse_strangers(&forger, 200, &page).await;
    assert_eq!(desk.receive(&row).await, 200);
    assert_eq!(desk.looked_at(&url), 1);
}

#[tokio::test]
async fn strangers_at_one_source_do_not_starve_another() {
    let row = row("valid_v2");
    let desk = Desk::of(&row);
    for number in 0..100 {
        let expected = if number < 30 { 401 } else { 503 };
        assert_eq!(desk.take(&naming(&row, &elsewhere(number))).await, expected);
    }
    assert_eq!(desk.web.visited().len(), 30);
    assert_eq!(desk.receive(&row).await, 503, "this one has to wait for a minute");
    let other = Inbound { path: "/hooks/other".to_owned(), ..request(&row) };
    assert_eq!(desk.take(&other).await, 200);
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
