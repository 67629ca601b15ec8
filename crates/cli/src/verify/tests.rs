use super::corpus;
use super::single::Subject;
use crate::report::Report;
use holdfast_conformance::Outcome;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::time::{Span, Timestamp};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn provider(name: &str) -> &'static Provider {
    holdfast_providers::find(name).expect("defined")
}

fn signed(name: &str) -> Inbound {
    let secrets = [Secret::new(SECRET)];
    let sample = provider(name).signed_sample(&secrets, "1", NOW).expect("signed");
    let headers: Headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
    Inbound::post("/hooks/a", headers, sample.body)
}

fn said(name: &str, inbound: &Inbound, secret: &str, now: Timestamp) -> Report {
    let secrets = vec![Secret::new(secret)];
    let provider = Arc::new(provider(name).clone());
    let mut report = Report::new();
    Subject { provider, secrets, is_local: false }.report(inbound, None, now, &mut report);
    assert!(!report.text.contains(SECRET.get(6..).expect("ascii")), "{}", report.text);
    report
}

#[test]
fn a_good_request_is_accepted_and_identified() {
    let report = said("stripe", &signed("stripe"), SECRET, NOW);
    assert!(report.is_well, "{}", report.text);
    assert!(report.text.starts_with("ACCEPTED as Stripe\nsigned at "), "{}", report.text);
    assert!(report.text.contains("event evt_1 ("), "{}", report.text);
    assert!(report.text.contains("signed: "), "{}", report.text);
}

#[test]
fn what_happened_to_a_body_is_found_out() {
    let good = signed("github");
    let with = |body: Vec<u8>| Inbound { body: body.into(), ..good.clone() };
    let text = String::from_utf8_lossy(&good.body).into_owned();
    for (body, expected) in [
        (format!("{text}\n"), "fits without the line end after it"),
        (text.replace("\":", "\": "), "fits without the blanks between its JSON values"),
    ] {
        let report = said("github", &with(body.into_bytes()), SECRET, NOW);
        assert!(!report.is_well);
        assert!(report.text.contains("likely: the body was changed"), "{}", report.text);
        assert!(report.text.contains(expected), "{}", report.text);
    }
    let report = said("github", &with(b"{\"x\":1}".to_vec()), SECRET, NOW);
    assert!(report.text.contains("cannot be told apart"), "{}", report.text);
}

#[test]
fn a_secret_that_was_copied_badly_is_found_out() {
    let report = said("stripe", &signed("stripe"), &format!("{SECRET}\n"), NOW);
    assert!(report.text.contains("fits without the blanks around it"), "{}", report.text);
    let other = said("stripe", &signed("stripe"), "whsec_other", NOW);
    assert!(other.text.contains("REFUSED as Stripe: the signature does not match"));
}

#[test]
fn age_and_other_senders_are_told() {
    let late = said("stripe", &signed("stripe"), SECRET, NOW.plus(Span::from_secs(400)));
    assert!(late.text.contains("the timestamp is 100 s older than is tolerated"), "{}", late.text);
    assert!(late.text.contains("--at"), "{}", late.text);
    let other = said("stripe", &signed("github"), SECRET, NOW);
    assert!(other.text.contains("the signature header is missing"), "{}", other.text);
    assert!(other.text.contains("provider = \"github\""), "{}", other.text);
    assert!(other.text.contains("there is a header x-hub-signature-256, with sha256="));
}

#[tokio::test]
async fn a_corpus_says_what_differs_and_keeps_the_debatable_apart() {
    let row = |id: &str, expect: &str, debatable: bool| {
        format!(
            "{{\"id\":\"{id}\",\"provider\":\"Git_Hub\",\"config\":{{\"secrets\":[\"s\"]}},\
             \"request\":{{\"headers\":{{\"X-Hub-Signature-256\":\"sha256=00\"}},\"body_base64\":\"\"}},\
             \"now\":1.5,\"expect\":\"{expect}\",\"debatable\":{debatable},\"unheard_of\":[]}}\n"
        )
    };
    let corpus = [
        row("right", "reject", false),
        row("wrong", "accept", false),
        row("policy", "accept", true),
        "not json\n".to_owned(),
    ];
    let mut outcome = Outcome::default();
    outcome.add(&corpus.concat(), false).await;
    let report = corpus::report(&outcome);
    assert!(!report.is_well);
    let text = &report.text;
    assert!(text.contains("Git_Hub"), "{text}");
    assert!(text.contains("WRONG: wrong: refused with 401 (signature_malformed), expected accept"));
    assert!(text.contains("debatable: policy: refused with 401"), "{text}");
    assert!(text.contains("WRONG: line 4: "), "{text}");
    assert!(!text.contains("WRONG: right") && !text.contains("WRONG: policy"), "{text}");
}
