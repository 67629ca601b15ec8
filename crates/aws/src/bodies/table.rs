//! Small bodies: items of the bodies table.

use super::{Bodies, READ, RENEW, WRITE};
use crate::cause;
use crate::expiry::ttl_secs;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use holdfast_domain::record::BodyKey;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{Error, Result};

const PK: &str = "pk";
const BODY: &str = "body";
const EXPIRES_AT: &str = "expires_at";

impl Bodies {
    /// Never shortens the life of what lies there: a record counts on it, and a duplicate leaves
    /// the record as it is. Under the same key lie the same bytes, so what is refused is stored.
    ///
    /// ```text
    /// day 0   put until day 60 ── the record notes day 60
    /// day 5   bodies are kept for 30 days from now on
    /// day 6   the provider comes again: put until day 36 ── refused: kept longer already
    /// day 36  an overwritten body would expire
    /// day 46  the renewal comes, two weeks before the day in the record
    /// ```
    ///
    /// The same put once more, its answer lost, says the same day and is written again; so is one
    /// over an item whose day has passed and that is not deleted yet.
    pub(super) async fn put_item(
        &self,
        key: &BodyKey,
        compressed: Vec<u8>,
        kept_until: Timestamp,
    ) -> Result<()> {
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .item(PK, AttributeValue::S(key.as_str().to_owned()))
            .item(BODY, AttributeValue::B(Blob::new(compressed)))
            .item(EXPIRES_AT, secs(kept_until))
            .condition_expression("attribute_not_exists(#pk) OR #expires_at <= :until")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":until", secs(kept_until));
        let Err(error) = put.send().await else { return Ok(()) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(Error::new(WRITE, cause::of(&error))),
        }
    }

    /// With all writes before: a ticket may be faster than a replica, and a body that is not seen
    /// would bury its event.
    pub(super) async fn get_item(&self, key: &BodyKey) -> Result<Option<Vec<u8>>> {
        let get = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .key(PK, AttributeValue::S(key.as_str().to_owned()))
            .consistent_read(true);
        let mut got = get.send().await.map_err(|error| Error::new(READ, cause::of(&error)))?;
        match got.item.as_mut().and_then(|item| item.remove(BODY)) {
            Some(AttributeValue::B(compressed)) => Ok(Some(compressed.into_inner())),
            _ => Ok(None),
        }
    }

    /// ```text
    /// renewal A  keep until 1 March ── slow ─────────────────────── refused: kept longer already
    /// renewal B                         keep until 2 March → written
    /// ```
    pub(super) async fn keep_item(&self, key: &BodyKey, kept_until: Timestamp) -> Result<bool> {
        let keep = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .key(PK, AttributeValue::S(key.as_str().to_owned()))
            .condition_expression("attribute_exists(#pk) AND #expires_at <= :until")
            .update_expression("SET #expires_at = :until")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":until", secs(kept_until))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = keep.send().await else { return Ok(true) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                Ok(refusal.item().is_some_and(|item| !item.is_empty()))
            }
            _ => Err(Error::new(RENEW, cause::of(&error))),
        }
    }
}

fn secs(at: Timestamp) -> AttributeValue {
    AttributeValue::N(ttl_secs(at).to_string())
}
