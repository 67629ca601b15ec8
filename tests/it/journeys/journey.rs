//! What a journey does and looks at, as verbs. Clients belong to the runtime of one test, so each
//! test makes a journey of its own.

use super::endpoint::Delivery;
use super::eventually::{SOON, eventually, eventually_so};
use super::signed::Webhook;
use super::world::World;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::stack::{Resources, Stack};
use holdfast_domain::record::{READ_SHARDS, Record, RecordKey, Room, State};
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::KeptFacts;
use holdfast_pipeline::ports::{EventStore, Ports};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// One test's way through a world.
pub(crate) struct Journey<'w> {
    /// Where it is set.
    pub(crate) world: &'w World,
    /// Clients that talk to the local AWS directly.
    pub(crate) clients: Clients,
    /// The ports on the stack's resources.
    pub(crate) stack: Stack,
    http: reqwest::Client,
}

impl<'w> Journey<'w> {
    /// Sets out.
    pub(crate) async fn through(world: &'w World) -> Self {
        let said = |variable: &str| world.deployment.said(&format!("/environment/{variable}"));
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .endpoint_url(said("AWS_ENDPOINT_URL"))
            .region(Region::new(said("AWS_REGION").to_owned()))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .load()
            .await;
        let clients = Clients::new(&config, Pace::Working);
        let resources = Resources {
            table: said("HOLDFAST_TABLE").to_owned(),
            bodies_table: said("HOLDFAST_BODIES_TABLE").to_owned(),
            bodies_bucket: said("HOLDFAST_BODIES_BUCKET").to_owned(),
            queue_url: said("HOLDFAST_QUEUE_URL").to_owned(),
            secret_id: said("HOLDFAST_SECRET_ID").to_owned(),
        };
        let stack = Stack::new(&clients, &resources, Arc::new(KeptFacts::default()));
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
        Self { world, clients, stack, http: http.expect("a client") }
    }

    // ------------------------------------------------------------------ The provider

    /// Posts a signed webhook to the printed URL and answers the status.
    pub(crate) async fn post(&self, webhook: &Webhook) -> u16 {
        let Webhook { source, headers, body, .. } = webhook;
        self.request("POST", source, headers, body.clone()).await.0
    }

    /// Posts a signed webhook until it is accepted, as providers do: 503 means to come again.
    pub(crate) async fn post_accepted(&self, webhook: &Webhook) {
        let accepted = async || match self.post(webhook).await {
            200 => true,
            503 => false,
            status => panic!("{} is answered {status}", webhook.key),
        };
        eventually_so(&format!("{} is accepted", webhook.key), SOON, accepted).await;
    }

