//! Requests that are wrong, and requests that are right and strange. What was not signed is answered
//! alike whatever is wrong with it, and leaves no trace; what was signed is kept, whatever it is.

use crate::lambdas::Lambdas;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::headers::Headers;
use holdfast_domain::identity::Kind;
use holdfast_domain::record::State;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::memory::SeededRandom;
use holdfast_pipeline::ports::Random;
use holdfast_providers::Definitions;
use holdfast_testkit::faults::Operation;
use holdfast_testkit::world::{SECRET, World};
use serde_json::{Value, json};

const SETTINGS: &str = r#"
[sources.stripe]
provider = "stripe"
[sources.github]
provider = "github"
[sources.shopify]
provider = "shopify"
[sources.slack]
provider = "slack"
[sources.standard]
provider = "standard-webhooks"
[sources.acme]
provider = "hmac"
scheme   = { header = "X-Acme-Signature", algorithm = "sha256", encoding = "hex", prefix = "sha256=", content = "{timestamp}.{body}", timestamp = "X-Acme-Timestamp", tolerance_secs = 300 }
event    = { key = "/id", kind = "/type", time = "/created" }
[sources.strict]
provider = "stripe"
unparsable = "reject"
[sources.small]
provider = "stripe"
max_body_bytes = 100
"#;

const SOURCES: [&str; 6] = ["stripe", "github", "shopify", "slack", "standard", "acme"];

fn world() -> World<Lambdas> {
    let configuration = Configuration::read(SETTINGS, &Definitions);
    let mut world = World::of(configuration.unwrap_or_else(|problems| panic!("{problems}")));
    world.clock.set(Timestamp::from_secs(1_780_286_655));
    world.restart();
    world
}

/// A signed request with any body.
fn signed(world: &World<Lambdas>, source: &str, body: &[u8], more: &[(&str, &str)]) -> Value {
    let found = world.configuration().source(source).expect("a source");
    let headers: Headers = more.iter().copied().collect();
    let id = BodyHash::of(body).hex();
    let message = Message { id: &id, at: world.now(), headers: &headers, body };
    let signed = found.provider.scheme().sign(&[Secret::new(SECRET)], &message).expect("signed");
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    request(source, signed.into_iter().chain(more), body)
}

/// The sample request of a source's provider.
fn sample(world: &World<Lambdas>, source: &str, id: &str) -> Value {
    let found = world.configuration().source(source).expect("a source");
    let sample = found.provider.signed_sample(&[Secret::new(SECRET)], id, world.now());
    let sample = sample.expect("signed");
    request(source, sample.headers, &sample.body)
}

