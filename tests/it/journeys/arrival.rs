//! A signed webhook, posted to the URL that the stack prints, arrives at a destination.

use super::endpoint::Delivery;
use super::eventually::SOON;
use super::journey::Journey;
use super::signed::{Webhook, github, stripe, unique_id};
use super::world::{DESTINATION_SECRET, shared};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use holdfast_aws::random::SystemRandom;
use holdfast_domain::outcome::Ending;
use holdfast_domain::record::{BodyPlace, Origin, Record, State};
use holdfast_pipeline::ports::Random;
use sha2::Sha256;

#[tokio::test]
async fn a_stripe_event_is_delivered_signed() {
    let journey = Journey::through(shared()).await;
    let webhook = stripe();
    let record = arrives(&journey, &webhook).await;
    assert_eq!(record.event.kind.as_str(), "invoice.paid");
    assert_eq!(record.event.body.place, BodyPlace::Table);
}

#[tokio::test]
async fn a_github_event_is_delivered_signed() {
    let journey = Journey::through(shared()).await;
    let body = format!(r#"{{"ref":"refs/heads/main","after":"{}"}}"#, unique_id());
    let record = arrives(&journey, &github("application/json", body.into())).await;
    assert_eq!(record.event.kind.as_str(), "push");
}

/// API Gateway hands over as base64 what does not claim to be text, and nothing may turn it into
/// text. (The local one breaks a body that claims to be JSON and is not UTF-8 before it is ours.)
#[tokio::test]
async fn a_body_that_is_no_text_arrives_byte_for_byte() {
    let journey = Journey::through(shared()).await;
    let every_byte: Vec<u8> = (0..=255).collect();
    arrives(&journey, &github("application/octet-stream", every_byte.into())).await;
    arrives(&journey, &github("application/x-www-form-urlencoded", "a=%20b&c=ü".into())).await;
    arrives(&journey, &github("application/json", Bytes::new())).await;
}

#[tokio::test]
async fn a_large_body_goes_through_the_bucket() {
    let journey = Journey::through(shared()).await;
    let record = arrives(&journey, &github("application/octet-stream", noise(64 * 1024))).await;
    assert_eq!(record.event.body.place, BodyPlace::Bucket);
}

/// 6 MiB go into Lambda in all: 4.4 MiB of bytes that travel as base64, or nearly 6 MiB of text.
#[tokio::test]
async fn the_largest_bodies_that_the_platform_takes_arrive() {
    let journey = Journey::through(shared()).await;
    arrives(&journey, &github("application/octet-stream", noise(4_400 * 1024))).await;
    let text = hex::encode(noise(2_900 * 1024));
    let text = format!(r#"{{"text":"{text}"}}"#);
    arrives(&journey, &github("application/json", text.into())).await;
}

/// Posts it, waits for it, and looks at everything that a consumer and an operator would.
async fn arrives(journey: &Journey<'_>, webhook: &Webhook) -> Record {
    journey.post_accepted(webhook).await;
    let record = journey.wait_until_processed(&webhook.key).await;
    let processed = record.processed.as_ref().expect("it is processed");
    assert_eq!(processed.ending, Ending::Delivered);
    assert!(processed.expires_at > processed.at, "it is remembered for a while");
    assert_eq!((record.place, record.attempts), (None, 1));
    assert_eq!(record.event.origin, Origin::Webhook);

    let deliveries = journey.deliveries(&webhook.key);
    let [delivery] = &deliveries[..] else { panic!("one delivery, not {}", deliveries.len()) };
    assert_eq!(delivery.body, webhook.body, "byte for byte");
    assert_signed(delivery);
    assert_eq!(delivery.header("holdfast-source"), webhook.source);
    record
}

/// The Standard Webhooks signature, computed anew from the specification.
fn assert_signed(delivery: &Delivery) {
    let key = DESTINATION_SECRET.strip_prefix("whsec_").expect("the usual prefix");
    let key = STANDARD.decode(key).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length");
    for part in [delivery.header("webhook-id"), ".", delivery.header("webhook-timestamp"), "."] {
        mac.update(part.as_bytes());
    }
    mac.update(&delivery.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(delivery.header("webhook-signature"), expected);
}

/// Bytes that no compression makes smaller.
fn noise(bytes: usize) -> Bytes {
    (0..bytes.div_ceil(16)).flat_map(|_| SystemRandom.bytes()).take(bytes).collect()
}

/// Providers repeat themselves. That is answered as the first time, and nobody is called again.
#[tokio::test]
async fn a_repeated_event_is_delivered_nowhere_again() {
    let journey = Journey::through(shared()).await;
    let (webhook, after) = (stripe(), stripe());
    let first = arrives(&journey, &webhook).await;
    for _ in 0..3 {
        journey.post_accepted(&webhook).await;
    }
    // Tickets are served in order here: had a repetition sent one, it would be through by now.
    arrives(&journey, &after).await;
    assert_eq!(journey.deliveries(&webhook.key).len(), 1);
    assert_eq!(journey.record(&webhook.key).await, Some(first), "nothing was written");
}

/// An open record must never expire.
#[tokio::test]
async fn only_a_processed_record_has_an_expiry() {
    let journey = Journey::through(shared()).await;
    let webhook = super::signed::stripe_of("to.gone");
    journey.world.endpoint.tell("/gone", super::endpoint::Answer::Status(410));
    journey.post_accepted(&webhook).await;
    journey.wait_until(&webhook.key, State::Dead, SOON).await;
    assert!(!journey.has_expiry(&webhook.key).await, "a dead record stays");
    let webhook = stripe();
    arrives(&journey, &webhook).await;
    assert!(journey.has_expiry(&webhook.key).await, "a processed record goes");
}
