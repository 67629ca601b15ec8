//! The scheduler: what happens next, and when. Whoever waits, waits here; the main loop takes the
//! earliest entry, moves the time to it, and lets it happen. What falls on the same millisecond
//! happens in the order that the dice decided.

use crate::dice::Dice;
use holdfast_domain::time::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What is going to happen.
#[derive(Default)]
pub(crate) struct Agenda(Mutex<State>);

#[derive(Default)]
struct State {
    entries: BTreeMap<Place, Entry>,
    made: u64,
}

/// When, in which order of those at the same time, and a number that no other entry has.
type Place = (Timestamp, u64, u64);

/// One thing that happens.
pub(crate) enum Entry {
    /// Somebody who waited goes on.
    Ring(Arc<Bell>),
    /// The world itself does something.
    Act(Box<dyn FnOnce() + Send>),
}

impl Agenda {
    pub(crate) fn add(&self, dice: &Dice, at: Timestamp, entry: Entry) {
        let mut state = self.lock();
        state.made += 1;
        let place = (at, dice.number(), state.made);
        state.entries.insert(place, entry);
    }

    /// Takes the next entry.
    pub(crate) fn next(&self) -> Option<(Timestamp, Entry)> {
        self.lock().entries.pop_first().map(|((at, _, _), entry)| (at, entry))
    }

    /// Forgets everything: entries know their world, and the world its entries.
    pub(crate) fn clear(&self) {
        let entries = std::mem::take(&mut self.lock().entries);
        drop(entries);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody who waits is woken with.
#[derive(Default)]
pub(crate) struct Bell(Mutex<(bool, Option<Waker>)>);

impl Bell {
    pub(crate) fn ring(&self) {
        let mut state = self.lock();
        state.0 = true;
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, (bool, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a bell.
pub(crate) struct Rung(pub(crate) Arc<Bell>);

impl Future for Rung {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.0 {
            return Poll::Ready(());
        }
        state.1 = Some(context.waker().clone());
        Poll::Pending
    }
}
