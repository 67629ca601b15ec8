//! Small documents in the events table, each with a revision that rises by one with every write.
//!
//! ```text
//! sweep A   load (revision 4) ───────────── save (seen 4) → written, revision 5
//! sweep B   load (revision 4) ─────────────────────────────── save (seen 4) → refused
//! sweep A   the same save again, its answer lost ──────────── revision 5 by my nonce → written
//! ```

use super::keys::{EXPIRES_AT, JSON, PK, REVISION, WRITER};
use super::reading::{Item, Reader, as_number, as_text};
use super::{EventTable, Placeholders, attributes};
use crate::cause;
use crate::expiry::ttl_secs;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{Document, DocumentStore, Error, Random, Result};

const LOAD: &str = "load the document";
const SAVE: &str = "save the document";

impl DocumentStore for EventTable {
    async fn load(&self, name: &str) -> Result<Document> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PK, attributes::text(name))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| Error::new(LOAD, cause::of(&error)))?;
        let Some(item) = got.item().filter(|item| !item.is_empty()) else {
            return Ok(Document::default());
        };
        decode(item).map_err(|error| Error::new(LOAD, error))
    }

    async fn save(&self, name: &str, json: &str, seen_revision: u64) -> Result<bool> {
        self.put_document(name, json, seen_revision, None).await
    }

    async fn save_until(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        self.put_document(name, json, seen_revision, Some(kept_until)).await
    }
}

impl EventTable {
    async fn put_document(
        &self,
        name: &str,
        json: &str,
        seen_revision: u64,
        kept_until: Option<Timestamp>,
    ) -> Result<bool> {
        let revision = seen_revision.saturating_add(1);
        let writer = self.random.nonce();
        let mut holders = Placeholders::default();
        let unchanged = if seen_revision == 0 {
            format!("attribute_not_exists({})", holders.name(PK))
        } else {
            let seen = holders.value(attributes::number(seen_revision));
            format!("{} = {seen}", holders.name(REVISION))
        };
        let (names, values) = holders.into_parts();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(PK, attributes::text(name))
            .item(JSON, attributes::text(json))
            .item(REVISION, attributes::number(revision))
            .item(WRITER, attributes::text(writer.as_str()))
            .condition_expression(unchanged)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match kept_until {
            Some(at) => put.item(EXPIRES_AT, attributes::number(ttl_secs(at))),
            None => put,
        };
        let Err(error) = put.send().await else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refusal)) => {
                let stored = refusal.item().and_then(|item| item.get(WRITER)).and_then(as_text);
                Ok(stored == Some(writer.as_str()))
            }
            _ => Err(Error::new(SAVE, cause::of(&error))),
        }
    }
}

fn decode(item: &Item) -> std::result::Result<Document, super::reading::Unreadable> {
    let from = Reader::new(item);
    Ok(Document {
        json: from.required(JSON, as_text)?.to_owned(),
        revision: from.required(REVISION, as_number)?,
    })
}
