//! An SQS queue as a destination: its settings, sending, and what an error means.
//!
//! | error | outcome |
//! |---|---|
//! | the message is too long, or SQS will not carry its content | rejected: it stays so |
//! | no permission, no such queue, no such key, bad parameters | retried, class `setup`: an operator mends it |
//! | throttled, SQS itself failed | retried, class `status` |
//! | no connection, no answer | retried, class `connect` or `timeout` |

use super::message::{MAX_BYTES, Message};
use crate::excerpt;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::operation::send_message::{SendMessageError, SendMessageOutput};
use aws_sdk_sqs::types::MessageAttributeValue;
use holdfast_domain::configuration::{Destination, Sqs};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_pipeline::deliver::Delivery;
use std::time::Duration;
use tokio::time::timeout;

/// Why nothing could ever be sent with these settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not the URL of a queue.
    #[error(
        "the address of a queue is its URL, https://sqs.<region>.amazonaws.com/<account>/<name>"
    )]
    Url,
}

/// An SQS queue that events may be sent to.
#[derive(Debug)]
pub struct Queue {
    url: String,
    is_fifo: bool,
}

impl Queue {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`Unusable`] when the address is not the URL of a queue. Whether there is such a queue is
    /// seen when something is sent.
    pub fn new(settings: &Sqs) -> Result<Self, Unusable> {
        let url = settings.queue_url.clone();
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let name = rest.and_then(|rest| rest.rsplit_once('/')).map(|(_, name)| name);
        match name {
            Some(name) if !name.is_empty() => Ok(Self { is_fifo: name.ends_with(".fifo"), url }),
            _ => Err(Unusable::Url),
        }
    }

    /// Sends an event: every failure is an outcome.
    pub(crate) async fn deliver(&self, client: Option<&Client>, delivery: &Delivery) -> Outcome {
        let Some(client) = client else {
            return retry(Class::Setup, "there is no SQS here to send to");
        };
        let message = Message::new(delivery, self.is_fifo);
        if message.bytes() > MAX_BYTES {
            let bytes = message.bytes();
            return reject(format!("the message has {bytes} bytes; a queue takes {MAX_BYTES}"));
        }
        // The client allows as much for its one request; here less may be left.
        let left = delivery.deadline.since(delivery.now);
        let allowed = Duration::from(left.min(Destination::SQS_TIMEOUT));
        // On the heap: the client's future is large, and one is held for each ticket of a batch.
        match timeout(allowed, Box::pin(self.send(client, message))).await {
            Ok(Ok(_)) => Outcome::done(Ending::Delivered),
            Ok(Err(error)) => meaning(&error),
            Err(_) => retry(Class::Timeout, format!("no answer within {} ms", allowed.as_millis())),
        }
    }

    async fn send(
        &self,
        client: &Client,
        message: Message,
    ) -> Result<SendMessageOutput, SdkError<SendMessageError>> {
        let mut request = client.send_message().queue_url(&self.url).message_body(message.body);
        for (name, value) in message.attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value);
            // Building fails without a data type only.
            if let Ok(value) = value.build() {
                request = request.message_attributes(name, value);
            }
        }
        if let Some((group, once)) = message.fifo {
            request = request.message_group_id(group).message_deduplication_id(once);
        }
        request.send().await
    }
}

fn meaning(error: &SdkError<SendMessageError>) -> Outcome {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().unwrap_or("no code");
            said_no(status, code, answer.err().message().unwrap_or_default())
        }
        SdkError::TimeoutError(_) => retry(Class::Timeout, "no answer in time"),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            retry(Class::Timeout, "no connection in time")
        }
        SdkError::ConstructionFailure(_) => retry(Class::Setup, excerpt::innermost(error)),
        SdkError::ResponseError(answer) => retry_status(answer.raw().status().as_u16(), "no sense"),
        _ => retry(Class::Connect, excerpt::innermost(error)),
    }
}

/// What an error of the service means, by its code: newer ones are classed by their status.
fn said_no(status: u16, code: &str, message: &str) -> Outcome {
    let too_long = message.contains("must be shorter than");
    let text = format!("{code}: {}", excerpt::line(message.as_bytes()));
    // Codes have come with a namespace before them and with a remark behind.
    let name = code.rsplit(['.', '#']).next().unwrap_or(code);
    match name {
        "InvalidMessageContents" => reject(text),
        _ if too_long => reject(text),
        "RequestThrottled" | "KmsThrottled" | "ThrottlingException" | "Throttling" => {
            retry_status(status, text)
        }
        // An answer below 400 makes no sense; what it was about may have been sent.
        _ if status < 400 || status == 429 || status >= 500 => retry_status(status, text),
        _ => Outcome::Retry {
            failure: Failure::new(Class::Setup, text).with_status(status),
            after: None,
        },
    }
}

fn reject(message: impl std::fmt::Display) -> Outcome {
    Outcome::Reject(Failure::new(Class::Status, message))
}

fn retry(class: Class, message: impl std::fmt::Display) -> Outcome {
    Outcome::Retry { failure: Failure::new(class, message), after: None }
}

fn retry_status(status: u16, message: impl std::fmt::Display) -> Outcome {
    let failure = Failure::new(Class::Status, message).with_status(status);
    Outcome::Retry { failure, after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(outcome: Outcome) -> (&'static str, Class) {
        match outcome {
            Outcome::Retry { failure, .. } => ("retry", failure.class),
            Outcome::Reject(failure) => ("reject", failure.class),
            other => panic!("an error came to {other:?}"),
        }
    }

    #[test]
    fn errors_of_the_service() {
        for (status, code, message, expected) in [
            (400, "AccessDeniedException", "not authorized", ("retry", Class::Setup)),
            (403, "AccessDenied", "", ("retry", Class::Setup)),
            (400, "AWS.SimpleQueueService.NonExistentQueue", "", ("retry", Class::Setup)),
            (400, "com.amazonaws.sqs#QueueDoesNotExist", "", ("retry", Class::Setup)),
            (400, "KmsAccessDenied", "", ("retry", Class::Setup)),
            (400, "ExpiredToken", "", ("retry", Class::Setup)),
            (400, "InvalidMessageContents", "", ("reject", Class::Status)),
            (
                400,
                "InvalidParameterValue",
                "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
                ("reject", Class::Status),
            ),
            (400, "InvalidParameterValue", "MessageGroupId", ("retry", Class::Setup)),
            (400, "RequestThrottled", "", ("retry", Class::Status)),
            (403, "ThrottlingException", "", ("retry", Class::Status)),
            (429, "TooManyRequests", "", ("retry", Class::Status)),
            (500, "InternalFailure", "", ("retry", Class::Status)),
            (503, "ServiceUnavailable", "", ("retry", Class::Status)),
        ] {
            assert_eq!(class(said_no(status, code, message)), expected, "{status} {code}");
        }
    }

    #[test]
    fn queues_have_urls() {
        for (url, is_fifo) in [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/orders", false),
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo", true),
            ("http://127.0.0.1:4566/000000000000/orders", false),
        ] {
            let queue = Queue::new(&Sqs { queue_url: url.to_owned() });
            assert_eq!(queue.map(|queue| queue.is_fifo), Ok(is_fifo), "{url}");
        }
        for url in
            ["", "orders", "arn:aws:sqs:eu-west-1:123456789012:orders", "https://", "https://x/"]
        {
            let queue = Queue::new(&Sqs { queue_url: url.to_owned() });
            assert_eq!(queue.map(|queue| queue.is_fifo), Err(Unusable::Url), "{url}");
        }
    }
}
