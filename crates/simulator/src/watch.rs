//! Whoever watches: every change of a record is held against the invariants at the moment at which it
//! is made, with what is known of who made it.

use crate::calls::Deed;
use crate::settings::MOST_ATTEMPTS;
use crate::world::{World, lock};
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::{Class, Ending};
use holdfast_domain::record::{Record, RecordKey, Room, State};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::ports::Page;
use holdfast_testkit::faults::Operation;
use holdfast_testkit::invariants::{change, effect_is_once, shape};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// Two sends for the same record are never closer than this, whoever sends: a duplicate sends again
/// after a minute, the sweep after two; clocks differ by two seconds.
const LEAST_BETWEEN_SENDS: Span = Span::from_secs(57);

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    records: HashMap<RecordKey, Known>,
    /// Records that were processed, and expired.
    forgotten: HashSet<RecordKey>,
    /// The newest version of each entity that took effect.
    newest: HashMap<String, i64>,
    /// What processes wrote for which they owe a ticket.
    owed: HashMap<u64, BTreeSet<RecordKey>>,
    broken: Vec<String>,
}

#[derive(Default)]
struct Known {
    claims: BTreeMap<u64, Held>,
    /// When it last was in a state in which a ticket may go, if it is not now.
    left_safe_at: Option<Timestamp>,
    resent_at: Option<Timestamp>,
    /// How often it may be replayed: it was ordered.
    orders: u32,
    /// Runs since it was last replayed that were not deferred.
    runs: u32,
}

/// A claim.
#[derive(Clone, Copy, Debug)]
struct Held {
    by: u64,
    /// Something went wrong that may cost the attempt: its process died, or did not hear.
    excused: bool,
    repeated: bool,
    ran: bool,
    succeeded: bool,
    deferred: bool,
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

