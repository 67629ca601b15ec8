//! Everything that outlives a process: the stores, the queue, the index, the time, and what is
//! known of all that by whoever watches.

use crate::agenda::{Agenda, Bell, Entry, Rung};
use crate::counts::Counter;
use crate::dice::Dice;
use crate::fleet::Fleet;
use crate::index::Index;
use crate::listing::Listing;
use crate::process::{Function, Process};
use crate::profile::Profile;
use crate::queue::Queue;
use crate::settings;
use crate::trace::Trace;
use crate::watch::Watch;
use futures_util::FutureExt;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::record::{Record, RecordKey};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::memory::{
    MemoryBodies, MemoryDocuments, MemoryEvents, MemorySecrets, SetClock,
};
use holdfast_pipeline::ports::{BodyStore, Clock, EventStore};
use holdfast_testkit::world::SECRET;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When every world begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_780_286_655_123);

/// A world.
pub(crate) struct World {
    pub(crate) profile: Profile,
    pub(crate) dice: Dice,
    pub(crate) agenda: Agenda,
    pub(crate) trace: Trace,
    pub(crate) counts: Counter,
    pub(crate) watch: Watch,
    pub(crate) events: MemoryEvents,
    pub(crate) documents: MemoryDocuments,
    pub(crate) bodies: MemoryBodies,
    pub(crate) secrets: MemorySecrets,
    pub(crate) fleet: Fleet,
    pub(crate) listing: Listing,
    queue: Mutex<Queue>,
    index: Mutex<Index>,
    clock: SetClock,
    /// Faults have stopped.
    calm: AtomicBool,
    /// What events could not be delivered to works again.
    mended: AtomicBool,
    /// Events that cannot be delivered until then, by their keys.
    poison: Mutex<BTreeSet<String>>,
    version: AtomicUsize,
    processes: AtomicU64,
    writes: AtomicU64,
    /// Invocations, calls and index entries that are still under way.
    under_way: AtomicU64,
}

impl World {
    pub(crate) fn new(profile: Profile, dice: Dice, trace: Trace) -> Self {
        let secrets = MemorySecrets::default();
        for needed in settings::configuration(0).secrets() {
            secrets.set(needed.name.as_str(), &[SECRET]);
        }
        Self {
            profile,
            dice,
            agenda: Agenda::default(),
            trace,
            counts: Counter::default(),
            watch: Watch::default(),
            events: MemoryEvents::default(),
            documents: MemoryDocuments::default(),
            bodies: MemoryBodies::default(),
            secrets,
            fleet: Fleet::default(),
            listing: Listing::default(),
            queue: Mutex::default(),
            index: Mutex::default(),
            clock: SetClock::at(BEGIN),
            calm: AtomicBool::new(false),
            mended: AtomicBool::new(false),
            poison: Mutex::default(),
            version: AtomicUsize::new(0),
            processes: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            under_way: AtomicU64::new(0),
        }
    }

    // ------------------------------------------------------------------------------- Time

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn set_time(&self, now: Timestamp) {
        self.clock.set(now.max(self.now()));
    }

    /// For how long this world has been running.
    pub(crate) fn age(&self) -> Span {
        self.now().since(BEGIN)
    }

    /// Waits until a time.
    pub(crate) fn until(&self, at: Timestamp) -> Rung {
        let bell = Arc::new(Bell::default());
        self.agenda.add(&self.dice, at.max(self.now()), Entry::Ring(bell.clone()));
        Rung(bell)
    }

    /// Waits for a while.
    pub(crate) fn pass(&self, span: Span) -> Rung {
        self.until(self.now().plus(span))
    }

    /// Lets something happen later, whoever lives then.
    pub(crate) fn later(
        self: &Arc<Self>,
        at: Timestamp,
        act: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) {
        let world = self.clone();
        let entry = Entry::Act(Box::new(move || act(&world)));
        self.agenda.add(&self.dice, at.max(self.now()), entry);
    }

    // ------------------------------------------------------------------------------ Phases

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// From now on nothing goes wrong by itself.
    pub(crate) fn calm_down(&self) {
        self.note("calm", String::new);
        self.calm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn mend(&self) {
        self.note("mended", String::new);
        self.mended.store(true, Ordering::Relaxed);
    }

    pub(crate) fn poison(&self, event_key: &str) {
        lock(&self.poison).insert(event_key.to_owned());
    }

    pub(crate) fn is_poison(&self, event_key: &str) -> bool {
        !self.mended.load(Ordering::Relaxed) && lock(&self.poison).contains(event_key)
    }

    pub(crate) fn version(&self) -> usize {
        self.version.load(Ordering::Relaxed)
    }

    /// The configuration of the latest deploy.
    pub(crate) fn configuration(&self) -> Arc<Configuration> {
        settings::configuration(self.version())
    }

    /// Replaces all functions: what runs goes on as it was, what begins is new.
    pub(crate) fn deploy(&self) {
        let version = self.version.fetch_add(1, Ordering::Relaxed) + 1;
        self.note(("deploy", version), || format!("deploy {version}"));
        if self.under_way.load(Ordering::Relaxed) > 0 {
            self.counts.one("deploys_in_mid_flight");
        }
        self.fleet.retire();
    }

    pub(crate) fn new_process(&self, function: Function) -> Arc<Process> {
        let id = self.processes.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(Process::new(id, function, self.version(), &self.dice, &self.profile))
    }

    /// Kills a process.
    pub(crate) fn kill(&self, process: &Process, why: &'static str) {
        if process.die() {
            self.note((why, process.id), || {
                format!("{} {:?} dies: {why}", process.id, process.function)
            });
            self.counts.one(why);
            self.watch.died(process.id);
        }
    }

    pub(crate) fn begins(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn ends(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }

    // ------------------------------------------------------------------------------ Stores

    pub(crate) fn find(&self, key: &RecordKey) -> Option<Record> {
        self.events.read(key).now_or_never().and_then(Result::ok).flatten()
    }

    pub(crate) fn has_body(&self, record: &Record) -> bool {
        let read = self.bodies.read(&record.event.body).now_or_never();
        matches!(read, Some(Ok(Some(_))))
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }

    pub(crate) fn index(&self) -> MutexGuard<'_, Index> {
        lock(&self.index)
    }

    /// The index hears of a record's new place, now or later.
    pub(crate) fn list(self: &Arc<Self>, record: &Record) {
        let write = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let (key, place) = (record.key().clone(), record.place);
        if self.is_calm() || !self.dice.percent(self.profile.index_lags) {
            self.index().hear(&key, write, place);
            return;
        }
        self.counts.one("index_lags");
        self.begins();
        let most = self.dice.one_of(&[500, 20_000, 200_000]);
        self.later(self.now().plus(self.dice.millis(1, most)), move |world| {
            world.index().hear(&key, write, place);
            world.ends();
        });
    }

    // ----------------------------------------------------------------------------- Witness

    pub(crate) fn note(&self, what: impl std::hash::Hash, words: impl FnOnce() -> String) {
        self.trace.note(self.now(), what, words);
    }

    /// Something does not hold.
    pub(crate) fn broken(&self, what: String) {
        self.note(&what, || format!("BROKEN: {what}"));
        self.watch.broken(what);
    }

    pub(crate) fn unless(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken(what());
        }
    }
}

/// Locks, whatever a panic left behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
