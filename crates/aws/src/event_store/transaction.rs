//! A completion together with a handler's effect: one transaction, all of it or nothing.
//!
//! ```text
//! worker A  claim (token 1) ── slow ─────────────────── transaction (token 1) → all refused
//! worker B          lease of A ends · claim (token 2) ── transaction (token 2) → all applied
//!           the same again, its answer lost ──────────── same client token    → applied, once
//! ```

use super::cancelled::{self, Cancelled, TRIES};
use super::{EventTable, Item, Placeholders, attributes, changes, conditions};
use crate::cause;
use crate::event_store::keys::{PK, VERSION};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update as UpdateItem,
};
use holdfast_domain::effect::{self, Effect, Value, VersionGuard, Write};
use holdfast_domain::lifecycle::Update;
use holdfast_pipeline::ports::{Completed, Error, EventStore, Result};
use sha2::{Digest, Sha256};

const COMPLETE: &str = "complete the record";

/// How many items a transaction takes. DynamoDB's own words for more repeat all of them.
const MOST_ITEMS: usize = 100;

/// Refusals of the request itself: nobody was asked to commit it. The same again would be answered
/// the same, until the handler, its permissions or its tables are changed.
const IMPOSSIBLE: [&str; 3] =
    ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"];

/// The longest client token that DynamoDB takes.
const TOKEN_CHARACTERS: usize = 36;

impl EventTable {
    /// All tries and the waits between them fit into the time that one call has.
    pub(super) async fn complete_with(
        &self,
        update: &Update,
        effect: &Effect,
        once: &str,
    ) -> Result<Completed> {
        let timeouts = self.client.config().timeout_config();
        let allowed = timeouts.and_then(TimeoutConfig::operation_timeout);
        let tries = self.try_to_complete(update, effect, once);
        match allowed {
            Some(allowed) => match tokio::time::timeout(allowed, tries).await {
                Ok(completed) => completed,
                Err(elapsed) => Err(Error::new(COMPLETE, elapsed)),
            },
            None => tries.await,
        }
    }

    async fn try_to_complete(
        &self,
        update: &Update,
        effect: &Effect,
        once: &str,
    ) -> Result<Completed> {
        let items = self.items(update, effect)?;
        if items.len() > MOST_ITEMS {
            let (writes, beside) = (effect.writes.len(), items.len() - effect.writes.len());
            let most = MOST_ITEMS - beside;
            let reason = format!("{writes} writes, and {most} fit into a transaction");
            return Ok(Completed::Impossible(reason));
        }
        let transaction = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(client_token(once));
        let mut tries = 0;
        loop {
            let Err(error) = transaction.clone().send().await else {
                return Ok(Completed::Applied);
            };
            tries += 1;
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons()
                }
                // The same completion was made before, with another time in it. The record tells.
                Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) => {
                    let stored = EventStore::read(self, update.key()).await?;
                    return Ok(Completed::Refused(stored.map(Box::new)));
                }
                Some(refusal) if refusal.code().is_some_and(|code| IMPOSSIBLE.contains(&code)) => {
                    return Ok(Completed::Impossible(without_the_caller(&cause::of(&error))));
                }
                _ => return Err(Error::new(COMPLETE, cause::of(&error))),
            };
            match cancelled::read(reasons, effect.version_guard.is_some())? {
                Cancelled::Answered(completed) => return Ok(completed),
                Cancelled::InTheWay(error) if tries == TRIES => return Err(error),
                Cancelled::InTheWay(_) => {
                    self.make_way(tries).await;
                }
            }
        }
    }

    /// The completion first, then the version guard if there is one, then the writes.
    fn items(&self, update: &Update, effect: &Effect) -> Result<Vec<TransactWriteItem>> {
        let mut items = vec![self.completion(update)?];
        if let Some(guard) = &effect.version_guard {
            items.push(self.version_guard(guard)?);
        }
        for write in &effect.writes {
            items.push(render(write)?);
        }
        Ok(items)
    }

    fn completion(&self, update: &Update) -> Result<TransactWriteItem> {
        let mut holders = Placeholders::default();
        let condition = conditions::render(update.guard(), &mut holders);
        let changes = changes::render(update, &mut holders);
        let (names, values) = holders.into_parts();
        let completion = UpdateItem::builder()
            .table_name(&self.table)
            .key(PK, attributes::text(update.key().as_str()))
            .condition_expression(condition)
            .update_expression(changes)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        Ok(TransactWriteItem::builder().update(completion).build())
    }

    /// ```text
    /// event of version 2   complete ─▶ guard absent or ≤ 2: applied, the guard is 2
    /// event of version 1   complete ─▶ guard is 2: refused, stale
    /// ```
    fn version_guard(&self, guard: &VersionGuard) -> Result<TransactWriteItem> {
        let mut holders = Placeholders::default();
        let (name, value) =
            (holders.name(VERSION), holders.value(attributes::number(guard.version)));
        let (names, values) = holders.into_parts();
        let raise = UpdateItem::builder()
            .table_name(&self.table)
            .key(PK, attributes::text(guard.key()))
            .condition_expression(format!("attribute_not_exists({name}) OR {name} <= {value}"))
            .update_expression(format!("SET {name} = {value}"))
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()
            .map_err(malformed)?;
        Ok(TransactWriteItem::builder().update(raise).build())
    }
}