    fn lock(&self) -> MutexGuard<'_, Seen> {
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

impl Watch {
    fn changed(
        &self,
        world: &World,
        deed: &Deed,
        before: Option<&Record>,
        after: &Record,
    ) -> Vec<String> {
        let now = deed.who.now(world.now());
        let mut found = shape(after);
        found.extend(effect_is_once(&world.events, after));
        match before {
            Some(before) => found.extend(change(before, after, deed.operation, now)),
            None => unless(&mut found, world.has_body(after), "I1: a record without a body"),
        }
        let mut seen = self.lock();
        let Seen { records, newest, owed, .. } = &mut *seen;
        let known = records.entry(after.key().clone()).or_default();
        if owes_a_ticket(deed, before) {
            owed.entry(deed.who.id).or_default().insert(after.key().clone());
        }
        let Some(before) = before else { return found };
        if is_safe(before) && !is_safe(after) {
            known.left_safe_at = Some(world.now());
        }
        known.claimed(world, deed, before, after, &mut found);
        if after.token != before.token
            && let Some(owed) = owed.get_mut(&deed.who.id)
        {
            owed.remove(after.key());
        }
        known.resent(world, deed, before, after, &mut found);
        if after.replays > before.replays {
            known.runs = 0;
            let ordered = after.replays <= known.orders || world.profile.wild;
            unless(&mut found, ordered, "I13: a replay that nobody ordered");
        }
        if deed.operation == Operation::Update(Transition::Release) {
            let due = before.place.is_some_and(|place| place.index_at <= now);
            unless(
                &mut found,
                due && before.next_attempt_at <= now,
                "T8: released before it is due",
            );
        }
        if after.state == State::Dead {
            let missing =
                after.death.as_ref().map(|death| death.failure.class) == Some(Class::BodyMissing);
            unless(&mut found, missing || world.has_body(after), "I8: dead without a body");
        }
        if deed.operation == Operation::CompleteWithEffect {
            newer(newest, after, &mut found);
        }
        found
    }
}

impl Known {
    /// I5 and I13: claims, and what becomes of them.
    fn claimed(
        &mut self,
        world: &World,
        deed: &Deed,
        before: &Record,
        after: &Record,
        found: &mut Vec<String>,
    ) {
        let old = self.claims.get(&before.token).copied();
        if after.token != before.token {
            if let Some(old) = old.filter(|_| before.state == State::Processing) {
                world.counts.one("lapsed_claims");
                let spent = old.ran || old.excused || world.profile.wild;
                unless(found, spent, "I13: a claim lapsed, and nobody ran or died");
            }
            let held = Held {
                by: deed.who.id,
                excused: deed.unheard || deed.who.is_dead(),
                repeated: deed.repeated,
                ran: false,
                succeeded: false,
                deferred: false,
            };
            self.claims.insert(after.token, held);
            let excused = self.claims.values().filter(|held| held.excused).count();
            let most = MOST_ATTEMPTS as usize + 1 + excused;
            unless(found, after.attempts as usize <= most, "I9: too many attempts");
            return;
        }
        if before.state != State::Processing || after.state == State::Processing {
            return;
        }
        let Some(held) = old else {
            found.push("I5: a claim that nobody made".to_owned());
            return;
        };
        unless(found, held.by == deed.who.id, "I5: closed by another than its holder");
        if deed.repeated {
            world.counts.one("closing_writes_repeated");
        }
        let ending = after.processed.as_ref().map(|processed| processed.ending);
        let worked = matches!(ending, Some(Ending::Delivered | Ending::Applied));
        unless(found, !worked || held.succeeded, "I2: done without a run that worked");
        let class = after.death.as_ref().map(|death| death.failure.class);
        let without_a_run = after.attempts < before.attempts
            || matches!(ending, Some(Ending::Unrouted))
            || matches!(class, Some(Class::BodyMissing | Class::Exhausted));
        unless(found, held.ran || without_a_run, "I13: an attempt burnt without a run");
        if class == Some(Class::Exhausted) && !held.ran {
            let most = crate::settings::LEAST_ATTEMPTS;
            unless(found, after.attempts > most, "I13: exhausted before its attempts were made");
        }
        if held.deferred {
            unless(found, after.attempts < before.attempts, "I13: a deferral that counts");
        }
    }

    /// I9: sends are bounded, because there is time between them.
    fn resent(
        &mut self,
        world: &World,
        deed: &Deed,
        before: &Record,
        after: &Record,
        found: &mut Vec<String>,
    ) {
        if deed.operation != Operation::Update(Transition::Resend)
            || before.last_sent_at == after.last_sent_at
        {
            return;
        }
        let last = self.resent_at.replace(world.now());
        let apart = last.is_none_or(|last| world.now().since(last) >= LEAST_BETWEEN_SENDS);
        unless(found, apart || world.profile.wild, "I9: sent again too soon");
    }
}

/// What somebody who made a record, or brought it back, has to send.
fn owes_a_ticket(deed: &Deed, before: Option<&Record>) -> bool {
    let made = before.is_none() || deed.operation == Operation::Update(Transition::Replay);
    made && !deed.unheard && !deed.who.is_dead()
}

/// I12: a stale version never overwrites a newer one.
fn newer(newest: &mut HashMap<String, i64>, record: &Record, found: &mut Vec<String>) {
    let Some(entity) = &record.event.entity else { return };
    let version = record.event.version.as_ref().and_then(|version| version.as_str().parse().ok());
    let Some(version) = version else { return };
    let newest = newest.entry(entity.as_str().to_owned()).or_insert(version);
    unless(found, *newest <= version, "I12: a stale version took effect");
    *newest = version.max(*newest);
}

/// A ticket may go: nothing is left to do, or a room will send another.
fn is_safe(record: &Record) -> bool {
    record.state == State::Processed
        || (record.state == State::Received && record.room().is_some_and(Room::is_waiting))
}

fn unless(found: &mut Vec<String>, holds: bool, what: &str) {
    if !holds {
        found.push(what.to_owned());
    }
}
