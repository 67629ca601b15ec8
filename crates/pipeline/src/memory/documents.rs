use super::lock;
use crate::ports::{Document, DocumentStore, Result};
use holdfast_domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Small documents on memory.
#[derive(Debug, Default)]
pub struct MemoryDocuments(Mutex<BTreeMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    document: Document,
    until: Option<Timestamp>,
}

impl MemoryDocuments {
    /// Drops what is not kept any more.
    pub fn expire(&self, now: Timestamp) {
        lock(&self.0).retain(|_, kept| kept.until.is_none_or(|until| until > now));
    }

    fn put(&self, name: &str, json: &str, seen: u64, until: Option<Timestamp>) -> bool {
        let mut documents = lock(&self.0);
        if documents.get(name).map_or(0, |kept| kept.document.revision) != seen {
            return false;
        }
        let document = Document { json: json.to_owned(), revision: seen.saturating_add(1) };
        documents.insert(name.to_owned(), Kept { document, until });
        true
    }
}

impl DocumentStore for MemoryDocuments {
    async fn load(&self, name: &str) -> Result<Document> {
        let documents = lock(&self.0);
        Ok(documents.get(name).map(|kept| kept.document.clone()).unwrap_or_default())
    }

    async fn save(&self, name: &str, json: &str, seen_revision: u64) -> Result<bool> {
        Ok(self.put(name, json, seen_revision, None))
    }

    async fn save_until(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        Ok(self.put(name, json, seen_revision, Some(kept_until)))
    }
}
