//! The queue of tickets: a standard SQS queue. The source is the message group, so that SQS serves
//! a busy source and a quiet one alike (fair queues).

use crate::cause;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{Error, Result, TicketHider, TicketSender};

/// SQS hides a message for at most 12 hours from its receive; a quarter of an hour of those may
/// have passed in the function.
const LONGEST_HIDE: Span = Span::from_mins(12 * 60 - 15);

/// The queue of tickets.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at that URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

impl TicketSender for Queue {
    async fn send(&self, ticket: &Ticket) -> Result<()> {
        let send = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(ticket.to_message())
            .message_group_id(ticket.source.as_str());
        match send.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::new("send the ticket", cause::of(&error))),
        }
    }

    async fn visible(&self) -> Result<u64> {
        const COUNT: &str = "count the tickets";
        let wanted = QueueAttributeName::ApproximateNumberOfMessages;
        let get =
            self.client.get_queue_attributes().queue_url(&self.url).attribute_names(wanted.clone());
        let got = get.send().await.map_err(|error| Error::new(COUNT, cause::of(&error)))?;
        let count = got.attributes().and_then(|attributes| attributes.get(&wanted));
        count
            .and_then(|count| count.parse().ok())
            .ok_or_else(|| Error::new(COUNT, "the answer has no number"))
    }
}

impl TicketHider for Queue {
    async fn hide(&self, receipt: &str, wait: Span) -> Result<()> {
        let secs = wait.min(LONGEST_HIDE).secs_up();
        let hide = self
            .client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(receipt)
            .visibility_timeout(i32::try_from(secs).unwrap_or(i32::MAX));
        match hide.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::new("hide the ticket", cause::of(&error))),
        }
    }
}
