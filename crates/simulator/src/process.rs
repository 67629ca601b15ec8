//! A process: an instance of a function, or an operator's command. It has a clock of its own, and it
//! may die at any moment.

use crate::dice::Dice;
use crate::profile::Profile;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::memory::SeededRandom;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::task::AbortHandle;

/// What a process is an instance of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Receiver,
    Processor,
    Reconciler,
    Command,
}

/// A process.
pub(crate) struct Process {
    pub(crate) id: u64,
    pub(crate) function: Function,
    /// Which deploy it belongs to.
    pub(crate) version: usize,
    pub(crate) random: SeededRandom,
    skew_millis: i64,
    dead: AtomicBool,
    invocations: AtomicU64,
    running: Mutex<Option<AbortHandle>>,
}

impl Process {
    pub(crate) fn new(
        id: u64,
        function: Function,
        version: usize,
        dice: &Dice,
        profile: &Profile,
    ) -> Self {
        let most = profile.skew_millis;
        let skew = i64::try_from(dice.between(0, 2 * most)).unwrap_or(0);
        Self {
            id,
            function,
            version,
            random: SeededRandom::new(dice.number()),
            skew_millis: skew - i64::try_from(most).unwrap_or(0),
            dead: AtomicBool::new(false),
            invocations: AtomicU64::new(0),
            running: Mutex::default(),
        }
    }

    /// What its clock shows.
    pub(crate) fn now(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.millis() + self.skew_millis)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Begins an invocation and answers its number.
    pub(crate) fn begin(&self, running: AbortHandle) -> u64 {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
        self.invocations.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Ends the invocation, whatever its number was.
    pub(crate) fn end(&self) {
        self.invocations.fetch_add(1, Ordering::Relaxed);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn is_in(&self, invocation: u64) -> bool {
        self.invocations.load(Ordering::Relaxed) == invocation
    }

    /// Stops where it stands; nothing it does from here on has an effect. `false` if it was dead.
    pub(crate) fn die(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.abort();
        }
        !self.dead.swap(true, Ordering::Relaxed)
    }
}
