//! The JSON that Lambda hands to the functions.

use holdfast_pipeline::memory::Received;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A POST to a source as an HTTP API or a function URL hands it over.
pub(super) fn http(path: &str, headers: &[(String, String)], body: &str) -> String {
    let headers: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), json!(value))).collect();
    json!({
        "version": "2.0",
        "routeKey": "ANY /hooks/{source}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": { "http": { "method": "POST", "path": path }, "stage": "$default" },
        "body": body,
        "isBase64Encoded": false,
    })
    .to_string()
}

/// The status of an HTTP answer.
pub(super) fn status(answer: &str) -> u16 {
    let answer: Value = serde_json::from_str(answer).expect("an answer is JSON");
    let status = answer["statusCode"].as_u64().expect("an answer has a status");
    u16::try_from(status).expect("a status is small")
}

/// A batch of messages.
pub(super) fn batch(received: &[Received]) -> String {
    let records: Vec<Value> = received
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id,
                "receiptHandle": message.id,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receives.to_string(),
                    "SentTimestamp": message.sent_at.millis().to_string(),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:tickets",
                "awsRegion": "eu-central-1",
            })
        })
        .collect();
    json!({ "Records": records }).to_string()
}

/// The messages that a batch's answer wants to keep. As the event source mapping reads it, an
/// answer without a list keeps nothing.
pub(super) fn kept(answer: &str) -> BTreeSet<String> {
    let answer: Value = serde_json::from_str(answer).expect("an answer is JSON");
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures
        .map(|failure| failure["itemIdentifier"].as_str().expect("a failure has an id").to_owned())
        .collect()
}