fn request(
    source: &str,
    headers: impl IntoIterator<Item = (String, String)>,
    body: &[u8],
) -> Value {
    let headers: serde_json::Map<String, Value> = headers
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), json!(value)))
        .collect();
    let text = std::str::from_utf8(body);
    json!({
        "version": "2.0",
        "rawPath": format!("/hooks/{source}"),
        "rawQueryString": "",
        "headers": headers,
        "requestContext": { "http": { "method": "POST" } },
        "body": text.map_or_else(|_| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}

async fn status(world: &mut World<Lambdas>, event: &Value) -> u16 {
    world.post_event(&event.to_string()).await
}

fn assert_no_writes(world: &World<Lambdas>, what: &str) {
    assert_eq!(world.faults.calls_since(0).writes(), 0, "{what}");
    assert!(world.memory.events.all().is_empty(), "{what}");
    assert_eq!(world.memory.queue.len(), (0, 0), "{what}");
}

/// Ways to spoil a good request of Stripe's.
fn spoiled(good: &Value, world: &World<Lambdas>) -> Vec<(String, Value)> {
    let now = world.now().secs();
    let header = good["headers"]["stripe-signature"].as_str().expect("signed").to_owned();
    let signature = header.rsplit_once("v1=").expect("a signature").1.to_owned();
    let mut spoiled = Vec::new();
    let mut add = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut event = good.clone();
        change(&mut event);
        spoiled.push((what.to_owned(), event));
    };
    let headers = [
        String::new(),
        " ".to_owned(),
        ",".to_owned(),
        "=".repeat(3000),
        ",v1=".repeat(3000),
        "garbage".to_owned(),
        "tü=1,v1=é".to_owned(),
        "\u{0}\u{7f}\n\r".to_owned(),
        format!("t={now}"),
        format!("v1={signature}"),
        format!("t={now},v1="),
        format!("t={now},v1={}", &signature[1..]),
        format!("t={now},v1={signature}0"),
        format!("t={now},v1={}", "g".repeat(64)),
        format!("t={now},v1={}", "0".repeat(64)),
        format!("t={now},v1={}", "0".repeat(1_000_000)),
        format!("t={now},v0={signature}"),
        format!("t={now},V1={signature}"),
        format!("t=,v1={signature}"),
        format!("t={now}0,v1={signature}"),
        format!("t={},v1={signature}", now - 1),
        format!("t=-{now},v1={signature}"),
        format!("t={},v1={signature}", i64::MIN),
        format!("t={},v1={signature}", i64::MAX),
        format!("t=99999999999999999999999999,v1={signature}"),
        format!("t={now}.5,v1={signature}"),
        format!("t=NaN,v1={signature}"),
    ];
    for value in headers {
        let what = value.chars().take(60).collect::<String>();
        add(&format!("signature {what:?}"), &|event| {
            event["headers"]["stripe-signature"] = json!(value);
        });
    }
    add("no signature", &|event| {
        event["headers"].as_object_mut().expect("headers").remove("stripe-signature");
    });
    add("no headers", &|event| event["headers"] = json!({}));
    add("another body", &|event| event["body"] = json!("{}"));
    add("no body", &|event| event["body"] = Value::Null);
    add("a body of base64 that is not", &|event| {
        event["body"] = json!(STANDARD.encode("{}"));
        event["isBase64Encoded"] = json!(true);
    });
    add("the longest body", &|event| event["body"] = json!("x".repeat(6 * 1024 * 1024)));
    for path in [
        "",
        "/",
        "/hooks",
        "/hooks/",
        "/hooks/nobody",
        "/hooks/Stripe",
        "/hooks/stripe/",
        "/hooks/stripe/x",
        "/hooks/../hooks/nobody",
        "/hooks/%73tripe",
        "/hooks/stripe\u{0}",
        "/hooks/été",
        "stripe",
    ] {
        add(&format!("path {path:?}"), &|event| event["rawPath"] = json!(path));
    }
    for source in ["github", "shopify", "slack", "standard", "acme"] {
        add(&format!("sent to {source}"), &|event| {
            event["rawPath"] = json!(format!("/hooks/{source}"));
        });
    }
    spoiled
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_it_gets_the_same_401() {
    let mut world = world();
    let good = sample(&world, "stripe", "1");
    let stranger = {
        let mut event = good.clone();
        event["rawPath"] = json!("/hooks/nobody");
        event
    };
    let uniform = world.answer(&stranger.to_string()).await;
    assert!(uniform.contains("401"), "{uniform}");
    let spoiled = spoiled(&good, &world);
    for (what, event) in &spoiled {
        assert_eq!(world.answer(&event.to_string()).await, uniform, "{what}");
    }
    assert_no_writes(&world, "refused");
    let rejected = world.facts.take().into_iter();
    let rejected = rejected.filter(|fact| matches!(fact, Fact::Rejected { .. })).count();
    assert_eq!(rejected, spoiled.len() + 1, "each is counted");
    assert_eq!(status(&mut world, &good).await, 200, "the good one is good");
}

#[tokio::test]
async fn what_is_too_old_or_too_new_gets_the_same_401() {
    for wrong in [Span::from_secs(301), Span::from_days(400)] {
        for source in ["stripe", "slack", "standard", "acme"] {
            let mut world = world();
            let now = world.now();
            for at in [now.minus(wrong), now.plus(wrong)] {
                world.clock.set(at);
                let event = signed(&world, source, br#"{"id":"1","type":"x"}"#, &[]);
                world.clock.set(now);
                assert_eq!(status(&mut world, &event).await, 401, "{source} {at}");
            }
            assert_no_writes(&world, source);
        }
    }
}

#[tokio::test]
async fn what_is_no_post_or_too_large_is_refused() {
    let mut world = world();
    for method in ["GET", "PUT", "post", "", "PO\u{0}ST"] {
        let mut event = sample(&world, "stripe", "1");
        event["requestContext"]["http"]["method"] = json!(method);
        assert_eq!(status(&mut world, &event).await, 405, "{method:?}");
    }
    let event = signed(&world, "small", &[b'x'; 101], &[]);
    assert_eq!(status(&mut world, &event).await, 413);
    assert_no_writes(&world, "refused");
    let event = signed(&world, "small", &[b'x'; 100], &[]);
    assert_eq!(status(&mut world, &event).await, 200);
}

#[tokio::test]
async fn what_is_no_request_at_all_is_answered() {
    let mut world = world();
    let mut not_base64 = sample(&world, "stripe", "1");
    not_base64["isBase64Encoded"] = json!(true);
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let mut others = vec![not_base64.to_string(), deep];
    others.extend(
        ["", "{}", "[]", "null", "0", "\"\"", r#"{"requestContext":{}}"#].map(String::from),
    );
    for field in ["requestContext", "headers", "body", "isBase64Encoded", "rawPath"] {
        let mut event = sample(&world, "stripe", "1");
        event[field] = json!([1, 2]);
        others.push(event.to_string());
    }
    for event in others {
        let shown = event.chars().take(80).collect::<String>();
        assert_eq!(world.post_event(&event).await, 400, "{shown}");
    }
    assert_no_writes(&world, "refused");
}

/// Bodies that nobody expects, and whether they can be parsed.
fn strange_bodies() -> Vec<(Vec<u8>, bool)> {
    let deep = |times: usize| ["[".repeat(times), "]".repeat(times)].concat().into_bytes();
    let long = "é\\n".repeat(100_000);
    vec![
        (Vec::new(), false),
        (b"\xff\xfe\x00".to_vec(), false),
        (b"not JSON".to_vec(), false),
        (br#"{"id":"cut of"#.to_vec(), false),
        (b"{}{}".to_vec(), false),
        (vec![b' '; 100_000], false),
        (deep(20), true),
        (b"null".to_vec(), true),
        (b"7e999999".to_vec(), true),
        (br#"{"id":null,"type":[],"created":"yesterday"}"#.to_vec(), true),
        (br#"{"id":"a","id":"b","type":"x","type":"y"}"#.to_vec(), true),
        (br#"{"id":"","type":""}"#.to_vec(), true),
        (br#"{"id":"\u0000\ud83d\ude00","type":"\u001b[31m","created":1e400}"#.to_vec(), true),
        (br#"{"id":-9223372036854775809,"created":-9223372036854775808}"#.to_vec(), true),
        (format!(r#"{{"id":"{long}","type":"{long}"}}"#).into_bytes(), true),
    ]
}

#[tokio::test]
async fn whatever_was_signed_is_stored_delivered_nowhere_and_counted() {
    for source in SOURCES {
        let mut world = world();
        let bodies = strange_bodies();
        for (body, _) in &bodies {
            let event = signed(&world, source, body, &[]);
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            assert_eq!(status(&mut world, &event).await, 200, "{source} {shown}");
        }
        let unparsable = |fact: &Fact| matches!(fact, Fact::Unparsable { .. });
        let counted = world.facts.take().iter().filter(|fact| unparsable(fact)).count();
        let wanted = bodies.iter().filter(|(_, parsed)| !parsed).count();
        assert_eq!(counted, wanted, "{source}");
        world.settle().await;
        let records = world.memory.events.all();
        for (body, _) in &bodies {
            let hash = BodyHash::of(body);
            let found = records.iter().find(|record| record.event.body.hash == hash);
            let found = found.unwrap_or_else(|| panic!("{source} stored {hash}"));
            assert_eq!(found.state, State::Processed);
            assert!(found.event.kind.as_str().len() <= 256);
            assert!(found.key().event_key().len() <= 529);
        }
        let empty = BodyHash::of(b"");
        let empty = records.iter().find(|record| record.event.body.hash == empty);
        assert_eq!(empty.map(|record| record.event.kind.clone()), Some(Kind::unknown()));
        assert_eq!(world.check().await, Vec::<String>::new(), "{source}");
    }
}

#[tokio::test]
async fn absurd_headers_are_bounded() {
    let mut world = world();
    let long = "x".repeat(100_000);
    let more =
        [("X-GitHub-Delivery", long.as_str()), ("X-GitHub-Event", &long), ("User-Agent", &long)];
    let event = signed(&world, "github", b"{}", &more);
    assert_eq!(status(&mut world, &event).await, 200);
    let [record] = &world.memory.events.all()[..] else { panic!("one record") };
    let kept: usize =
        record.event.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(kept <= 4096, "{kept} bytes of headers");
    assert!(record.event.kind.as_str().len() <= 256 && record.key().event_key().len() <= 529);
}

#[tokio::test]
async fn a_source_may_refuse_what_cannot_be_parsed() {
    let mut world = world();
    for (body, parsed) in strange_bodies() {
        let event = signed(&world, "strict", &body, &[]);
        let before = world.faults.made();
        let wanted = if parsed { 200 } else { 400 };
        assert_eq!(status(&mut world, &event).await, wanted);
        assert_eq!(world.faults.calls_since(before).writes() > 0, parsed);
    }
}

#[tokio::test]
async fn a_source_without_its_secret_is_unavailable_alone() {
    let mut world = world();
    world.memory.secrets.remove("stripe");
    for _ in 0..3 {
        let event = sample(&world, "stripe", "1");
        assert_eq!(status(&mut world, &event).await, 503);
    }
    assert_no_writes(&world, "without a secret");
    let alarms = world.facts.take();
    let about_stripe =
        |fact: &Fact| matches!(fact, Fact::SecretUnavailable { source, .. } if source == "stripe");
    assert_eq!(alarms.iter().filter(|fact| about_stripe(fact)).count(), 3);
    let event = sample(&world, "github", "1");
    assert_eq!(status(&mut world, &event).await, 200, "the others go on");
}

#[tokio::test]
async fn an_outage_of_the_secrets_refuses_nobody_who_was_known() {
    let mut world = world();
    world.memory.secrets.set_unreachable(true);
    let event = sample(&world, "stripe", "1");
    assert_eq!(status(&mut world, &event).await, 503, "nothing was ever known");
    world.memory.secrets.set_unreachable(false);
    world.clock.advance(Span::from_mins(1));
    assert_eq!(status(&mut world, &event).await, 200, "it was soon asked again");
    world.memory.secrets.set_unreachable(true);
    world.clock.advance(Span::from_mins(60));
    let event = sample(&world, "stripe", "2");
    assert_eq!(status(&mut world, &event).await, 200, "what worked goes on");
}

/// Random changes of good requests: an event of any bytes is answered, and what is stored is what
/// was signed.
#[tokio::test]
async fn no_random_change_of_a_request_is_believed_or_breaks_anything() {
    const TRIES: usize = 1500;
    let random = SeededRandom::new(42);
    let mut counted = std::collections::BTreeMap::<u16, usize>::new();
    for source in SOURCES {
        let mut world = world();
        let good = sample(&world, source, "1");
        let signed = BodyHash::of(good["body"].as_str().expect("text").as_bytes());
        for _ in 0..TRIES {
            let event = changed(&good, &random);
            let before = world.faults.made();
            let status = world.post_event(&event).await;
            assert!([200, 400, 401, 405].contains(&status), "{status}: {event}");
            let writes = world.faults.calls_since(before).writes();
            assert_eq!(writes > 0, status == 200 && source_is_not_shaken(&event), "{event}");
            *counted.entry(status).or_default() += 1;
        }
        let records = world.memory.events.all();
        assert!(records.iter().all(|record| record.event.body.hash == signed), "{source}");
        let stored = world.faults.calls_since(0).count(Operation::CreateRecord);
        assert!(stored >= records.len());
    }
    assert!(counted.get(&401).is_some_and(|count| *count > TRIES), "{counted:?}");
}

/// A handshake is answered 200 and not stored; no change makes one of a signed event.
fn source_is_not_shaken(event: &str) -> bool {
    !event.contains("url_verification")
}

fn below(random: &SeededRandom, most: usize) -> usize {
    usize::try_from(random.number() % most.max(1) as u64).expect("small")
}

/// Changes a header's value, the body or the event's text somewhere.
fn changed(good: &Value, random: &SeededRandom) -> String {
    let mut event = good.clone();
    match below(random, 3) {
        0 => {
            let headers = event["headers"].as_object_mut().expect("headers");
            let at = below(random, headers.len());
            let value = headers.values_mut().nth(at).expect("a header");
            *value = json!(disturbed(value.as_str().expect("text"), random));
            event.to_string()
        }
        1 => {
            let body = event["body"].as_str().expect("text").to_owned();
            event["body"] = json!(disturbed(&body, random));
            event.to_string()
        }
        _ => disturbed(&event.to_string(), random),
    }
}

/// Replaces, inserts, drops or repeats a few bytes.
fn disturbed(text: &str, random: &SeededRandom) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=below(random, 3) {
        let at = below(random, bytes.len());
        let [byte, ..] = random.bytes();
        match below(random, 4) {
            0 if !bytes.is_empty() => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            _ => {
                let end = (at + below(random, 40)).min(bytes.len());
                let repeated = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, repeated);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
