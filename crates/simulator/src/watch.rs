//! Whoever watches: what was seen of processes, records and runs, at the moment at which it happened.
//! Which change of a record is right is `judge`'s business.

use crate::calls::Deed;
use crate::judge::is_safe;
use crate::process::{Function, Process};
use crate::settings::MOST_ATTEMPTS;
use crate::world::{World, lock};
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::record::{Record, RecordKey, Room, State};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::Page;
use holdfast_testkit::faults::Operation;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Seen>);

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) records: HashMap<RecordKey, Known>,
    /// Records that were processed, and expired.
    forgotten: HashSet<RecordKey>,
    /// The newest version of each entity that took effect.
    pub(crate) newest: HashMap<String, i64>,
    /// What processes wrote for which they owe a ticket.
    pub(crate) owed: HashMap<u64, BTreeSet<RecordKey>>,
    broken: Vec<String>,
}

/// What is known of a record beside itself.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) claims: BTreeMap<u64, Held>,
    /// When it last was in a state in which a ticket may go, if it is not now.
    pub(crate) left_safe_at: Option<Timestamp>,
    /// How often it may be replayed: it was ordered.
    pub(crate) orders: u32,
    /// Runs since it was last replayed that were not deferred.
    pub(crate) runs: u32,
}

/// A claim.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) by: u64,
    /// Something went wrong that may cost the attempt: its process died, or did not hear.
    pub(crate) excused: bool,
    pub(crate) repeated: bool,
    pub(crate) ran: bool,
    pub(crate) succeeded: bool,
    pub(crate) deferred: bool,
}

impl Watch {
    pub(crate) fn broken(&self, what: String) {
        self.lock().broken.push(what);
    }

    pub(crate) fn all_broken(&self) -> Vec<String> {
        self.lock().broken.clone()
    }

    pub(crate) fn holds(&self) -> bool {
        self.lock().broken.is_empty()
    }

    /// A process died: what it held may cost an attempt.
    pub(crate) fn died(&self, process: u64) {
        let mut seen = self.lock();
        seen.owed.remove(&process);
        let claims = seen.records.values_mut().flat_map(|known| known.claims.values_mut());
        claims.filter(|held| held.by == process).for_each(|held| held.excused = true);
    }

    /// A process is told that a call failed.
    pub(crate) fn failed(&self, process: u64, operation: Operation, subject: &str) {
        if !matches!(operation, Operation::Update(_) | Operation::CompleteWithEffect) {
            return;
        }
        let Some(key) = RecordKey::parse(subject) else { return };
        let mut seen = self.lock();
        if let Some(owed) = seen.owed.get_mut(&process) {
            owed.remove(&key);
        }
        let claims = seen.records.get_mut(&key).into_iter().flat_map(|known| &mut known.claims);
        claims.filter(|(_, held)| held.by == process).for_each(|(_, held)| held.excused = true);
    }

    /// A process stopped waiting for an answer. A poll does, when it fails over another of its events
    /// and leaves the rest to the next poll: it promised nobody anything, and the record that it did not
    /// hear of is the sweep's. A receiver that answers, or a command, has no such excuse.
    pub(crate) fn gave_up(&self, who: &Process, operation: Operation, subject: &str) {
        let Some(key) = RecordKey::parse(subject) else { return };
        if who.function == Function::Reconciler
            && operation == Operation::CreateRecord
            && let Some(owed) = self.lock().owed.get_mut(&who.id)
        {
            owed.remove(&key);
        }
    }

    /// A process tries to send a ticket.
    pub(crate) fn sends(&self, process: u64, key: &RecordKey) {
        if let Some(owed) = self.lock().owed.get_mut(&process) {
            owed.remove(key);
        }
    }

    /// An invocation is over; what it owes now is never sent.
    pub(crate) fn owes(&self, process: u64) -> Option<RecordKey> {
        self.lock().owed.remove(&process).and_then(|owed| owed.into_iter().next())
    }

