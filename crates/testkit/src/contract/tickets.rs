//! The contract of the queue: at least once, hidden while received, shown again when asked.

use crate::builders::{NOW, received, ticket, unique_key};
use crate::wait::until;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{TicketHider, TicketSender};
use std::collections::BTreeMap;
use std::future::Future;

/// A received message.
#[derive(Clone, Debug)]
pub struct Message {
    /// What hides or deletes it.
    pub receipt: String,
    /// Its text.
    pub text: String,
}

/// The receiving side of a queue, which in production is Lambda's.
///
/// The queue hides a received message for a second or two. Where time stands still, each call of
/// `receive` has to let a second pass.
pub trait TicketReader {
    /// Some of the messages that are visible.
    fn receive(&self) -> impl Future<Output = Vec<Message>>;

    /// Deletes a message.
    fn delete(&self, receipt: &str) -> impl Future<Output = ()>;
}

/// Runs the suite on an empty queue.
pub async fn tickets(queue: &(impl TicketSender + TicketHider), reader: &impl TicketReader) {
    what_is_sent_is_received(queue, reader).await;
    what_is_hidden_stays_hidden(queue, reader).await;
    what_is_shown_comes_back(queue, reader).await;
    an_unknown_receipt_is_an_error(queue).await;
}

async fn what_is_sent_is_received(
    queue: &(impl TicketSender + TicketHider),
    reader: &impl TicketReader,
) {
    let sent: Vec<Ticket> = (0..12).map(|_| ticket(&received(&unique_key()))).collect();
    for ticket in &sent {
        queue.send(ticket).await.unwrap();
    }
    until("twelve tickets are visible", async || {
        (queue.visible().await.unwrap() == 12).then_some(())
    })
    .await;
    let mut missing: BTreeMap<&str, &Ticket> =
        sent.iter().map(|ticket| (ticket.key.as_str(), ticket)).collect();
    while !missing.is_empty() {
        for message in reader.receive().await {
            let ticket = Ticket::from_message(&message.text).expect("a ticket");
            if let Some(sent) = missing.remove(ticket.key.as_str()) {
                assert_eq!(&ticket, sent);
            }
            reader.delete(&message.receipt).await;
        }
    }
    until("the queue is empty", async || (queue.visible().await.unwrap() == 0).then_some(())).await;
}

/// Of two received tickets the hidden one stays away while the other one comes back by itself.
async fn what_is_hidden_stays_hidden(
    queue: &(impl TicketSender + TicketHider),
    reader: &impl TicketReader,
) {
    let (hidden, other) = (send(queue).await, send(queue).await);
    queue.hide(&receipt(reader, &hidden).await, Span::from_mins(60)).await.unwrap();
    let mut returned = 0;
    until("the other ticket came back three times", async || {
        for message in reader.receive().await {
            let ticket = Ticket::from_message(&message.text).expect("a ticket");
            assert_eq!(ticket, other, "the hidden ticket stays away");
            returned += 1;
            if returned == 3 {
                reader.delete(&message.receipt).await;
            }
        }
        (returned >= 3).then_some(())
    })
    .await;
}

async fn what_is_shown_comes_back(
    queue: &(impl TicketSender + TicketHider),
    reader: &impl TicketReader,
) {
    let ticket = send(queue).await;
    let first = receipt(reader, &ticket).await;
    queue.hide(&first, Span::from_days(3)).await.expect("more than the queue allows is shortened");
    queue.hide(&first, Span::ZERO).await.unwrap();
    let again = receipt(reader, &ticket).await;
    reader.delete(&again).await;
}

async fn an_unknown_receipt_is_an_error(queue: &impl TicketHider) {
    assert!(queue.hide("no such receipt", Span::ZERO).await.is_err());
}

async fn send(queue: &impl TicketSender) -> Ticket {
    let ticket = Ticket::new(&received(&unique_key()).event, NOW);
    queue.send(&ticket).await.unwrap();
    ticket
}

/// Receives until this ticket is among the messages.
async fn receipt(reader: &impl TicketReader, wanted: &Ticket) -> String {
    until("the ticket is received", async || {
        let messages = reader.receive().await;
        messages.into_iter().find_map(|message| {
            let ticket = Ticket::from_message(&message.text).expect("a ticket");
            (&ticket == wanted).then_some(message.receipt)
        })
    })
    .await
}
