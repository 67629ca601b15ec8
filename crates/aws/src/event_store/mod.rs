//! The event records and the small documents in one DynamoDB table.
//!
//! Every conditional write here renders a guard of `holdfast_domain::lifecycle`, whose modules
//! show the timelines that make the guards necessary. This module adds one rule: a refused write
//! returns the stored item (`ALL_OLD`), so that the domain can recognise its own write after a
//! lost answer. The SDK repeats a put whose answer was lost and meets the first one's item.

mod attributes;
mod cancelled;
mod changes;
mod conditions;
mod documents;
mod item;
pub mod keys;
mod placeholders;
mod reading;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod tests;
mod transaction;

use crate::cause;
use crate::random::SystemRandom;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use holdfast_domain::effect::Effect;
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::record::{Record, RecordKey, Room};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{
    Completed, Created, Cursor, Error, EventStore, Page, Random, Result,
};
use keys::{INDEX_AT, OPEN_INDEX, OPEN_SHARD, PK};
use placeholders::Placeholders;
use reading::{Item, as_text, as_time};

/// The events table.
#[derive(Clone, Debug)]
pub struct EventTable {
    client: Client,
    table: String,
    random: SystemRandom,
}

impl EventTable {
    /// The table of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), random: SystemRandom }
    }

    /// Waits for a transaction that is at the same item. DynamoDB refuses what meets it, a duplicate's put
    /// as well as a ticket's claim, and the SDK does not repeat that.
    async fn make_way(&self, tries: u32) {
        tokio::time::sleep(cancelled::wait(tries, self.random.number())).await;
    }
}

/// How often a write of one item is sent that meets transactions, at the most: their waits take a third of
/// a second together.
const SINGLE_TRIES: u32 = 4;

const CREATE: &str = "store the record";
const UPDATE: &str = "change the record";
const READ: &str = "read the record";
const PAGE: &str = "read the index";

impl EventStore for EventTable {
    /// The timeline is in `lifecycle::accept`.
    async fn create(&self, record: &Record) -> Result<Created> {
        let mut holders = Placeholders::default();
        let absent = format!("attribute_not_exists({})", holders.name(PK));
        let (names, _) = holders.into_parts();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::encode(record)))
            .condition_expression(absent)
            .set_expression_attribute_names(names)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut tries = 0;
        loop {
            let Err(error) = put.clone().send().await else { return Ok(Created::Stored) };
            tries += 1;
            match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refusal)) => {
                    let stored = decode(CREATE, refusal.item())?;
                    return stored
                        .map(Created::Taken)
                        .ok_or_else(|| Error::new(CREATE, "taken by nothing"));
                }
                Some(PutItemError::TransactionConflictException(_)) if tries < SINGLE_TRIES => {
                    self.make_way(tries).await;
                }
                _ => return Err(Error::new(CREATE, cause::of(&error))),
            }
        }
    }

    /// The timelines are in the modules of `lifecycle`.
    async fn update(&self, update: &Update) -> Result<Updated> {
        let mut holders = Placeholders::default();
        let condition = conditions::render(update.guard(), &mut holders);
        let changes = changes::render(update, &mut holders);
        let (names, values) = holders.into_parts();
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(PK, attributes::text(update.key().as_str()))
            .condition_expression(condition)
            .update_expression(changes)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut tries = 0;
        loop {
            let error = match call.clone().send().await {
                Ok(done) => {
                    let changed = decode(UPDATE, done.attributes())?;
                    let nothing = || Error::new(UPDATE, "nothing came back");
                    return changed.map(Updated::Applied).ok_or_else(nothing);
                }
                Err(error) => error,
            };
            tries += 1;
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                    return Ok(Updated::Refused(decode(UPDATE, refusal.item())?));
                }
                Some(UpdateItemError::TransactionConflictException(_)) if tries < SINGLE_TRIES => {
                    self.make_way(tries).await;
                }
                _ => return Err(Error::new(UPDATE, cause::of(&error))),
            }
        }
    }

    async fn complete(&self, update: &Update, effect: &Effect, once: &str) -> Result<Completed> {
        if !effect.is_empty() {
            return self.complete_with(update, effect, once).await;
        }
        Ok(match self.update(update).await? {
            Updated::Applied(_) => Completed::Applied,
            Updated::Refused(stored) => Completed::Refused(stored),
        })
    }

    async fn read(&self, key: &RecordKey) -> Result<Option<Record>> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PK, attributes::text(key.as_str()))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| Error::new(READ, cause::of(&error)))?;
        Ok(decode(READ, got.item())?.map(|record| *record))
    }

    /// `more` may be true with nothing behind it: DynamoDB stops at the limit without looking on.
    async fn page(
        &self,
        room: Room,
        shard: u8,
        up_to: Timestamp,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page> {
        // DynamoDB refuses a start outside of the range that is asked for.
        if after.is_some_and(|after| after.index_at > up_to) {
            return Ok(Page::default());
        }
        let shard = room.shard(shard);
        let mut start = after.map(|after| start_key(&shard, after));
        loop {
            let answer = self.query(&shard, up_to, start.take(), limit).await?;
            let entries: Vec<Cursor> = answer.items().iter().filter_map(entry).collect();
            let more = answer.last_evaluated_key.as_ref().is_some_and(|key| !key.is_empty());
            if !entries.is_empty() || !more {
                return Ok(Page { entries, more });
            }
            start = answer.last_evaluated_key;
        }
    }
}

impl EventTable {
    async fn query(
        &self,
        shard: &str,
        up_to: Timestamp,
        start: Option<Item>,
        limit: u32,
    ) -> Result<QueryOutput> {
        let mut holders = Placeholders::default();
        let shard = holders.value(attributes::text(shard));
        let until = holders.value(attributes::time(up_to));
        let range = format!(
            "{} = {shard} AND {} <= {until}",
            holders.name(OPEN_SHARD),
            holders.name(INDEX_AT)
        );
        let (names, values) = holders.into_parts();
        self.client
            .query()
            .table_name(&self.table)
            .index_name(OPEN_INDEX)
            .key_condition_expression(range)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| Error::new(PAGE, cause::of(&error)))
    }
}

fn start_key(shard: &str, after: &Cursor) -> Item {
    Item::from([
        (PK.to_owned(), attributes::text(after.key.as_str())),
        (OPEN_SHARD.to_owned(), attributes::text(shard)),
        (INDEX_AT.to_owned(), attributes::time(after.index_at)),
    ])
}

/// An entry that names no record is passed over: one odd item must not stop the sweep of its
/// whole shard.
fn entry(item: &Item) -> Option<Cursor> {
    let entry = item.get(PK).and_then(as_text).and_then(RecordKey::parse);
    let Some((key, index_at)) = entry.zip(item.get(INDEX_AT).and_then(as_time)) else {
        tracing::error!(pk = ?item.get(PK).and_then(as_text), "an index entry names no record");
        return None;
    };
    Some(Cursor { index_at, key })
}

/// The record in an answer; some answers say "nothing" with an empty item.
fn decode(operation: &'static str, item: Option<&Item>) -> Result<Option<Box<Record>>> {
    let Some(item) = item.filter(|item| !item.is_empty()) else { return Ok(None) };
    let record = item::decode(item).map_err(|error| Error::new(operation, error))?;
    Ok(Some(Box::new(record)))
}
