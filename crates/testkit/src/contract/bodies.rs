//! The contract of a body store: what comes back is what the hash names, or nothing.

use super::TimeToLive;
use crate::builders::{body_ref, later, unique_key};
use bytes::Bytes;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef};
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::BodyStore;

/// Runs the suite.
pub async fn bodies(store: &impl BodyStore, ttl: &impl TimeToLive) {
    bodies_come_back(store).await;
    writing_again_is_no_change(store).await;
    writing_again_keeps_what_was_promised(store, ttl).await;
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

/// Small ones only: in the bucket all are kept equally long, from their last write on.
async fn writing_again_keeps_what_was_promised(store: &impl BodyStore, ttl: &impl TimeToLive) {
    let body = Bytes::from_static(b"small");
    for days in [[60, 31], [31, 60], [60, 60]] {
        let written = write_until(store, &body, days[0]).await;
        let again = store.write(&written.key, &body, later(Span::from_days(days[1]))).await;
        assert_eq!(again.unwrap(), BodyPlace::Table, "{days:?}");
        ttl.expire(later(Span::from_days(59))).await;
        assert_eq!(store.read(&written).await.unwrap().as_ref(), Some(&body), "{days:?}");
        ttl.expire(later(Span::from_days(60))).await;
        assert_eq!(store.read(&written).await.unwrap(), None, "{days:?}: no longer than promised");
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
    write_until(store, body, 60).await
}

async fn write_until(store: &impl BodyStore, body: &Bytes, days: u64) -> BodyRef {
    let hash = BodyHash::of(body);
    let key = BodyKey::new(&unique_key(), &hash);
    let kept_until = later(Span::from_days(days));
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
