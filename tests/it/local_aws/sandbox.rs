//! Tables, a bucket, queues and a secret of one test's own, as the template declares them.

use super::local_aws;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use aws_sdk_sqs::types::QueueAttributeName;
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::stack::{Resources, Stack};
use holdfast_pipeline::facts::KeptFacts;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// One test's own resources.
pub(crate) struct Sandbox {
    /// Clients that talk to the local AWS directly.
    pub(crate) clients: Clients,
    /// The names that a function is given.
    pub(crate) resources: Resources,
    /// A table of the user's, for transactional handlers: its key is the text `pk`.
    pub(crate) handler_table: String,
}

impl Sandbox {
    /// New and empty ones. A received ticket stays hidden for a second.
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let clients = clients_at(&local_aws().endpoint).await;
        let table = format!("{name}-events");
        let bodies_table = format!("{name}-bodies");
        let handler_table = format!("{name}-handler");
        let bodies_bucket = format!("{name}-bodies");
        create_events_table(&clients, &table).await;
        create_table(&clients, &bodies_table).await;
        create_table(&clients, &handler_table).await;
        clients.s3.create_bucket().bucket(&bodies_bucket).send().await.expect("a bucket");
        let queue_url = create_queues(&clients, &name).await;
        let secret_id = format!("{name}-secrets");
        let secret = clients.secrets_manager.create_secret().name(&secret_id).secret_string("{}");
        secret.send().await.expect("a secret");
        let resources = Resources { table, bodies_table, bodies_bucket, queue_url, secret_id };
        Self { clients, resources, handler_table }
    }

    /// The ports on these resources.
    pub(crate) fn stack(&self) -> Stack {
        Stack::new(&self.clients, &self.resources, Arc::new(KeptFacts::default()))
    }

    /// The ports on these resources, reached through another endpoint.
    pub(crate) async fn stack_at(&self, endpoint: &str) -> Stack {
        let clients = clients_at(endpoint).await;
        Stack::new(&clients, &self.resources, Arc::new(KeptFacts::default()))
    }

    /// Replaces the secret's text.
    pub(crate) async fn set_secret(&self, text: &str) {
        let put = self.clients.secrets_manager.put_secret_value();
        let put = put.secret_id(&self.resources.secret_id).secret_string(text);
        put.send().await.expect("a new version of the secret");
    }
}

/// Clients of their own, not shared between tests: their connections belong to the test's runtime.
pub(crate) async fn clients_at(endpoint: &str) -> Clients {
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .load()
        .await;
    Clients::new(&config, Pace::Working)
}

async fn create_events_table(clients: &Clients, name: &str) {
    let index = GlobalSecondaryIndex::builder()
        .index_name("open")
        .key_schema(key("open_shard", KeyType::Hash))
        .key_schema(key("index_at", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .expect("an index");
    clients
        .dynamodb
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .attribute_definitions(attribute("open_shard", ScalarAttributeType::S))
        .attribute_definitions(attribute("index_at", ScalarAttributeType::N))
        .global_secondary_indexes(index)
        .send()
        .await
        .expect("the events table");
}

async fn create_table(clients: &Clients, name: &str) {
    clients
        .dynamodb
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .send()
        .await
        .expect("a table");
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key")
}

fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
    definition.build().expect("an attribute")
}

/// The queue and, behind it, its dead-letter queue; the URL of the first.
async fn create_queues(clients: &Clients, name: &str) -> String {
    let dead = clients.sqs.create_queue().queue_name(format!("{name}-dead-letters"));
    let dead_url = dead.send().await.expect("a queue").queue_url.expect("its URL");
    let arn = QueueAttributeName::QueueArn;
    let got = clients.sqs.get_queue_attributes().queue_url(&dead_url).attribute_names(arn.clone());
    let got = got.send().await.expect("its attributes");
    let dead_arn = got.attributes().and_then(|attributes| attributes.get(&arn)).expect("its ARN");
    let redrive = json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": 25 });
    let queue = clients
        .sqs
        .create_queue()
        .queue_name(format!("{name}-tickets"))
        .attributes(QueueAttributeName::VisibilityTimeout, "1")
        .attributes(QueueAttributeName::RedrivePolicy, redrive.to_string());
    queue.send().await.expect("a queue").queue_url.expect("its URL")
}
