//! Messages of the queue: our own, and whatever somebody with rights to the queue puts there.

use holdfast_domain::ticket::Ticket;

/// A message that is a ticket is written as one that reads the same.
pub(crate) fn check(data: &[u8]) {
    let Ok(ticket) = Ticket::from_message(&String::from_utf8_lossy(data)) else { return };
    let again = Ticket::from_message(&ticket.to_message()).expect("its own text");
    assert_eq!(ticket.to_message(), again.to_message());
}
