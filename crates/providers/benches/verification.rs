//! What proving a request costs beyond the HMAC that it is about.
//!
//! ```text
//! cargo bench -p holdfast-providers
//! ```
//!
//! `bare_hmac` is HMAC-SHA256 over the same bytes and nothing else: what the fastest possible
//! verifier would have to pay. `verified` is the whole check, from headers as they arrived to the
//! verdict, under one secret; `verified_last_of_three` finds the right one of three; `refused` is a
//! request whose body was changed. `identified` adds key, kind, entity, version and time.
//! `found` is the way from a provider's name to its definition, which happens once when the
//! configuration is read: no request looks anything up among the definitions.
#![allow(clippy::expect_used, reason = "a benchmark")]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use hmac::{Hmac, KeyInit, Mac};
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{Message, verify};
use holdfast_domain::time::Timestamp;
use sha2::Sha256;

const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY_BYTES: usize = 4096;

/// A plain body, a timestamp in the signature's header, one in a header of its own, a decoded key
/// with an id, and hex in upper case allowed.
const PROVIDERS: [&str; 5] = ["github", "stripe", "slack", "standard-webhooks", "shopify"];

fn main() {
    divan::main();
}

#[divan::bench]
fn bare_hmac(bencher: Bencher) {
    let body = body();
    bencher.counter(BytesCount::new(BODY_BYTES)).bench(|| {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(black_box(SECRET).as_bytes()).expect("any key");
        mac.update(black_box(&body));
        mac.finalize().into_bytes()
    });
}

#[divan::bench(args = PROVIDERS)]
fn verified(bencher: Bencher, name: &str) {
    let (provider, inbound) = request(name);
    let secrets = [Secret::new(SECRET)];
    bencher.counter(BytesCount::new(BODY_BYTES)).bench(|| {
        verify(&provider, black_box(&inbound), black_box(&secrets), NOW)
            .expect("proved")
            .signed_at()
    });
}

#[divan::bench(args = PROVIDERS)]
fn verified_last_of_three(bencher: Bencher, name: &str) {
    let (provider, inbound) = request(name);
    let others =
        ["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"];
    let secrets = [others[0], others[1], SECRET].map(Secret::new);
    bencher.counter(BytesCount::new(BODY_BYTES)).bench(|| {
        verify(&provider, black_box(&inbound), black_box(&secrets), NOW)
            .expect("proved")
            .signed_at()
    });
}

#[divan::bench(args = PROVIDERS)]
fn refused(bencher: Bencher, name: &str) {
    let (provider, inbound) = request(name);
    let changed = Inbound { body: [&inbound.body[..], b" "].concat().into(), ..inbound };
    let secrets = [Secret::new(SECRET)];
    bencher.counter(BytesCount::new(BODY_BYTES)).bench(|| {
        verify(&provider, black_box(&changed), black_box(&secrets), NOW).expect_err("changed")
    });
}

#[divan::bench(args = PROVIDERS)]
fn identified(bencher: Bencher, name: &str) {
    let (provider, inbound) = request(name);
    let secrets = [Secret::new(SECRET)];
    bencher.counter(BytesCount::new(BODY_BYTES)).bench(|| {
        let verified = verify(&provider, black_box(&inbound), black_box(&secrets), NOW);
        verified.expect("proved").identify(NOW)
    });
}

#[divan::bench(args = PROVIDERS)]
fn found(name: &str) -> &'static Provider {
    holdfast_providers::find(black_box(name)).expect("defined")
}

/// A payment of 4 KB, most of it one long field, as real payloads are: the identity stands first.
fn body() -> Vec<u8> {
    let start = format!(
        "{{\"id\":\"evt_1\",\"type\":\"payment.updated\",\"created\":{},\"data\":{{\"note\":\"",
        NOW.secs()
    );
    let end = "\"}}";
    let filling = "x".repeat(BODY_BYTES.saturating_sub(start.len() + end.len()));
    format!("{start}{filling}{end}").into_bytes()
}

fn request(name: &str) -> (Provider, Inbound) {
    let provider = holdfast_providers::find(name).expect("defined").clone();
    let secrets = [Secret::new(SECRET)];
    let sample = provider.signed_sample(&secrets, "1", NOW).expect("a sample");
    let plain = sample.headers.iter().map(|(name, value)| (name, value)).collect();
    let body = body();
    let message = Message { id: "1", at: NOW, headers: &plain, body: &body };
    let signature = provider.scheme().sign(&secrets, &message).expect("signed");
    let others =
        sample.headers.iter().filter(|(name, _)| !signature.iter().any(|(n, _)| n == name));
    let headers = others.chain(&signature).map(|(name, value)| (name, value)).collect();
    let inbound = Inbound::post(format!("/hooks/{name}"), headers, body);
    (provider, inbound)
}