fn render(write: &Write) -> Result<TransactWriteItem> {
    let item = TransactWriteItem::builder();
    Ok(match write {
        Write::Put { table, item: attributes } => {
            let put = Put::builder().table_name(table).set_item(Some(encode(attributes)));
            item.put(put.build().map_err(malformed)?)
        }
        Write::Add { table, key, attribute, amount } => {
            let add = UpdateItem::builder()
                .table_name(table)
                .set_key(Some(encode(key)))
                .update_expression("ADD #attribute :amount")
                .expression_attribute_names("#attribute", attribute)
                .expression_attribute_values(":amount", attributes::number(amount));
            item.update(add.build().map_err(malformed)?)
        }
        Write::Delete { table, key } => {
            let delete = Delete::builder().table_name(table).set_key(Some(encode(key)));
            item.delete(delete.build().map_err(malformed)?)
        }
    }
    .build())
}

fn encode(item: &effect::Item) -> Item {
    item.iter().map(|(name, value)| (name.clone(), encode_value(value))).collect()
}

fn encode_value(value: &Value) -> AttributeValue {
    match value {
        Value::Text(text) => attributes::text(text),
        Value::Number(number) => attributes::number(number),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
    }
}

fn client_token(once: &str) -> String {
    let mut token = hex::encode(Sha256::digest(once.as_bytes()));
    token.truncate(TOKEN_CHARACTERS);
    token
}

/// A failure has few characters: they are for the action and the table that a role may not write.
/// Whose role it is, everybody knows.
fn without_the_caller(refusal: &str) -> String {
    match refusal.split_once("User: ") {
        Some((before, user)) => match user.split_once(" is not authorized") {
            Some((_, behind)) => format!("{before}not authorized{behind}"),
            None => refusal.to_owned(),
        },
        None => refusal.to_owned(),
    }
}

fn malformed(error: impl std::fmt::Display) -> Error {
    Error::new(COMPLETE, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;
    use holdfast_domain::outcome::{Ending, Outcome};
    use holdfast_testkit::builders::{claim, processing, terms, unique_key};

    /// Completes an event with so many writes; DynamoDB answers each call with this error.
    async fn answered(status: u16, error: &'static str, writes: usize) -> Result<Completed> {
        let clients = canned::clients(move || (status, error.into()));
        let table = EventTable::new(clients.dynamodb, "events");
        let claim = claim(&processing(&unique_key()));
        let settlement = claim.settle(&Outcome::done(Ending::Applied), &terms());
        let write = Write::Delete { table: "customers".to_owned(), key: effect::Item::new() };
        let effect = Effect { writes: vec![write; writes], version_guard: None };
        table.complete(&settlement.update, &effect, &claim.once()).await
    }

    #[tokio::test]
    async fn what_dynamodb_refuses_to_try_is_an_answer() {
        for (error, told) in [
            (
                r#"{"__type": "com.amazon.coral.validate#ValidationException", "message":
                    "1 validation error detected: Value '{secret}' at 'x' failed"}"#,
                "ValidationException: 1 validation error detected: a value at 'x' failed",
            ),
            (
                concat!(
                    r#"{"__type": "x#AccessDeniedException", "Message": "User: arn:aws:sts::"#,
                    "123456789012:assumed-role/holdfast-ProcessorRole-1A2B3C/holdfast-Processor is ",
                    "not authorized to perform: dynamodb:PutItem on resource: ",
                    r#"arn:aws:dynamodb:eu-west-1:123456789012:table/customers because no"}"#,
                ),
                "AccessDeniedException: not authorized to perform: dynamodb:PutItem on resource: \
                 arn:aws:dynamodb:eu-west-1:123456789012:table/customers because no",
            ),
            (
                r#"{"__type": "x#ResourceNotFoundException", "message": "no such table"}"#,
                "ResourceNotFoundException: no such table",
            ),
        ] {
            let completed = answered(400, error, 1).await;
            assert_eq!(completed.unwrap(), Completed::Impossible(told.to_owned()));
        }
    }

    #[tokio::test]
    async fn what_may_have_been_done_or_passes_is_none() {
        for (status, error) in [
            (400, r#"{"__type": "x#ThrottlingException", "message": "later"}"#),
            (400, r#"{"__type": "x#TransactionInProgressException", "message": "wait"}"#),
            (400, r#"{"__type": "x#ExpiredTokenException", "message": "log in"}"#),
            (500, r#"{"__type": "x#InternalServerError", "message": "sorry"}"#),
            (503, "<html>"),
        ] {
            let completed = answered(status, error, 1).await;
            completed.expect_err(error);
        }
    }

    #[tokio::test]
    async fn too_many_writes_are_not_even_sent() {
        let completed = answered(200, "{}", 100).await.unwrap();
        let told = "100 writes, and 99 fit into a transaction".to_owned();
        assert_eq!(completed, Completed::Impossible(told));
        assert_eq!(answered(200, "{}", 99).await.unwrap(), Completed::Applied);
    }
}
