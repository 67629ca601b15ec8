//! What providers send beside single events, through the receiver as a whole: lists, handshakes,
//! and a provider that nobody had heard of when this program was built.

use holdfast_domain::configuration::Configuration;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::record::Record;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::facts::{Fact, KeptFacts};
use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::offers;
use holdfast_pipeline::ports::{BodyStore, Clock};
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::Definitions;
use holdfast_receiver::event::http_api_event;
use holdfast_receiver::handler::handle;
use std::collections::BTreeMap;
use std::sync::Arc;

const SECRET: &str = "00112233445566778899aabbccddeeff";

/// A receiver on memory.
struct Desk {
    clock: Arc<SetClock>,
    facts: Arc<KeptFacts>,
    memory: Arc<Memory>,
    configuration: Arc<Configuration>,
    receiver: Receiver<Memory>,
}

type Answer = (u16, BTreeMap<String, String>, String);

impl Desk {
    /// With sources named like their providers, and the same secret for all.
    fn of(providers: &[&str]) -> Self {
        let sources = providers.iter().map(|name| {
            let url =
                if *name == "twilio" { "public_url = \"https://h.example.com/\"\n" } else { "" };
            format!("[sources.{name}]\nprovider = \"{name}\"\n{url}")
        });
        let desk = Self::configured(&sources.collect::<String>());
        providers.iter().for_each(|name| desk.memory.secrets.set(name, &[SECRET]));
        desk
    }

    fn configured(text: &str) -> Self {
        let configuration = Configuration::read(text, &Definitions);
        let configuration = Arc::new(configuration.unwrap_or_else(|problems| panic!("{problems}")));
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let facts = Arc::new(KeptFacts::default());
        let random = Box::new(SeededRandom::new(1));
        let memory = Memory::new(clock.clone(), random, facts.clone(), QueueSettings::default());
        let memory = Arc::new(memory);
        let receiver = Receiver::new(memory.clone(), configuration.clone());
        Self { clock, facts, memory, configuration, receiver }
    }

    async fn asks(&self, inbound: &Inbound) -> Answer {
        let (status, headers, body) =
            handle(&self.receiver, &http_api_event(inbound)).await.into_parts();
        (status, headers, String::from_utf8(body).expect("text"))
    }

    /// A POST that nobody signed.
    async fn posts(&self, source: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().copied().collect();
        self.asks(&Inbound::post(format!("/hooks/{source}"), headers, body.to_owned())).await
    }

    /// A POST as its provider signs it.
    async fn posts_signed(&self, source: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let provider = &self.configuration.source(source).expect("a source").provider;
        let mut headers: Headers = headers.iter().copied().collect();
        let message =
            Message { id: "1", at: self.clock.now(), headers: &headers, body: body.as_bytes() };
        let signed = provider.scheme().sign(&[Secret::new(SECRET)], &message).expect("signed");
        signed.iter().for_each(|(name, value)| headers.add(name, value));
        self.asks(&Inbound::post(format!("/hooks/{source}"), headers, body.to_owned())).await
    }

    async fn gets(&self, source: &str, query: &str) -> Answer {
        let mut inbound = Inbound::post(format!("/hooks/{source}"), Headers::new(), "");
        (inbound.method, inbound.query) = ("GET".to_owned(), query.to_owned());
        self.asks(&inbound).await
    }

    /// The records in the order of their keys.
    fn records(&self) -> Vec<Record> {
        let mut records = self.memory.events.all();
        records.sort_by(|one, other| one.key().cmp(other.key()));
        records
    }

    fn keys(&self) -> Vec<String> {
        self.records().iter().map(|record| record.key().event_key().to_owned()).collect()
    }

    async fn body(&self, record: &Record) -> String {
        let body = self.memory.bodies.read(&record.event.body).await.expect("read").expect("there");
        String::from_utf8(body.to_vec()).expect("text")
    }