    /// Makes any request to `/hooks/<path>` and answers status and body.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: bytes::Bytes,
    ) -> (u16, String) {
        let url = format!("{}/{path}", self.world.deployment.said("/webhook_url"));
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.expect("the endpoint answers");
        (answer.status().as_u16(), answer.text().await.expect("the answer's body"))
    }

    /// Now, by our own clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.stack.now()
    }

    // -------------------------------------------------------------------- The record

    /// The record, if there is one.
    pub(crate) async fn record(&self, key: &RecordKey) -> Option<Record> {
        self.stack.events().read(key).await.expect("the table answers")
    }

    /// Waits until the record is in that state.
    pub(crate) async fn wait_until(
        &self,
        key: &RecordKey,
        state: State,
        within: Duration,
    ) -> Record {
        let look = async || self.record(key).await.filter(|record| record.state == state);
        eventually(&format!("{key} is {}", state.as_str()), within, look).await
    }

    /// Waits until the record is PROCESSED.
    pub(crate) async fn wait_until_processed(&self, key: &RecordKey) -> Record {
        self.wait_until(key, State::Processed, SOON).await
    }

    /// What the endpoint got of an event.
    pub(crate) fn deliveries(&self, key: &RecordKey) -> Vec<Delivery> {
        self.world.endpoint.deliveries_of(&key.idempotency_key())
    }

    /// Whether the index lists the record in that room.
    pub(crate) async fn lists(&self, room: Room, key: &RecordKey) -> bool {
        for shard in 0..READ_SHARDS {
            let up_to = Timestamp::from_millis(i64::MAX);
            let page = self.stack.events().page(room, shard, up_to, None, 1000).await;
            let page = page.expect("the index answers");
            if page.entries.iter().any(|entry| entry.key == *key) {
                return true;
            }
        }
        false
    }

    /// Whether DynamoDB is to remove the record some day.
    pub(crate) async fn has_expiry(&self, key: &RecordKey) -> bool {
        let get = self.clients.dynamodb.get_item().consistent_read(true);
        let get = get
            .table_name(self.world.deployment.said("/outputs/TableName"))
            .key("pk", AttributeValue::S(key.as_str().to_owned()));
        let item = get.send().await.expect("the table answers").item.expect("there is a record");
        item.contains_key("expires_at")
    }

    /// How many items a table holds.
    pub(crate) async fn items(&self, output: &str) -> i32 {
        let table = self.world.deployment.said(&format!("/outputs/{output}"));
        let scan = self.clients.dynamodb.scan().table_name(table).select(Select::Count);
        scan.send().await.expect("the table answers").count
    }

    /// Lets time pass for a record: nobody sent a ticket for it in the last ten minutes, and the
    /// sweep is to look at it. That is all a clock would change.
    pub(crate) async fn let_ten_minutes_pass_for(&self, key: &RecordKey) {
        let then = self.now().minus(Span::from_mins(10)).millis().to_string();
        let update = self.clients.dynamodb.update_item();
        update
            .table_name(self.world.deployment.said("/outputs/TableName"))
            .key("pk", AttributeValue::S(key.as_str().to_owned()))
            .condition_expression("attribute_exists(open_shard)")
            .update_expression("SET last_sent_at = :then, index_at = :then")
            .expression_attribute_values(":then", AttributeValue::N(then))
            .send()
            .await
            .expect("the record is open");
    }

    // ----------------------------------------------------------------- The reconciler

    /// Invokes the reconciler as its schedule does and answers its report.
    pub(crate) async fn invoke_reconciler(&self, task: &str) -> Value {
        let deployment = &self.world.deployment;
        let url = format!(
            "{}/2015-03-31/functions/{}/invocations",
            deployment.said("/endpoint"),
            deployment.said("/outputs/ReconcilerFunctionName")
        );
        let request = self.http.post(url).body(json!({ "task": task }).to_string());
        let answer = request.send().await.expect("Lambda answers");
        let failed = answer.headers().contains_key("x-amz-function-error");
        let text = answer.text().await.expect("the answer's body");
        assert!(!failed, "{task} failed: {text}");
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{task} answers JSON, not {text}"))
    }

    // --------------------------------------------------------------------- The queues

    /// Sends a message to the queue that nobody else would send.
    pub(crate) async fn send_to_queue(&self, body: &str) {
        let queue = self.world.deployment.said("/outputs/QueueUrl");
        let send = self.clients.sqs.send_message().queue_url(queue).message_body(body);
        send.send().await.expect("the queue takes it");
    }

    /// How many tickets the queue holds, hidden ones included.
    pub(crate) async fn tickets_in_the_queue(&self) -> u32 {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let queue = self.world.deployment.said("/outputs/QueueUrl");
        let get = self.clients.sqs.get_queue_attributes().queue_url(queue);
        let got = get.set_attribute_names(Some(names.to_vec())).send().await;
        let got = got.expect("the queue answers").attributes.unwrap_or_default();
        got.values().map(|value| value.parse::<u32>().expect("a number")).sum()
    }

    /// Empties the queue.
    pub(crate) async fn lose_all_tickets(&self) {
        let queue = self.world.deployment.said("/outputs/QueueUrl");
        self.clients.sqs.purge_queue().queue_url(queue).send().await.expect("the queue is emptied");
    }

    /// Takes the message of which this is so from the dead-letter queue, if it is there; it is
    /// hidden from others for a while.
    pub(crate) async fn dead_letter(&self, is_it: impl Fn(&Message) -> bool) -> Option<Message> {
        let queue = self.world.deployment.said("/outputs/DeadLetterQueueUrl");
        let receive = self.clients.sqs.receive_message().queue_url(queue);
        let receive = receive
            .max_number_of_messages(10)
            .visibility_timeout(1)
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let messages = receive.send().await.expect("the queue answers").messages;
        messages.unwrap_or_default().into_iter().find(is_it)
    }

    /// Waits until the record's ticket is in the dead-letter queue, where only SQS moves it.
    pub(crate) async fn wait_for_dead_letter(&self, key: &RecordKey) -> Message {
        let look = async || self.dead_letter(|message| names(message, key)).await;
        eventually(&format!("the ticket of {key} is in the dead-letter queue"), SOON, look).await
    }

    /// Moves the record's ticket back as the console does: a new message with the old text into
    /// the queue, then the old one is deleted. An operator takes more than the ten seconds that
    /// tell a redrive from a late send of our own; this waits for them.
    pub(crate) async fn redrive_as_the_console_does(&self, key: &RecordKey) {
        let operator = Duration::from_secs(30);
        let old_enough = async || {
            let message = self.dead_letter(|message| names(message, key)).await?;
            let ticket = Ticket::from_message(message.body()?).expect("it is a ticket");
            let age = self.now().since(ticket.sent_at);
            (age > Span::from_secs(11)).then_some(message)
        };
        let message = eventually("the ticket is old enough", operator, old_enough).await;
        let (text, receipt) = (message.body(), message.receipt_handle());
        self.send_to_queue(text.expect("a body")).await;
        let queue = self.world.deployment.said("/outputs/DeadLetterQueueUrl");
        let delete = self.clients.sqs.delete_message().queue_url(queue);
        let delete = delete.receipt_handle(receipt.expect("a receipt"));
        delete.send().await.expect("the dead letter is deleted");
    }
}

fn names(message: &Message, key: &RecordKey) -> bool {
    let ticket = message.body().and_then(|body| Ticket::from_message(body).ok());
    ticket.is_some_and(|ticket| ticket.key == *key)
}
