//! The contract of a body store: what comes back is what the hash names, or nothing.

use crate::builders::{body_ref, later, unique_key};
use bytes::Bytes;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef};
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::BodyStore;

/// Runs the suite.
pub async fn bodies(store: &impl BodyStore) {
    bodies_come_back(store).await;
    writing_again_is_no_change(store).await;
    another_body_is_none(store).await;
    a_missing_body_is_none(store).await;
}

/// Bodies of all sizes: compressible ones, and ones that no compression makes smaller.
pub fn samples() -> Vec<(&'static str, Bytes)> {
    vec![
        ("empty", Bytes::new()),
        ("one byte", Bytes::from_static(&[0xff])),
        ("text", Bytes::from_static(r#"{"id":"evt_1","grüße":"\u0000"}"#.as_bytes())),
        ("8 KB of noise", noise(8 * 1024)),
        ("just below 8 KB of noise", noise(8 * 1024 - 64)),
        ("1 MiB of the same", Bytes::from(vec![b'x'; 1024 * 1024])),
        ("1 MiB of noise", noise(1024 * 1024)),
        ("5 MiB of noise", noise(5 * 1024 * 1024)),
    ]
}

async fn bodies_come_back(store: &impl BodyStore) {
    for (name, body) in samples() {
        let stored = write(store, &body).await;
        assert_eq!(store.read(&stored).await.unwrap(), Some(body), "{name}");
        assert!(store.renew(&stored, later(Span::from_days(90))).await.unwrap(), "{name}");
        assert!(store.renew(&stored, later(Span::from_days(80))).await.unwrap(), "{name}: shorter");
        assert!(store.read(&stored).await.unwrap().is_some(), "{name} after a renewal");
    }
}

async fn writing_again_is_no_change(store: &impl BodyStore) {
    for (name, body) in samples() {
        let stored = write(store, &body).await;
        let again = store.write(&stored.key, &body, later(Span::from_days(61))).await.unwrap();
        assert_eq!(again, stored.place, "{name}");
        assert_eq!(store.read(&stored).await.unwrap(), Some(body), "{name}");
    }
}

async fn another_body_is_none(store: &impl BodyStore) {
    for (name, body) in samples() {
        let wanted = BodyRef { hash: BodyHash::of(b"another"), ..write(store, &body).await };
        assert_eq!(store.read(&wanted).await.unwrap(), None, "{name}");
    }
}

async fn a_missing_body_is_none(store: &impl BodyStore) {
    for place in [BodyPlace::Table, BodyPlace::Bucket] {
        let missing = BodyRef { place, ..body_ref(&unique_key(), b"never written") };
        assert_eq!(store.read(&missing).await.unwrap(), None, "{place:?}");
        let kept = store.renew(&missing, later(Span::from_days(90))).await.unwrap();
        assert!(!kept, "{place:?}: what is missing cannot be kept");
        assert_eq!(store.read(&missing).await.unwrap(), None, "{place:?} after a renewal");
    }
}

async fn write(store: &impl BodyStore, body: &Bytes) -> BodyRef {
    let hash = BodyHash::of(body);
    let key = BodyKey::new(&unique_key(), &hash);
    let kept_until = later(Span::from_days(60));
    let place = store.write(&key, body, kept_until).await.unwrap();
    BodyRef { place, key, hash, kept_until }
}

/// Bytes that no compression makes smaller (xorshift64, Marsaglia 2003).
fn noise(length: usize) -> Bytes {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    Bytes::from(bytes)
}
