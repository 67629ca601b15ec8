use super::lock;
use crate::ports::{Clock, Error, Result, TicketHider, TicketSender};
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use std::sync::{Arc, Mutex};

/// A standard queue with its dead-letter queue on memory: at least once, hidden while received,
/// moved after too many receives.
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    settings: QueueSettings,
    state: Mutex<Queues>,
}

/// The queue's settings.
#[derive(Clone, Copy, Debug)]
pub struct QueueSettings {
    /// How long a received message stays hidden.
    pub visibility: Span,
    /// After how many receives a message is moved to the dead-letter queue.
    pub max_receives: u32,
    /// How long a message is kept in either queue after it was sent.
    pub retention: Span,
}

impl Default for QueueSettings {
    /// The settings of the template.
    fn default() -> Self {
        Self { visibility: Span::from_secs(361), max_receives: 25, retention: Span::from_days(14) }
    }
}

#[derive(Debug, Default)]
struct Queues {
    next_id: u64,
    main: Vec<Message>,
    dead: Vec<Message>,
}

#[derive(Clone, Debug)]
struct Message {
    id: u64,
    body: String,
    sent_at: Timestamp,
    shown_at: Timestamp,
    receives: u32,
}

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its id, which is its receipt handle too.
    pub id: String,
    /// Its text.
    pub body: String,
    /// When the queue took it.
    pub sent_at: Timestamp,
    /// How often it was received, this time included.
    pub receives: u32,
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new(clock: Arc<dyn Clock>, settings: QueueSettings) -> Self {
        Self { clock, settings, state: Mutex::default() }
    }

    /// Its settings.
    pub fn settings(&self) -> QueueSettings {
        self.settings
    }

    /// Receives up to ten messages, oldest first. What was received too often is moved instead.
    pub fn receive(&self) -> Vec<Received> {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let kept_since = now.minus(self.settings.retention);
        state.main.retain(|message| message.sent_at >= kept_since);
        state.dead.retain(|message| message.sent_at >= kept_since);
        let max = self.settings.max_receives;
        let (spent, live) = std::mem::take(&mut state.main)
            .into_iter()
            .partition(|message: &Message| message.shown_at <= now && message.receives >= max);
        state.main = live;
        state.dead.extend(spent);
        let shown_again_at = now.plus(self.settings.visibility);
        let shown = state.main.iter_mut().filter(|message| message.shown_at <= now).take(10);
        shown.map(|message| message.receive(shown_again_at)).collect()
    }

    /// Deletes a message.
    pub fn delete(&self, id: &str) {
        lock(&self.state).main.retain(|message| message.id.to_string() != id);
    }

    /// Puts any text in the queue.
    pub fn put(&self, body: &str) {
        let now = self.clock.now();
        lock(&self.state).put(body.to_owned(), now);
    }

    /// Moves everything out of the dead-letter queue the way the console does: as new messages.
    /// Answers how many.
    pub fn redrive(&self) -> usize {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let dead = std::mem::take(&mut state.dead);
        let moved = dead.len();
        dead.into_iter().for_each(|message| state.put(message.body, now));
        moved
    }

    /// Loses everything in both queues.
    pub fn lose_all(&self) {
        let mut state = lock(&self.state);
        state.main.clear();
        state.dead.clear();
    }

    /// How many messages are in the queue, hidden ones included, and in the dead-letter queue.
    pub fn len(&self) -> (usize, usize) {
        let state = lock(&self.state);
        (state.main.len(), state.dead.len())
    }

    /// When the next hidden message will show, if any is there.
    pub fn next_shown_at(&self) -> Option<Timestamp> {
        lock(&self.state).main.iter().map(|message| message.shown_at).min()
    }
}

impl Queues {
    fn put(&mut self, body: String, now: Timestamp) {
        self.next_id = self.next_id.saturating_add(1);
        let message = Message { id: self.next_id, body, sent_at: now, shown_at: now, receives: 0 };
        self.main.push(message);
    }
}

impl Message {
    fn receive(&mut self, shown_again_at: Timestamp) -> Received {
        self.receives = self.receives.saturating_add(1);
        self.shown_at = shown_again_at;
        Received {
            id: self.id.to_string(),
            body: self.body.clone(),
            sent_at: self.sent_at,
            receives: self.receives,
        }
    }
}

impl TicketSender for MemoryQueue {
    async fn send(&self, ticket: &Ticket) -> Result<()> {
        self.put(&ticket.to_message());
        Ok(())
    }

    async fn visible(&self) -> Result<u64> {
        let now = self.clock.now();
        let state = lock(&self.state);
        Ok(state.main.iter().filter(|message| message.shown_at <= now).count() as u64)
    }
}

impl TicketHider for MemoryQueue {
    async fn hide(&self, receipt: &str, wait: Span) -> Result<()> {
        let shown_at = self.clock.now().plus(wait);
        let mut state = lock(&self.state);
        let found = state.main.iter_mut().find(|message| message.id.to_string() == receipt);
        let message = found.ok_or_else(|| Error::new("hide the ticket", "no such message"))?;
        message.shown_at = shown_at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::SetClock;

    #[test]
    fn a_queue_is_as_it_was_set_up_and_can_be_lost() {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let settings = QueueSettings { max_receives: 1, ..QueueSettings::default() };
        let queue = MemoryQueue::new(clock.clone(), settings);
        assert_eq!(queue.settings().max_receives, 1);
        queue.put("a");
        queue.put("b");
        assert_eq!(queue.receive().len(), 2);
        clock.advance(settings.visibility);
        queue.put("c");
        assert_eq!(queue.receive().len(), 1, "the others were received once");
        assert_eq!(queue.len(), (1, 2));
        assert_eq!(queue.redrive(), 2);
        assert_eq!(queue.len(), (3, 0));
        queue.lose_all();
        assert_eq!(queue.len(), (0, 0));
    }

    #[test]
    fn what_nobody_saw_to_is_dropped_when_its_time_is_over() {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let settings = QueueSettings { max_receives: 1, ..QueueSettings::default() };
        let queue = MemoryQueue::new(clock.clone(), settings);
        queue.put("a");
        queue.receive();
        clock.advance(settings.visibility);
        queue.receive();
        queue.put("b");
        assert_eq!(queue.len(), (1, 1));
        clock.advance(settings.retention.minus(settings.visibility));
        assert_eq!((queue.receive().len(), queue.len()), (1, (1, 1)));
        clock.advance(Span::from_millis(1));
        assert_eq!((queue.receive().len(), queue.len()), (0, (1, 0)));
        clock.advance(settings.retention);
        assert_eq!((queue.receive().len(), queue.len()), (0, (0, 0)));
    }
}
