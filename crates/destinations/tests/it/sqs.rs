//! Messages as SQS receives them, and its answers.

use crate::event::{Given, SECRET, Values, class_of_retry, open};
use crate::server::{Reply, Server};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use holdfast_destinations::Destinations;
use holdfast_domain::configuration::{Sqs, Target};
use holdfast_domain::outcome::{Class, Ending, Outcome};
use holdfast_domain::time::Span;
use holdfast_pipeline::deliver::Deliver;
use serde_json::{Value, json};
use std::time::Duration;

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";

/// A client as it is used for tickets: impatient, and quick to send once more.
fn client(endpoint: &str) -> Client {
    let limits = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(2));
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .timeout_config(limits.build())
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

async fn send(server: &Server, queue_url: &str, given: &Given<'_>) -> Outcome {
    let to = open(Target::Sqs(Sqs { queue_url: queue_url.to_owned() }));
    let all = Destinations::new(Values(Some(vec![SECRET])), &client(&server.url("")));
    all.deliver(&to, &given.delivery()).await
}

fn accepted() -> Reply {
    Reply::with_header(200, "content-type: application/x-amz-json-1.0", r#"{"MessageId":"1"}"#)
}

async fn sent(queue_url: &str, given: &Given<'_>) -> Value {
    let server = Server::start([accepted()]).await;
    assert_eq!(send(&server, queue_url, given).await, Outcome::done(Ending::Delivered));
    serde_json::from_slice(&server.request().body).unwrap()
}

#[tokio::test]
async fn a_message_in_full() {
    let given = Given {
        key: "über 1",
        headers: &[("content-type", "text/x"), ("content-encoding", "br"), ("x-more", "1")],
        body: "{\"name\": \"Jürgen\"}\n".as_bytes(),
        ..Given::default()
    };
    let text = |value: &str| json!({"DataType": "String", "StringValue": value});
    assert_eq!(
        sent(QUEUE, &given).await,
        json!({
            "QueueUrl": QUEUE,
            "MessageBody": "{\"name\": \"Jürgen\"}\n",
            "MessageAttributes": {
                "holdfast-source": text("stripe"),
                "holdfast-event-key": text("%C3%BCber%201"),
                "holdfast-kind": text("invoice.paid"),
                "holdfast-origin": text("webhook"),
                "holdfast-attempt": text("1"),
                "holdfast-received-at": text("2023-11-14T22:13:18.000Z"),
                "holdfast-body": text("text"),
                "idempotency-key": text(&given.delivery().idempotency_key),
                "content-type": text("text/x"),
                "content-encoding": text("br"),
            },
        })
    );
}

#[tokio::test]
async fn a_body_that_is_no_text_is_marked() {
    for (body, form, carried) in [(&b"\xff\0"[..], "base64", "/wA="), (b"", "empty", "-")] {
        let message = sent(QUEUE, &Given { body, ..Given::default() }).await;
        assert_eq!(message["MessageBody"], carried);
        assert_eq!(message["MessageAttributes"]["holdfast-body"]["StringValue"], form);
    }
}

#[tokio::test]
async fn a_fifo_queue_orders_by_entity() {
    let queue = format!("{QUEUE}.fifo");
    let given = Given { entity: Some("cus_1"), ..Given::default() };
    let message = sent(&queue, &given).await;
    assert_eq!(message["MessageGroupId"], "stripe/cus_1");
    assert_eq!(message["MessageDeduplicationId"], given.delivery().idempotency_key);
    let message = sent(&queue, &Given::default()).await;
    assert_eq!(message["MessageGroupId"], "stripe");
    let message = sent(&queue, &Given { entity: Some("Jürgen"), ..Given::default() }).await;
    assert_eq!(message["MessageGroupId"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn what_no_queue_takes_is_rejected_without_a_call() {
    let server = Server::start([]).await;
    for body in [vec![b'x'; 1024 * 1024], vec![0xff; 800_000]] {
        let outcome = send(&server, QUEUE, &Given { body: &body, ..Given::default() }).await;
        assert!(matches!(outcome, Outcome::Reject(_)), "{outcome:?}");
    }
    assert_eq!(server.connections(), 0);
    let largest = vec![b'x'; 1024 * 1024 - 1000];
    sent(QUEUE, &Given { body: &largest, ..Given::default() }).await;
}

#[tokio::test]
async fn errors() {
    let no = |status, code: &str| {
        let header =
            format!("content-type: application/x-amz-json-1.0\r\nx-amzn-errortype: {code}");
        Reply::with_header(status, &header, &json!({"__type": code, "message": "no"}).to_string())
    };
    for (reply, expected) in [
        (no(400, "com.amazonaws.sqs#QueueDoesNotExist"), Class::Setup),
        (no(403, "AccessDeniedException"), Class::Setup),
        (no(400, "RequestThrottled"), Class::Status),
        (no(503, "ServiceUnavailable"), Class::Status),
        (Reply::Last(Vec::new()), Class::Connect),
        (Reply::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()), Class::Status),
        (Reply::answer(200, "<html>"), Class::Status),
    ] {
        let server = Server::start([reply]).await;
        let outcome = send(&server, QUEUE, &Given::default()).await;
        assert_eq!(class_of_retry(outcome.clone()), expected, "{outcome:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

/// A ticket that is sent twice does no harm; an event that is sent twice is a copy.
#[tokio::test]
async fn a_queue_that_answers_late_gets_one_message() {
    let Reply::Bytes(bytes) = accepted() else { panic!("an answer has bytes") };
    let server = Server::start([Reply::Late(Duration::from_millis(1500), bytes)]).await;
    let outcome = send(&server, QUEUE, &Given::default()).await;
    assert_eq!((outcome, server.requests().len()), (Outcome::done(Ending::Delivered), 1));
}

#[tokio::test]
async fn silence_ends_with_the_time_that_is_left() {
    let server = Server::start([Reply::Stall(Vec::new())]).await;
    let given = Given { left: Span::from_millis(100), ..Given::default() };
    assert_eq!(class_of_retry(send(&server, QUEUE, &given).await), Class::Timeout);
}

#[tokio::test]
async fn without_aws_an_event_waits() {
    let to = open(Target::Sqs(Sqs { queue_url: QUEUE.to_owned() }));
    let all = Destinations::without_queues(Values(Some(vec![SECRET])));
    let outcome = all.deliver(&to, &Given::default().delivery()).await;
    assert_eq!(class_of_retry(outcome), Class::Setup);
}
