//! Notifications of Microsoft Graph with resource data: two proofs, of which neither stands in for
//! the other. The keys and tokens of the fixture were made for it, and the private keys thrown away.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::{Mark, Provider};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{
    KeyAddress, KeyPage, Known, Rejection, SignedPart, Unsignable, key_page_of, signed_bytes,
    verify_with,
};
use holdfast_domain::time::{Span, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
const APP: &str = "8e460676-ae3f-4b1e-8790-ee0fb5d6148f";
const TENANT: &str = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const STATE: &str = "kept-by-the-subscription";
const KEYS: &str = "https://login.microsoftonline.com/common/discovery/keys";

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/msgraph-rich.json")).expect("JSON")
}

fn token(name: &str) -> String {
    fixture()["tokens"][name].as_str().expect(name).to_owned()
}

/// As a source has it that listens to one app.
fn provider() -> Provider {
    listening(&[("claim:aud", &[APP])])
}

fn listening(only: &[(&str, &[&str])]) -> Provider {
    let known = holdfast_providers::find("msgraph-rich").expect("defined").clone();
    let mark = |text: &str| Mark::parse(text).expect("a mark");
    let values = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    known.with_only(only.iter().map(|(place, all)| (mark(place), values(all))).collect())
}

fn request(body: &Value) -> Inbound {
    Inbound::post("/hooks/graph", Headers::new(), body.to_string())
}

/// Two notifications with these client states, and these tokens.
fn notifications(states: [&str; 2], tokens: &[&str]) -> Value {
    let item = |(nth, state): (usize, &str)| {
        json!({
            "subscriptionId": "s", "tenantId": TENANT, "clientState": state,
            "id": format!("n{nth}"), "changeType": "created", "resource": "chats('1')/messages('2')",
            "encryptedContent": { "data": "AA==", "dataSignature": "AA==", "dataKey": "AA==" },
        })
    };
    let items: Vec<Value> = states.into_iter().enumerate().map(item).collect();
    json!({ "value": items, "validationTokens": tokens })
}

fn page(keys: &Value) -> KeyPage {
    KeyPage { url: KEYS.to_owned(), text: keys.to_string().into() }
}

fn outcome(provider: &Provider, body: &Value) -> Result<(), Rejection> {
    let (secrets, page) = ([Secret::new(STATE)], page(&fixture()["keys"]));
    let known = Known { secrets: &secrets, keys: Some(&page) };
    verify_with(provider, &request(body), &known, NOW).map(drop)
}

/// What comes of good notifications with the named tokens.
fn with_tokens(names: &[&str]) -> Result<(), Rejection> {
    let tokens: Vec<String> = names.iter().map(|name| token(name)).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    outcome(&provider(), &notifications([STATE, STATE], &tokens))
}

#[test]
fn both_proofs_hold() {
    for names in [&["v2"][..], &["v1"], &["v2", "second_tenant", "v1"]] {
        assert_eq!(with_tokens(names), Ok(()), "{names:?}");
    }
    let body = notifications([STATE, STATE], &[&token("v2")]);
    let (provider, inbound) = (provider(), request(&body));
    let (secrets, page) = ([Secret::new("next"), Secret::new(STATE)], page(&fixture()["keys"]));
    let known = Known { secrets: &secrets, keys: Some(&page) };
    let verified = verify_with(&provider, &inbound, &known, NOW).expect("proved");
    assert_eq!(verified.signed_at(), None, "a token is older than what it comes with");
    let events = verified.contents(NOW, 10).events;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].identity.kind.as_str(), "created");
}

#[test]
fn one_token_that_does_not_hold_is_one_too_many() {
    /// An hour, less the minute that clocks are forgiven.
    const BY: Span = Span::from_secs(3600 - 60);
    for (name, expected) in [
        ("other_app", Rejection::NotMeant),
        ("other_publisher", Rejection::NotMeant),
        ("other_publisher_v1", Rejection::NotMeant),
        ("publisher_in_the_claim_of_the_other_version", Rejection::NotMeant),
        ("no_publisher", Rejection::NotMeant),
        ("expired", Rejection::TooOld { by: BY }),
        ("not_yet", Rejection::TooNew { by: BY }),
        ("without_end", Rejection::PartMissing(SignedPart::Timestamp)),
        ("other_key", Rejection::Mismatch),
        ("unknown_key", Rejection::Mismatch),
    ] {
        for names in [&[name][..], &["v2", name], &[name, "v2"], &["v2", name, "v1"]] {
            assert_eq!(with_tokens(names), Err(expected), "{names:?}");
        }
    }
}

