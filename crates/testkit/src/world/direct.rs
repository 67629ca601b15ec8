use super::functions::{Functions, TestPorts, TestProcessor};
use super::listing::Listing;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::batch::process_batch;
use holdfast_pipeline::poll::poll_all;
use holdfast_pipeline::process::Message;
use holdfast_pipeline::receive::Receiver;
use holdfast_pipeline::renew::renew;
use holdfast_pipeline::secrets::SecretCache;
use holdfast_pipeline::sweep::sweep;
use serde_json::{Value, json};
use std::sync::Arc;

/// The use cases without the Lambdas before them: for tests that have to compile quickly. It reads
/// the events that the world writes and no others.
pub enum Direct {}

impl Functions for Direct {
    async fn receive(receiver: &Receiver<TestPorts>, event: &str) -> Result<String, String> {
        let event: Value = read(event)?;
        let headers = event["headers"].as_object().into_iter().flatten();
        let inbound = Inbound {
            method: text(&event["requestContext"]["http"]["method"]),
            path: text(&event["rawPath"]),
            query: text(&event["rawQueryString"]),
            headers: headers.map(|(name, value)| (name, text(value))).collect::<Headers>(),
            body: text(&event["body"]).into(),
        };
        let answer = receiver.receive(&inbound).await;
        Ok(json!({ "statusCode": answer.status }).to_string())
    }

    async fn process(
        processor: &Arc<TestProcessor>,
        event: &str,
        deadline: Timestamp,
    ) -> Result<String, String> {
        let event: Value = read(event)?;
        let messages = event["Records"].as_array().into_iter().flatten().map(message).collect();
        let kept = process_batch(processor, messages, deadline).await;
        let failures: Vec<Value> =
            kept.into_iter().map(|id| json!({ "itemIdentifier": id })).collect();
        Ok(json!({ "batchItemFailures": failures }).to_string())
    }

    async fn reconcile(
        ports: &Arc<TestPorts>,
        listing: &Listing,
        configuration: &Arc<Configuration>,
        input: &str,
        deadline: Timestamp,
    ) -> Result<String, String> {
        let failed = |error: holdfast_pipeline::ports::Error| error.to_string();
        match read(input)?["task"].as_str() {
            Some("sweep") => {
                sweep(ports.as_ref(), configuration, deadline).await.map_err(failed)?;
            }
            Some("renew") => {
                let keep = configuration.body_kept();
                renew(ports.as_ref(), keep, deadline).await.map_err(failed)?;
            }
            Some("poll") => {
                let secrets = SecretCache::default();
                let runs =
                    poll_all(ports.as_ref(), listing, configuration, &secrets, deadline).await;
                if let Some(Err(error)) = runs.into_iter().find(|run| run.is_err()) {
                    return Err(error.to_string());
                }
            }
            other => return Err(format!("no such task: {other:?}")),
        }
        Ok("{}".to_owned())
    }
}

fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn message(record: &Value) -> Message {
    let number = |name: &str| text(&record["attributes"][name]).parse().unwrap_or_default();
    Message {
        id: text(&record["messageId"]),
        receipt: text(&record["receiptHandle"]),
        body: text(&record["body"]),
        queued_at: Timestamp::from_millis(number("SentTimestamp")),
        receives: u32::try_from(number("ApproximateReceiveCount")).unwrap_or(1),
    }
}
