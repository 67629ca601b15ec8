use super::lock;
use crate::ports::{BodyStore, Result};
use bytes::Bytes;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef};
use holdfast_domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Bodies on memory.
#[derive(Debug, Default)]
pub struct MemoryBodies(Mutex<BTreeMap<BodyKey, Kept>>);

#[derive(Clone, Debug)]
struct Kept {
    body: Bytes,
    until: Timestamp,
}

impl MemoryBodies {
    /// Drops what is not kept any more.
    pub fn expire(&self, now: Timestamp) {
        lock(&self.0).retain(|_, kept| kept.until > now);
    }

    /// Drops one body, as if it had never arrived.
    pub fn lose(&self, key: &BodyKey) {
        lock(&self.0).remove(key);
    }
}

impl BodyStore for MemoryBodies {
    async fn write(&self, key: &BodyKey, body: &Bytes, kept_until: Timestamp) -> Result<BodyPlace> {
        let mut bodies = lock(&self.0);
        let before = bodies.get(key).map_or(kept_until, |kept| kept.until);
        let kept = Kept { body: body.clone(), until: before.max(kept_until) };
        bodies.insert(key.clone(), kept);
        Ok(BodyPlace::Table)
    }

    async fn read(&self, body: &BodyRef) -> Result<Option<Bytes>> {
        let kept = lock(&self.0).get(&body.key).map(|kept| kept.body.clone());
        Ok(kept.filter(|bytes| BodyHash::of(bytes) == body.hash))
    }

    async fn renew(&self, body: &BodyRef, kept_until: Timestamp) -> Result<bool> {
        let mut bodies = lock(&self.0);
        let Some(kept) = bodies.get_mut(&body.key) else { return Ok(false) };
        kept.until = kept.until.max(kept_until);
        Ok(true)
    }
}
