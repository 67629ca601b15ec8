//! What must hold at every moment, checked after every call.

use crate::faults::Call;
use crate::invariants::{change, effect_is_once, shape};
use futures_util::FutureExt;
use holdfast_domain::record::{Record, RecordKey, Room, State};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::ports::BodyStore;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What did not hold.
#[derive(Default)]
pub(super) struct Violations(Mutex<Vec<String>>);

impl Violations {
    pub(super) fn add(&self, what: String) {
        lock(&self.0).push(what);
    }

    pub(super) fn unless(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.add(what());
        }
    }

    pub(super) fn all(&self) -> Vec<String> {
        lock(&self.0).clone()
    }
}

/// The eye on the records.
pub(super) struct Watch {
    memory: Arc<Memory>,
    violations: Arc<Violations>,
    last: Mutex<BTreeMap<RecordKey, Record>>,
    /// Records that were safe at some moment since the batch began: a ticket may go.
    safe: Mutex<BTreeSet<RecordKey>>,
}

impl Watch {
    pub(super) fn new(memory: &Arc<Memory>, violations: &Arc<Violations>) -> Self {
        Self {
            memory: memory.clone(),
            violations: violations.clone(),
            last: Mutex::default(),
            safe: Mutex::default(),
        }
    }

    pub(super) fn begin_batch(&self) {
        lock(&self.safe).clear();
    }

    pub(super) fn was_safe(&self, key: &RecordKey) -> bool {
        lock(&self.safe).contains(key)
    }

    /// Looks at everything after a call that may have changed something.
    pub(super) fn after(&self, call: &Call, now: Timestamp) {
        if !call.operation.is_write() {
            return;
        }
        let mut last = lock(&self.last);
        for record in self.memory.events.all() {
            let mut found = shape(&record);
            found.extend(effect_is_once(&self.memory.events, &record));
            match last.get(record.key()) {
                Some(before) => found.extend(change(before, &record, call.operation, now)),
                None => found.extend(self.body_came_first(&record)),
            }
            for what in found {
                self.violations.add(format!("{what}: {} after {call}", record.key()));
            }
            if record.state == State::Processed || record.room().is_some_and(Room::is_waiting) {
                lock(&self.safe).insert(record.key().clone());
            }
            last.insert(record.key().clone(), record);
        }
    }

    /// I1: the body is stored before the record that names it.
    fn body_came_first(&self, record: &Record) -> Option<String> {
        let stored = self.memory.bodies.read(&record.event.body).now_or_never();
        (!matches!(stored, Some(Ok(Some(_))))).then(|| "I1: a record without a body".to_owned())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