    async fn offered(&self, source: &str) -> Vec<String> {
        let source = SourceName::new(source).expect("a name");
        let offers = offers::list(self.memory.as_ref(), &source).await.expect("read");
        offers.iter().map(|offer| offer.secret.expose().to_owned()).collect()
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[tokio::test]
async fn each_item_of_a_list_is_an_event_byte_for_byte() {
    let desk = Desk::of(&["line"]);
    let first = r#"{"webhookEventId":"a","type":"message", "n" : 1.50}"#;
    let second = r#"{"type":"follow","webhookEventId":"b"}"#;
    let body = format!("{{\"events\":[ {first} ,{second}],\"destination\":\"U7\"}}");
    let (status, ..) = desk.posts_signed("line", &[JSON], &body).await;
    let records = desk.records();
    assert_eq!((status, desk.keys()), (200, vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(desk.body(&records[0]).await, first);
    assert_eq!(desk.body(&records[1]).await, second);
    assert_eq!(records[1].event.kind.as_str(), "follow");
    let kept = |name: &str| {
        let found = records[1].event.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(kept("batch-item"), Some("2/2"));
    assert_eq!(kept("line-destination"), Some("U7"));
    assert_eq!(desk.memory.queue.len().0, 2, "a ticket each");

    let (status, ..) = desk.posts_signed("line", &[JSON], &body).await;
    assert_eq!((status, desk.records().len()), (200, 2), "the same again is known");
}

#[tokio::test]
async fn an_empty_list_is_acknowledged_and_stores_nothing() {
    let desk = Desk::of(&["line", "xero", "asana"]);
    for source in ["line", "xero", "asana"] {
        let (status, ..) = desk.posts_signed(source, &[JSON], r#"{"events":[]}"#).await;
        assert_eq!((status, desk.records().len()), (200, 0), "{source}");
        let (status, ..) = desk.posts(source, &[JSON], r#"{"events":[]}"#).await;
        assert_eq!(status, 401, "{source}");
    }
}

#[tokio::test]
async fn a_list_without_items_proves_nothing_where_items_are_signed() {
    let desk = Desk::of(&["adyen", "msgraph"]);
    for (source, body) in [("adyen", r#"{"notificationItems":[]}"#), ("msgraph", r#"{"value":[]}"#)]
    {
        assert_eq!(desk.posts(source, &[JSON], body).await.0, 401, "{source}");
    }
    let item = |state: &str| {
        format!("{{\"id\":\"{state}\",\"changeType\":\"created\",\"clientState\":\"{state}\"}}")
    };
    let one_wrong = format!("{{\"value\":[{},{}]}}", item(SECRET), item("guess"));
    assert_eq!(desk.posts("msgraph", &[JSON], &one_wrong).await.0, 401, "every item must hold");
    let right = format!("{{\"value\":[{}]}}", item(SECRET));
    assert_eq!((desk.posts("msgraph", &[JSON], &right).await.0, desk.records().len()), (200, 1));
}

#[tokio::test]
async fn too_long_a_list_is_one_event_and_reported() {
    let desk = Desk::configured("[sources.line]\nprovider = \"line\"\nmax_items = 2\n");
    desk.memory.secrets.set("line", &[SECRET]);
    let body =
        r#"{"events":[{"webhookEventId":"a"},{"webhookEventId":"b"},{"webhookEventId":"c"}]}"#;
    assert_eq!(desk.posts_signed("line", &[JSON], body).await.0, 200);
    let records = desk.records();
    assert_eq!(records.len(), 1);
    assert_eq!(desk.body(&records[0]).await, body);
    let reported = |fact: &Fact| matches!(fact, Fact::NotTakenApart { items: 3, .. });
    assert!(desk.facts.take().iter().any(reported));
}

#[tokio::test]
async fn odd_items_lose_nothing() {
    let desk = Desk::of(&["line"]);
    let body = r#"{"events":[17,"x",{},{"webhookEventId":"a"},{"webhookEventId":"a"},{"webhookEventId":"a","n":1}]}"#;
    assert_eq!(desk.posts_signed("line", &[JSON], body).await.0, 200);
    let keys = desk.keys();
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert_eq!(keys.iter().filter(|key| key.starts_with("a~")).count(), 1, "{keys:?}");
    assert_eq!(keys.iter().filter(|key| key.starts_with("sha256:")).count(), 3, "{keys:?}");
}

#[tokio::test]
async fn batched_cloud_events_are_told_from_a_list_of_data() {
    let desk = Desk::of(&["cloudevents"]);
    let token = ("Authorization", concat!("Bearer ", "00112233445566778899aabbccddeeff"));
    let batch = r#"[{"id":"1","source":"/s","type":"t"},{"id":"2","source":"/s","type":"t"}]"#;
    let declared = ("Content-Type", "application/cloudevents-batch+json; charset=utf-8");
    assert_eq!(desk.posts("cloudevents", &[token, declared], batch).await.0, 200);
    let data = [token, JSON, ("ce-id", "3"), ("ce-source", "/s"), ("ce-type", "t")];
    assert_eq!(desk.posts("cloudevents", &data, "[1,2]").await.0, 200);
    assert_eq!(desk.keys(), ["/s:1", "/s:2", "/s:3"]);
    let kept = &desk.records()[0].event.headers;
    let declared =
        kept.iter().find(|(name, _)| name == "content-type").map(|(_, kind)| kind.as_str());
    assert_eq!(declared, Some("application/cloudevents+json"));
}

#[tokio::test]
async fn a_secret_is_offered_to_an_operator_and_never_used() {
    let desk = Desk::configured(
        "[sources.asana]\nprovider = \"asana\"\n[sources.notion]\nprovider = \"notion\"\n",
    );
    let offer = [("X-Hook-Secret", SECRET)];
    let (status, headers, _) = desk.posts("asana", &offer, "{}").await;
    assert_eq!((status, headers.get("x-hook-secret").map(String::as_str)), (200, Some(SECRET)));
    assert_eq!(desk.offered("asana").await, [SECRET]);
    let token = format!("{{\"verification_token\":\"{SECRET}\"}}");
    assert_eq!(desk.posts("notion", &[JSON], &token).await.0, 200);
    assert_eq!(desk.offered("notion").await, [SECRET]);
    for fact in desk.facts.take() {
        assert!(!format!("{fact:?}").contains(SECRET), "{fact:?}");
    }
    // Offered is not known: what it signs is not believed.
    let event =
        r#"{"events":[{"action":"changed","resource":{"gid":"1","resource_type":"task"}}]}"#;
    assert_eq!(desk.posts_signed("asana", &[JSON], event).await.0, 503);
    assert!(desk.records().is_empty());
}

#[tokio::test]
async fn an_unasked_secret_takes_no_place() {
    let desk = Desk::of(&["asana", "notion"]);
    let (status, headers, _) = desk.posts("asana", &[("X-Hook-Secret", "mine")], "{}").await;
    assert_eq!((status, headers.get("x-hook-secret")), (401, None));
    let (status, ..) = desk.posts("notion", &[JSON], r#"{"verification_token":"mine"}"#).await;
    assert_eq!(status, 401);
    assert!(desk.offered("asana").await.is_empty() && desk.offered("notion").await.is_empty());
    assert!(desk.records().is_empty());
}

#[tokio::test]
async fn handshakes_cannot_be_made_to_sign_or_to_show_a_page() {
    let desk = Desk::of(&["zoom", "x", "dropbox", "msgraph"]);
    let question = r#"{"event":"endpoint.url_validation","payload":{"plainToken":"v0:1:{}"}}"#;
    assert_eq!(desk.posts("zoom", &[JSON], question).await.0, 401, "unsigned");
    let (status, _, body) = desk.posts_signed("zoom", &[JSON], question).await;
    assert!(!body.contains("encryptedToken"), "{status} {body}");
    for token in ["v0%3A1%3A%7B%7D", "%7B%22id%22%3A1%7D", "a%0Ab", &"x".repeat(129)] {
        let (status, _, body) = desk.gets("x", &format!("crc_token={token}")).await;
        assert!(status == 401 && !body.contains("response_token"), "{token}: {status} {body}");
    }
    let page = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let (status, headers, _) = desk.gets("dropbox", &format!("challenge={page}")).await;
    assert_eq!(status, 200);
    assert_eq!(headers.get("content-type").map(String::as_str), Some("text/plain"));
    assert_eq!(headers.get("x-content-type-options").map(String::as_str), Some("nosniff"));
    let long = desk.gets("dropbox", &format!("challenge={}", "x".repeat(1025))).await;
    assert_eq!(long.0, 401);
    assert_eq!(desk.records().len(), 1, "what Zoom signed is kept, and nothing else");
}

#[tokio::test]
async fn providers_are_answered_as_they_insist() {
    let desk = Desk::of(&["dropbox-sign", "twilio", "adyen", "xero"]);
    let mut answers = BTreeMap::new();
    for source in ["dropbox-sign", "twilio", "adyen", "xero"] {
        let provider = &desk.configuration.source(source).expect("a source").provider;
        let sample = provider.signed_sample(&[Secret::new(SECRET)], "1", desk.clock.now());
        let sample = sample.expect("signed");
        let headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
        let inbound = Inbound::post(format!("/hooks/{source}"), headers, sample.body);
        let (status, headers, body) = desk.asks(&inbound).await;
        assert_eq!(status, 200, "{source}: {body}");
        answers.insert(source, (headers["content-type"].clone(), body));
    }
    assert_eq!(answers["dropbox-sign"].1, "Hello API Event Received");
    assert_eq!(answers["adyen"].1, "[accepted]");
    assert_eq!(answers["xero"].1, "");
    assert_eq!(answers["twilio"], ("text/xml".to_owned(), "<Response/>".to_owned()));
    assert_eq!(desk.records().len(), 4);
}

/// What a provider needs that was defined after the program was built: nothing but a text.
const LATER: &str = r#"
[providers.later]
title        = "Later Inc."
keep_headers = ["X-Later-Delivery"]

[providers.later.scheme]
header           = "X-Later-Signature"
separator        = ","
prefix           = "v1="
timestamp_prefix = "t="
algorithm        = "sha512"
encoding         = "base64url"
key              = "hex"
content          = "{timestamp}:{header:X-Later-Delivery}:{body}"

[providers.later.event]
each    = "/data/list"
key     = "{root:/batch}:{/id}"
kind    = "{root:/object}.{/type}"
time    = "/at"

[[providers.later.handshakes]]
when         = "/ping"
content_type = "application/json"
json         = { pong = "/ping", proof = "hmac-hex:/ping" }

[providers.later.reply]
text = "thanks"

[sources.first]
provider = "later"
[sources.second]
provider = "later"
"#;

#[tokio::test]
async fn a_provider_of_tomorrow_needs_no_new_program() {
    let desk = Desk::configured(LATER);
    ["first", "second"].iter().for_each(|name| desk.memory.secrets.set(name, &[SECRET]));
    let delivery = [JSON, ("X-Later-Delivery", "d1")];
    let body =
        r#"{"object":"o","batch":"b","data":{"list":[{"id":1,"type":"t","at":5},{"id":2}]}}"#;
    let (status, _, answer) = desk.posts_signed("first", &delivery, body).await;
    assert_eq!(
        (status, answer.as_str(), desk.keys()),
        (200, "thanks", vec!["b:1".to_owned(), "b:2".to_owned()])
    );
    let kinds: Vec<_> =
        desk.records().iter().map(|record| record.event.kind.as_str().to_owned()).collect();
    assert_eq!(kinds, ["o.t", "unknown"]);
    assert_eq!(desk.posts("second", &delivery, body).await.0, 401, "unsigned");
    let (status, _, answer) = desk.posts_signed("second", &delivery, r#"{"ping":"abc"}"#).await;
    assert_eq!(status, 200);
    assert!(answer.contains(r#""pong":"abc""#) && answer.contains("proof"), "{answer}");
    assert_eq!(desk.records().len(), 2);
}