#[test]
fn no_token_is_no_proof() {
    let good = notifications([STATE, STATE], &[&token("v2")]);
    for tokens in [json!([]), json!(null), json!({}), json!(token("v2")), json!([""])] {
        let mut body = good.clone();
        body["validationTokens"] = tokens;
        assert_eq!(outcome(&provider(), &body), Err(Rejection::SignatureMissing), "{body}");
    }
    let mut body = good.clone();
    body.as_object_mut().expect("an object").remove("validationTokens");
    assert_eq!(outcome(&provider(), &body), Err(Rejection::SignatureMissing));
    for item in [json!(null), json!({}), json!([token("v2")])] {
        body["validationTokens"] = json!([token("v2"), item]);
        assert_eq!(outcome(&provider(), &body), Err(Rejection::SignatureMissing), "{body}");
    }
    for item in [json!("x"), json!(1), json!("eyJhbGciOiJub25lIn0.e30.")] {
        body["validationTokens"] = json!([token("v2"), item]);
        assert_eq!(outcome(&provider(), &body), Err(Rejection::SignatureMalformed), "{body}");
    }
    // Of a name that stands twice the last counts, as for whoever reads the body later.
    let text = good.to_string().replacen('{', "{\"validationTokens\":[],", 1);
    let known = [Secret::new(STATE)];
    let page = page(&fixture()["keys"]);
    let known = Known { secrets: &known, keys: Some(&page) };
    let provider = provider();
    let twice = |text: String| {
        let inbound = Inbound::post("/", Headers::new(), text);
        verify_with(&provider, &inbound, &known, NOW).map(drop)
    };
    assert_eq!(twice(text), Ok(()));
    let mut text = good.to_string();
    text.truncate(text.len() - 1);
    assert_eq!(
        twice(format!("{text},\"validationTokens\":[]}}")),
        Err(Rejection::SignatureMissing)
    );
}

#[test]
fn tokens_do_not_stand_in_for_the_client_state() {
    let token = token("v2");
    for states in [["other", STATE], [STATE, "other"]] {
        let body = notifications(states, &[&token]);
        assert_eq!(outcome(&provider(), &body), Err(Rejection::Mismatch));
    }
    let body = notifications([STATE, ""], &[&token]);
    assert_eq!(outcome(&provider(), &body), Err(Rejection::SignatureMissing));
    let body = json!({ "value": [], "validationTokens": [token] });
    assert_eq!(outcome(&provider(), &body), Err(Rejection::SignatureMissing));
    let (body, page) = (notifications([STATE, STATE], &[&token]), page(&fixture()["keys"]));
    let known = Known { secrets: &[], keys: Some(&page) };
    let outcome = verify_with(&provider(), &request(&body), &known, NOW).map(drop);
    assert_eq!(outcome, Err(Rejection::NoUsableSecret));
}

#[test]
fn the_keys_are_those_of_the_page() {
    let (provider, body) = (provider(), notifications([STATE, STATE], &[&token("v2")]));
    let inbound = request(&body);
    let address = KeyAddress { url: KEYS.to_owned(), is_fixed: true };
    assert_eq!(key_page_of(&provider, &inbound), Ok(Some(address)));
    let secrets = [Secret::new(STATE)];
    let verify = |keys: Option<&KeyPage>| {
        verify_with(&provider, &inbound, &Known { secrets: &secrets, keys }, NOW).map(drop)
    };
    assert_eq!(verify(None), Err(Rejection::KeyMissing));
    assert_eq!(verify(Some(&page(&json!({ "keys": [] })))), Err(Rejection::KeyUnusable));
    let elsewhere = KeyPage { url: format!("{KEYS}x"), ..page(&fixture()["keys"]) };
    assert_eq!(verify(Some(&elsewhere)), Err(Rejection::KeyMissing));
    let mut older = fixture()["keys"].clone();
    older["keys"][0]["kid"] = json!("graph-0");
    let outcome = verify(Some(&page(&older))).expect_err("an older page");
    assert!(outcome.may_be_an_old_secret(), "so that the page is fetched again: {outcome:?}");
}

#[test]
fn a_source_may_say_which_tenants_it_serves() {
    let one = listening(&[("claim:aud", &[APP, "another"]), ("claim:tid", &[TENANT])]);
    let (ours, others) = (token("v2"), token("second_tenant"));
    let outcome = |tokens: &[&str]| outcome(&one, &notifications([STATE, STATE], tokens));
    assert_eq!(outcome(&[&ours]), Ok(()));
    for tokens in [[&*ours, &*others], [&*others, &*ours]] {
        assert_eq!(outcome(&tokens), Err(Rejection::NotMeant));
    }
}

#[test]
fn what_others_ask_of_the_scheme_knows_of_both_proofs() {
    let provider = provider();
    let scheme = provider.scheme();
    assert!(scheme.needs_secret() && scheme.has_public_key() && !scheme.needs_public_url());
    assert!(!provider.key_is_signed(), "neither covers the body");
    assert_eq!(scheme.tolerances(), None, "tokens end, but their age is not judged");
    let sample = provider.signed_sample(&[Secret::new(STATE)], "1", NOW);
    assert_eq!(sample.err(), Some(Unsignable::NoPrivateKey));
    let body = notifications([STATE, STATE], &[&token("v2"), &token("v1")]);
    let signed = signed_bytes(&provider, &request(&body), &[]).expect("both tokens");
    let lens = ["v2", "v1"].map(|name| token(name).rfind('.').expect("a token"));
    assert_eq!(signed.iter().map(|one| one.len).collect::<Vec<_>>(), lens);
}

#[test]
fn the_endpoint_is_validated_without_any_proof() {
    let inbound = Inbound {
        query: "validationToken=a%3A%20b".to_owned(),
        ..Inbound::post("/hooks/graph", Headers::new(), "")
    };
    let reply = provider().greet(&inbound, &Default::default()).expect("an answer");
    assert_eq!((reply.status, &reply.body[..]), (200, "a: b".as_bytes()));
}
