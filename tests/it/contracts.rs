//! Every port's contract suite against the local AWS.

use crate::local_aws::sandbox::Sandbox;
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::effect::{Item, Value};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::Ports;
use holdfast_testkit::contract::events::EffectReader;
use holdfast_testkit::contract::tickets::{Message, TicketReader};
use holdfast_testkit::contract::{self, TimeToLive};
use serde_json::{Map, json};

#[tokio::test]
async fn events() {
    let sandbox = Sandbox::new().await;
    contract::events::events(sandbox.stack().events()).await;
}

#[tokio::test]
async fn completions() {
    let sandbox = Sandbox::new().await;
    contract::events::completions(sandbox.stack().events(), &sandbox).await;
}

#[tokio::test]
async fn documents() {
    let sandbox = Sandbox::new().await;
    contract::documents::documents(sandbox.stack().documents(), &sandbox).await;
}

#[tokio::test]
async fn bodies() {
    let sandbox = Sandbox::new().await;
    contract::bodies::bodies(sandbox.stack().bodies(), &sandbox).await;
}

#[tokio::test]
async fn tickets() {
    let sandbox = Sandbox::new().await;
    contract::tickets::tickets(sandbox.stack().tickets(), &sandbox).await;
}

#[tokio::test]
async fn secrets() {
    let sandbox = Sandbox::new().await;
    let values: Map<_, _> = contract::secrets::PREPARED
        .into_iter()
        .map(|(name, values)| match values {
            [one] => (name.to_owned(), json!(one)),
            several => (name.to_owned(), json!(several)),
        })
        .collect();
    sandbox.set_secret(&json!(values).to_string()).await;
    contract::secrets::secrets(sandbox.stack().secrets()).await;
}

/// Connecting early is a convenience: it must not matter whether it works.
#[tokio::test]
async fn connecting_needs_nobody_at_the_other_end() {
    let sandbox = Sandbox::new().await;
    sandbox.stack().connect().await;
    sandbox.stack_at("http://127.0.0.1:1").await.connect().await;
}

/// The local AWS' own goes by the real time.
impl TimeToLive for Sandbox {
    async fn expire(&self, now: Timestamp) {
        for table in [&self.resources.table, &self.resources.bodies_table] {
            let scan = self.clients.dynamodb.scan().table_name(table).consistent_read(true);
            let scan = scan
                .filter_expression("expires_at <= :now")
                .projection_expression("pk")
                .expression_attribute_values(":now", AttributeValue::N(now.secs().to_string()));
            let mut expired = scan.into_paginator().items().send();
            while let Some(item) = expired.next().await {
                let pk = item.expect("an item").remove("pk").expect("its key");
                let delete = self.clients.dynamodb.delete_item().table_name(table).key("pk", pk);
                delete.send().await.expect("a deleted item");
            }
        }
    }
}

impl EffectReader for Sandbox {
    fn table(&self) -> &str {
        &self.handler_table
    }

    async fn item(&self, pk: &str) -> Option<Item> {
        let get = self
            .clients
            .dynamodb
            .get_item()
            .table_name(&self.handler_table)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .consistent_read(true);
        let got = get.send().await.expect("the item, or none").item?;
        Some(got.into_iter().map(|(name, value)| (name, read(value))).collect())
    }
}

fn read(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::Text(text),
        AttributeValue::N(number) => Value::Number(number.parse().expect("a whole number")),
        AttributeValue::B(bytes) => Value::Bytes(bytes.into_inner()),
        AttributeValue::Bool(truth) => Value::Bool(truth),
        other => panic!("no effect writes {other:?}"),
    }
}

impl TicketReader for Sandbox {
    async fn receive(&self) -> Vec<Message> {
        let receive = self
            .clients
            .sqs
            .receive_message()
            .queue_url(&self.resources.queue_url)
            .max_number_of_messages(10);
        let received = receive.send().await.expect("some messages, or none");
        let message = |message: aws_sdk_sqs::types::Message| Message {
            receipt: message.receipt_handle.expect("a receipt"),
            text: message.body.expect("a body"),
        };
        received.messages.unwrap_or_default().into_iter().map(message).collect()
    }

    async fn delete(&self, receipt: &str) {
        let delete = self.clients.sqs.delete_message();
        let delete = delete.queue_url(&self.resources.queue_url).receipt_handle(receipt);
        delete.send().await.expect("a deleted message");
    }
}
