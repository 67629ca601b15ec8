use super::lock;
use crate::ports::{Document, DocumentStore, Result};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Small documents on memory.
#[derive(Debug, Default)]
pub struct MemoryDocuments(Mutex<BTreeMap<String, Document>>);

impl DocumentStore for MemoryDocuments {
    async fn load(&self, name: &str) -> Result<Document> {
        Ok(lock(&self.0).get(name).cloned().unwrap_or_default())
    }

    async fn save(&self, name: &str, json: &str, seen_revision: u64) -> Result<bool> {
        let mut documents = lock(&self.0);
        let document = documents.entry(name.to_owned()).or_default();
        if document.revision != seen_revision {
            return Ok(false);
        }
        *document = Document { json: json.to_owned(), revision: seen_revision.saturating_add(1) };
        Ok(true)
    }
}
