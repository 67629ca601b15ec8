//! SQS, as far as it matters: at least once, in no order, hidden while received, counted, moved to
//! the dead-letter queue after too many receives, and moved back as new messages with the old text.

use crate::dice::Dice;
use crate::settings::{RETENTION, VISIBILITY};
use holdfast_domain::record::RecordKey;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::process::Message;
use std::collections::BTreeMap;

/// The queue and its dead-letter queue.
#[derive(Default)]
pub(crate) struct Queue {
    made: u64,
    main: BTreeMap<u64, Kept>,
    dead: BTreeMap<u64, Kept>,
}

#[derive(Clone)]
struct Kept {
    ticket: Ticket,
    sent_at: Timestamp,
    shown_at: Timestamp,
    receives: u32,
}

/// A message in a batch.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) message: Message,
    pub(crate) ticket: Ticket,
    pub(crate) at: Timestamp,
}

impl Received {
    pub(crate) fn key(&self) -> &RecordKey {
        &self.ticket.key
    }
}

/// A receive: the batch, and what was moved instead.
#[derive(Default)]
pub(crate) struct Receive {
    pub(crate) batch: Vec<Received>,
    pub(crate) moved: u64,
    pub(crate) doubled: u64,
}

impl Queue {
    pub(crate) fn put(&mut self, ticket: Ticket, now: Timestamp) {
        self.made += 1;
        let kept = Kept { ticket, sent_at: now, shown_at: now, receives: 0 };
        self.main.insert(self.made, kept);
    }

    /// Receives some of what is visible, in any order. What was received too often is moved.
    pub(crate) fn receive(
        &mut self,
        dice: &Dice,
        now: Timestamp,
        max_receives: u32,
        doubled: u64,
    ) -> Receive {
        let mut receive = Receive::default();
        let mut visible: Vec<u64> = Vec::new();
        for (id, kept) in &self.main {
            if kept.shown_at <= now {
                visible.push(*id);
            }
        }
        let spent = |kept: &Kept| kept.receives >= max_receives;
        let (moved, mut visible): (Vec<u64>, Vec<u64>) =
            visible.into_iter().partition(|id| self.main.get(id).is_some_and(spent));
        for id in moved {
            self.dead.extend(self.main.remove(&id).map(|kept| (id, kept)));
            receive.moved += 1;
        }
        for _ in 0..dice.between(1, 10) {
            let Some(id) = dice.take(&mut visible) else { break };
            let Some(kept) = self.main.get_mut(&id) else { continue };
            kept.receives += 1;
            let twice = dice.percent(doubled);
            receive.doubled += u64::from(twice);
            kept.shown_at =
                if twice { now.plus(dice.millis(1, 3000)) } else { now.plus(VISIBILITY) };
            let message = Message {
                id: id.to_string(),
                receipt: id.to_string(),
                body: kept.ticket.to_message(),
                queued_at: kept.sent_at,
                receives: kept.receives,
            };
            receive.batch.push(Received { message, ticket: kept.ticket.clone(), at: now });
        }
        receive
    }

    pub(crate) fn delete(&mut self, receipt: &str) {
        if let Ok(id) = receipt.parse() {
            self.main.remove(&id);
        }
    }

    /// Hides a message, or shows it at once; `false` if there is none.
    pub(crate) fn hide(&mut self, receipt: &str, until: Timestamp) -> bool {
        let id = receipt.parse::<u64>().unwrap_or_default();
        let Some(kept) = self.main.get_mut(&id) else { return false };
        kept.shown_at = until;
        true
    }

    /// Moves a message back, as the console does: as a new one.
    pub(crate) fn redrive_one(&mut self, dice: &Dice, now: Timestamp) -> Option<RecordKey> {
        let ids: Vec<u64> = self.dead.keys().copied().collect();
        let id = *ids.get(dice.index(ids.len()))?;
        let kept = self.dead.remove(&id)?;
        let key = kept.ticket.key.clone();
        self.put(kept.ticket, now);
        Some(key)
    }

    /// Loses a message.
    pub(crate) fn lose_one(&mut self, dice: &Dice) -> Option<RecordKey> {
        let ids: Vec<u64> = self.main.keys().copied().collect();
        let id = ids.get(dice.index(ids.len()))?;
        self.main.remove(id).map(|kept| kept.ticket.key)
    }

    /// Drops what both queues have kept for too long.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let since = now.minus(RETENTION);
        self.main.retain(|_, kept| kept.sent_at >= since);
        self.dead.retain(|_, kept| kept.sent_at >= since);
    }

    pub(crate) fn visible(&self, now: Timestamp) -> u64 {
        self.main.values().filter(|kept| kept.shown_at <= now).count() as u64
    }

    pub(crate) fn next_shown_at(&self) -> Option<Timestamp> {
        self.main.values().map(|kept| kept.shown_at).min()
    }

    /// How many messages are in the queue, and beside it.
    pub(crate) fn len(&self) -> (usize, usize) {
        (self.main.len(), self.dead.len())
    }

    /// The records that have a ticket in the dead-letter queue.
    pub(crate) fn dead(&self) -> impl Iterator<Item = &RecordKey> {
        self.dead.values().map(|kept| &kept.ticket.key)
    }
}

/// A late send of ours that could be mistaken for a redrive: queued after the death, stamped before.
pub(crate) fn is_late_send(received: &Received, died_at: Timestamp) -> bool {
    let (queued_at, sent_at) = (received.message.queued_at, received.ticket.sent_at);
    queued_at > died_at && queued_at.since(sent_at) <= Span::from_secs(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::identity::Kind;
    use holdfast_domain::source::SourceName;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn ticket(id: u32) -> Ticket {
        let source = SourceName::new("stripe").expect("a name");
        let key = RecordKey::parse(&format!("E#stripe#{id}")).expect("a key");
        Ticket { key, source, kind: Kind::new("k"), sent_at: NOW }
    }

    #[test]
    fn what_was_received_too_often_is_moved_and_comes_back_as_a_new_message() {
        let (mut queue, dice) = (Queue::default(), Dice::new(1));
        queue.put(ticket(1), NOW);
        for receives in 1..=3 {
            let receive = queue.receive(&dice, NOW, 3, 0);
            let [received] = receive.batch.as_slice() else { panic!("one message") };
            assert_eq!((received.message.receives, received.message.queued_at), (receives, NOW));
            assert!(queue.receive(&dice, NOW, 3, 0).batch.is_empty(), "it is hidden");
            assert!(queue.hide(&received.message.receipt, NOW));
        }
        let receive = queue.receive(&dice, NOW, 3, 0);
        assert_eq!((receive.batch.len(), receive.moved, queue.len()), (0, 1, (0, 1)));
        let later = NOW.plus(Span::from_mins(1));
        assert_eq!(queue.redrive_one(&dice, later), Some(ticket(1).key));
        let receive = queue.receive(&dice, later, 3, 0);
        let [received] = receive.batch.as_slice() else { panic!("one message") };
        assert_eq!((received.message.receives, received.message.queued_at), (1, later));
        assert_eq!(received.ticket.sent_at, NOW);
    }

    #[test]
    fn what_is_delivered_twice_shows_again_at_once() {
        let (mut queue, dice) = (Queue::default(), Dice::new(1));
        queue.put(ticket(1), NOW);
        assert_eq!(queue.receive(&dice, NOW, 25, 100).doubled, 1);
        let soon = NOW.plus(Span::from_secs(3));
        assert_eq!(queue.visible(soon), 1);
        queue.delete("1");
        assert_eq!((queue.visible(soon), queue.len()), (0, (0, 0)));
    }
}
