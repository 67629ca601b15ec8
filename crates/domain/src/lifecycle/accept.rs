//! Accept: nothing → RECEIVED, by the receiver or the poll, after the body was stored.
//!
//! The put is conditional on the key being absent. When it is taken, the stored record tells
//! which of these happened:
//!
//! ```text
//! receiver A   put ──────────▶ stored, answer lost
//!              put (retried) ─▶ refused, by its own write          → Created: it still sends
//! receiver B   put ──────────▶ refused, A's ticket sent long ago   → Duplicate, sends it again
//! receiver C   put ──────────▶ refused, A's ticket just sent       → Duplicate, nothing to do
//! receiver D   put ──────────▶ refused, but another event: same    → Collision: stored under
//!                              key, other body, other kind or time    a key of its own
//! ```

use super::{Change, Condition, Transition, Update, all};
use crate::record::{Record, Room, State};
use crate::time::{Span, Timestamp};

/// A ticket this young is still on its way: a duplicate does not send another.
const TICKET_IS_FRESH: Span = Span::from_secs(60);

/// What it means that a key is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// By one's own put, whose answer was lost: go on as if it had been created.
    Mine,
    /// By the same event, which is in good hands.
    Duplicate,
    /// By the same event, whose ticket may be lost: this update first, then send a new ticket.
    Stranded(Update),
    /// By the same event, which is dead. Where the source asks for it, it is replayed.
    Dead,
    /// By another event: store this one under [`crate::identity::EventKey::beside`].
    Collision,
}

/// Reads a refused put of `new`: `stored` is the record under its key.
pub fn taken(new: &Record, stored: &Record, now: Timestamp) -> Taken {
    if stored.ingest_nonce == new.ingest_nonce {
        return Taken::Mine;
    }
    if is_another_event(new, stored) {
        return Taken::Collision;
    }
    match stored.state {
        State::Dead => Taken::Dead,
        State::Received if is_stranded(stored, now) => Taken::Stranded(send_again(stored, now)),
        State::Received | State::Processing | State::Processed => Taken::Duplicate,
    }
}

/// A body alone does not tell: Stripe counts `pending_webhooks` in it down between deliveries.
fn is_another_event(new: &Record, stored: &Record) -> bool {
    new.event.body.hash != stored.event.body.hash
        && (new.event.kind != stored.event.kind
            || new.event.entity != stored.event.entity
            || new.event.source_time != stored.event.source_time)
}

fn is_stranded(stored: &Record, now: Timestamp) -> bool {
    stored.room() == Some(Room::Open)
        && stored.next_attempt_at <= now
        && now.since(stored.last_sent_at) > TICKET_IS_FRESH
}

/// Of several receivers and a sweep that see the same stranded record, one wins and sends.
fn send_again(stored: &Record, now: Timestamp) -> Update {
    Update {
        transition: Transition::Resend,
        key: stored.key().clone(),
        guard: all([
            Condition::Exists,
            Condition::StateIs(State::Received),
            Condition::RoomIs(Room::Open),
            Condition::LastSentIs(stored.last_sent_at),
        ]),
        changes: vec![Change::LastSentAt(now)],
    }
}
