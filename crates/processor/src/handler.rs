//! From Lambda's batch of messages to Lambda's list of those to keep.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::batch::process_batch;
use holdfast_pipeline::deliver::Deliver;
use holdfast_pipeline::ports::Ports;
use holdfast_pipeline::process::{Message, Processor};
use holdfast_pipeline::target::Routing;
use std::sync::Arc;

/// Why a batch could not be looked at. All its messages stay in the queue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not an SQS event.
    #[error("not an SQS event: {0}")]
    Shape(#[source] serde_json::Error),
    /// A message without an id or a receipt handle could not be reported as failed: answering
    /// anything for the others would delete it.
    #[error("a message of the batch has no {0}")]
    Unnamed(&'static str),
}

/// Works on one batch until `deadline` and answers which messages to keep.
///
/// # Errors
/// When the event is not a batch of messages that can be told apart.
pub async fn handle<P, D, R>(
    processor: &Arc<Processor<P, D, R>>,
    event: &str,
    deadline: Timestamp,
) -> Result<SqsBatchResponse, Error>
where
    P: Ports,
    D: Deliver + 'static,
    R: Routing<Destination = D::Destination>,
{
    let event: SqsEvent = serde_json::from_str(event).map_err(Error::Shape)?;
    let messages: Result<Vec<Message>, Error> = event.records.into_iter().map(read).collect();
    let kept = process_batch(processor, messages?, deadline).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = kept.into_iter().map(failure).collect();
    Ok(response)
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

/// Reads one message. Attributes that are missing or odd are replaced by what is safe: received
/// for the first time, and queued so long ago that it cannot be taken for a redriven one.
fn read(message: SqsMessage) -> Result<Message, Error> {
    let number = |name: &str| message.attributes.get(name).and_then(|text| text.parse().ok());
    let queued_at = number("SentTimestamp").map_or(Timestamp::EPOCH, Timestamp::from_millis);
    let receives = number("ApproximateReceiveCount").unwrap_or(1);
    let named = |value: Option<String>, what| {
        value.filter(|text| !text.is_empty()).ok_or(Error::Unnamed(what))
    };
    Ok(Message {
        id: named(message.message_id, "id")?,
        receipt: named(message.receipt_handle, "receipt handle")?,
        body: message.body.unwrap_or_default(),
        queued_at,
        receives: u32::try_from(receives).unwrap_or(1),
    })
}