    /// A replay of a record is ordered.
    pub(crate) fn orders(&self, key: &RecordKey) {
        self.lock().records.entry(key.clone()).or_default().orders += 1;
    }

    /// The record is gone, as it may.
    pub(crate) fn forget(&self, key: &RecordKey) {
        self.lock().forgotten.insert(key.clone());
    }

    pub(crate) fn is_forgotten(&self, key: &RecordKey) -> bool {
        self.lock().forgotten.contains(key)
    }

    /// How a run ended; what ends before it is cut off by death says nothing.
    pub(crate) fn ran(&self, key: &RecordKey, token: u64, succeeded: bool, deferred: bool) {
        let mut seen = self.lock();
        let Some(known) = seen.records.get_mut(key) else { return };
        if let Some(held) = known.claims.get_mut(&token) {
            held.succeeded = succeeded;
            held.deferred = deferred;
        }
        if deferred {
            known.runs = known.runs.saturating_sub(1);
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Seen> {
        lock(&self.0)
    }
}

impl World {
    /// Changes a record, and looks at what that did.
    pub(crate) fn change<T>(
        self: &Arc<Self>,
        deed: &Deed,
        key: &RecordKey,
        make: impl FnOnce() -> T,
    ) -> T {
        let before = self.find(key);
        let made = make();
        let after = self.find(key);
        if let Some(after) = &after
            && before.as_ref() != Some(after)
        {
            self.note((after.state.as_str(), after.token, after.attempts), || {
                format!(
                    "{}   {key} is {} {:?} token {} attempts {}",
                    deed.who.id,
                    after.state.as_str(),
                    after.place,
                    after.token,
                    after.attempts
                )
            });
            for what in self.watch.changed(self, deed, before.as_ref(), after) {
                self.broken(format!("{what}: {key}, by {} {:?}", deed.who.id, deed.operation));
            }
            self.list(after);
        } else if deed.operation == Operation::Update(Transition::Claim) {
            self.counts.one("claims_refused");
        }
        made
    }

    /// A run begins. I3: only under the current token, and no two live ones of one record.
    pub(crate) fn begin_run(&self, record: &Record, alone: bool) {
        let key = record.key();
        let stored = self.find(key);
        let is_current = stored.is_some_and(|stored| {
            stored.token == record.token && stored.state == State::Processing
        });
        self.unless(is_current || self.profile.wild, || {
            format!("I3: {key} runs under an old token")
        });
        self.unless(alone || self.profile.wild, || format!("I3: two live runs of {key}"));
        let mut seen = self.watch.lock();
        let known = seen.records.entry(key.clone()).or_default();
        known.runs += 1;
        let runs = known.runs;
        if let Some(held) = known.claims.get_mut(&record.token) {
            if held.repeated {
                self.counts.one("claims_recognised");
            }
            held.ran = true;
        }
        drop(seen);
        self.unless(runs <= MOST_ATTEMPTS, || {
            format!("I9: {key} was run {runs} times between replays")
        });
    }

    /// I6: a ticket is acked only when its record was safe at some time since it was received.
    pub(crate) fn may_go(&self, key: &RecordKey, since: Timestamp) -> bool {
        match self.find(key) {
            None => self.watch.is_forgotten(key),
            Some(record) if is_safe(&record) => true,
            Some(_) => {
                let seen = self.watch.lock();
                let left = seen.records.get(key).and_then(|known| known.left_safe_at);
                left.is_some_and(|left| left >= since)
            }
        }
    }

    /// A page of the index was read: is it what the records say?
    pub(crate) fn saw(&self, room: Room, page: &Page) {
        if self.profile.index_lags == 0 {
            return;
        }
        let is_stale =
            |key: &RecordKey| self.find(key).and_then(|record| record.room()) != Some(room);
        let stale = page.entries.iter().filter(|entry| is_stale(&entry.key)).count();
        self.counts.more("stale_index_entries", stale as u64);
    }
}
