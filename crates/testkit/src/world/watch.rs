//! What must hold at every moment, checked after every call: which changes of a record are legal,
//! and what a record looks like in each of its states.

use super::runs::{LEDGER, TIMES};
use crate::faults::{Call, Operation};
use futures_util::FutureExt;
use holdfast_domain::effect::Value;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::Ending;
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
            found.extend(effect_is_once(&self.memory, &record));
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

/// What a record must look like by itself.
fn shape(record: &Record) -> Vec<String> {
    let mut found = Vec::new();
    let mut unless = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let is = |state| record.state == state;
    unless(record.processed.is_some() == is(State::Processed), "I11: an expiry before the end");
    let gone = record.processed.as_ref().is_some_and(|end| end.ending == Ending::Discarded);
    unless(record.death.is_some() == (is(State::Dead) || gone), "I8: a death and no dead record");
    let listed = match record.state {
        State::Received => record.room().is_some_and(|room| room != Room::Dead),
        State::Processing => record.room() == Some(Room::Open),
        State::Processed => record.place.is_none(),
        State::Dead => record.room() == Some(Room::Dead),
    };
    unless(listed, "I10: listed in the wrong room");
    unless(record.lease_until.is_some() == is(State::Processing), "I5: a lease without a claim");
    let claims_without_end = u32::try_from(record.token).unwrap_or(u32::MAX);
    unless(record.attempts <= claims_without_end, "I13: more attempts than claims");
    found
}

/// I2: the effect is committed once, together with the completion.
fn effect_is_once(memory: &Memory, record: &Record) -> Option<String> {
    let item = memory.events.item(LEDGER, record.key().as_str());
    let times = match item.as_ref().and_then(|item| item.get(TIMES)) {
        Some(Value::Number(times)) => *times,
        _ => 0,
    };
    let applied = record.processed.as_ref().is_some_and(|end| end.ending == Ending::Applied);
    (times != i64::from(applied))
        .then(|| format!("I2: the effect was committed {times} times, applied is {applied}"))
}

/// What a change must look like.
fn change(before: &Record, after: &Record, by: Operation, now: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    let mut unless = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let but_for_the_body = |record: &Record| {
        let mut record = record.clone();
        record.event.body = before.event.body.clone();
        record
    };
    if before.state == State::Processed {
        unless(but_for_the_body(after) == *before, "I4: a processed record changed");
    }
    let lapsed = before.lease_until.is_some_and(|until| until < now);
    let claimed = after.token != before.token;
    unless(
        after.token == before.token || after.token == before.token + 1,
        "I5: the token does not count claims",
    );
    if claimed {
        let may = before.state == State::Received || (before.state == State::Processing && lapsed);
        unless(may && after.state == State::Processing, "I5: a claim of what is not to be had");
        unless(before.next_attempt_at <= now || before.state != State::Received, "T3: too early");
    }
    let touched = but_for_the_body(after) != *before;
    if before.state == State::Processing && !claimed && touched && !lapsed {
        unless(closes(by), "I5: a running record was changed by somebody else");
    }
    if before.state == State::Dead && touched {
        let ordered = [Transition::Replay, Transition::Discard].map(Operation::Update);
        unless(ordered.contains(&by), "I13: a dead record changed without an order");
    }
    let replayed = after.replays != before.replays;
    unless(!replayed || before.state == State::Dead, "I13: a replay of what is not dead");
    found
}

fn closes(by: Operation) -> bool {
    match by {
        Operation::CompleteWithEffect => true,
        Operation::Update(transition) => matches!(
            transition,
            Transition::Complete
                | Transition::Retry
                | Transition::Wait
                | Transition::Park
                | Transition::Bury
        ),
        _ => false,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
