//! What must hold when the world rests.

use super::watch::Violations;
use super::{Functions, MAX_ATTEMPTS, Webhook, World};
use crate::faults::Operation;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::{Class, Ending};
use holdfast_domain::record::{READ_SHARDS, Record, RecordKey, Room, State};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::operate;
use holdfast_pipeline::ports::{BodyStore, EventStore};
use std::collections::BTreeSet;

impl<F: Functions> World<F> {
    /// Checks everything and answers what did not hold.
    ///
    /// Dead events are brought back at the end, to see that they can be.
    pub async fn check(&mut self) -> Vec<String> {
        for webhook in self.accepted.clone() {
            self.check_durable(&webhook, "at rest").await;
        }
        let records = self.memory.events.all();
        for record in &records {
            self.check_runs(record);
            self.check_attempts(record);
            self.check_sends(record);
            self.check_ending(record).await;
        }
        self.check_replays(&records);
        self.check_index(&records).await;
        self.check_idempotency_keys(&records);
        self.check_dead(&records).await;
        self.violations.all()
    }

    /// What did not hold so far.
    pub fn violations(&self) -> Vec<String> {
        self.violations.all()
    }

    /// Expects an event that was answered 2xx to have ended like this.
    pub fn expect_ending(&self, key: &RecordKey, ending: Ending) {
        let Some(record) = self.find(key) else {
            let accepted = self.accepted.iter().any(|webhook| webhook.keys().contains(key));
            self.violations
                .unless(!accepted, || format!("I1: {key} was accepted and is not there"));
            return;
        };
        let found = record.processed.as_ref().map(|processed| processed.ending);
        if found.is_none() && self.is_worn_out(&record) {
            return;
        }
        self.violations.unless(found == Some(ending), || {
            format!(
                "I7: {key} should be {}, is {} {found:?}",
                ending.as_str(),
                record.state.as_str()
            )
        });
    }

    /// As [`World::expect_ending`], for an event that may never have been accepted.
    pub fn expect_ending_if_there(&self, key: &RecordKey, ending: Ending) {
        let accepted = self.accepted.iter().any(|webhook| webhook.keys().contains(key));
        if accepted || self.find(key).is_some() {
            self.expect_ending(key, ending);
        }
    }

    /// As [`World::expect_ending`], for an event that its provider lists: it has to be there.
    pub fn expect_listed_ending(&self, key: &RecordKey, ending: Ending) {
        let is_there = self.find(key).is_some();
        self.violations.unless(is_there, || format!("{key} is listed and was not found by a poll"));
        self.expect_ending(key, ending);
    }

    /// Expects an event to have ended like this; or, where something went wrong that cost it an
    /// attempt, to be dead of this.
    pub fn expect_ending_or_dead(&self, key: &RecordKey, ending: Ending, class: Class) {
        let is_dead = self.find(key).is_some_and(|record| record.state == State::Dead);
        if is_dead && self.faults.noticed() > 0 {
            self.expect_dead(key, class);
        } else {
            self.expect_ending(key, ending);
        }
    }

    /// Expects so many runs of an event, where nothing went wrong that may cost one.
    pub fn expect_runs(&self, key: &RecordKey, wanted: usize) {
        let found = self.runs.of(key).len();
        self.violations.unless(found == wanted || self.disturbances() > 0, || {
            format!("I13: {key} should have run {wanted} times, ran {found} times")
        });
    }

    /// Expects an event to be dead of this.
    pub fn expect_dead(&self, key: &RecordKey, class: Class) {
        let found = self.find(key).and_then(|record| record.death.map(|death| death.failure.class));
        let holds = found == Some(class) || (found.is_some() && self.faults.noticed() > 1);
        self.violations.unless(holds, || format!("I8: {key} should be dead, is {found:?}"));
    }

    /// One fault never costs an event all its attempts; several may.
    fn is_worn_out(&self, record: &Record) -> bool {
        let death = record.death.as_ref().map(|death| death.failure.class);
        death == Some(Class::Exhausted) && self.faults.noticed() > 1
    }

    /// I1: a 2xx implies a record and its body.
    pub(super) async fn check_durable(&self, webhook: &Webhook, when: &str) {
        for key in webhook.keys() {
            let found = self.find(&webhook.key_beside()).or_else(|| self.find(&key));
            let holds = match found {
                Some(record) => {
                    record.state == State::Processed
                        || self.has_body(&record).await
                        || is_dead_without_body(&record)
                }
                None => false,
            };
            self.violations.unless(holds, || format!("I1: {key} is not durable {when}"));
        }
    }

    async fn has_body(&self, record: &Record) -> bool {
        let read = self.memory.bodies.read(&record.event.body).await;
        matches!(read, Ok(Some(_)))
    }

    /// I9: at most so many runs between replays; a deferred one gives its attempt back.
    fn check_runs(&self, record: &Record) {
        let runs = self.runs.of(record.key());
        for replays in 0..=record.replays {
            let counted = runs.iter().filter(|run| run.replays == replays && !run.deferred).count();
            self.violations.unless(counted <= MAX_ATTEMPTS as usize, || {
                format!("I9: {} was run {counted} times between replays", record.key())
            });
        }
    }

    /// I13: no attempt without a run, a crash or a lapse. I9: no more than allowed.
    fn check_attempts(&self, record: &Record) {
        let runs = self.runs.of(record.key());
        // What no route takes is done without a run.
        let unrouted = record.processed.as_ref().is_some_and(|end| end.ending == Ending::Unrouted);
        let runs =
            runs.iter().filter(|run| run.replays == record.replays).count() + usize::from(unrouted);
        let (attempts, disturbances) = (record.attempts as usize, self.disturbances());
        // The claim after the last allowed attempt runs nothing: it buries.
        self.violations.unless(attempts.min(MAX_ATTEMPTS as usize) <= runs + disturbances, || {
            format!(
                "I13: {} burnt {attempts} attempts in {runs} runs and {disturbances} disturbances",
                record.key()
            )
        });
        self.violations.unless(attempts <= MAX_ATTEMPTS as usize + 1 + disturbances, || {
            format!("I9: {} burnt {attempts} attempts", record.key())
        });
    }

    /// I9: sends are bounded by what there is to send for.
    fn check_sends(&self, record: &Record) {
        let subject = record.key().to_string();
        let trace = self.faults.trace();
        let sent = trace
            .iter()
            .filter(|call| call.operation == Operation::SendTicket && call.subject == subject)
            .count();
        let waits = self.count(record, &[Transition::Wait, Transition::Park]);
        let most = 1 + self.posts + waits + self.orders + 2 * self.disturbances();
        self.violations.unless(sent <= most, || {
            format!("I9: {sent} tickets were sent for {subject}, at most {most} are called for")
        });
    }

    fn count(&self, record: &Record, transitions: &[Transition]) -> usize {
        let subject = record.key().to_string();
        let trace = self.faults.trace();
        let counted = trace.iter().filter(|call| {
            let of = |transition: &Transition| call.operation == Operation::Update(*transition);
            call.subject == subject && transitions.iter().any(of)
        });
        counted.count()
    }

    /// I7 and I8: how an event may rest, and that a dead one has its body.
    async fn check_ending(&self, record: &Record) {
        let switches = self.switches().await;
        let on = switches.is_on(&record.event.source, &record.event.kind, None);
        let rests = match record.state {
            State::Processed => true,
            State::Dead => self.has_body(record).await || is_dead_without_body(record),
            State::Received => record.room().is_some_and(Room::is_waiting) && !on,
            State::Processing => false,
        };
        self.violations.unless(rests, || {
            format!("I7: {} rests as {} {:?}", record.key(), record.state.as_str(), record.place)
        });
    }

    /// I13: no replay without an order.
    fn check_replays(&self, records: &[Record]) {
        let replays: u32 = records.iter().map(|record| record.replays).sum();
        let most = self.orders + self.posts_to("insistent");
        self.violations.unless(replays as usize <= most, || {
            format!("I13: {replays} replays, {most} were ordered")
        });
    }

    fn posts_to(&self, source: &str) -> usize {
        self.accepted.iter().filter(|webhook| webhook.source == source).count()
    }

    /// I10: the index lists exactly what is open, and what is dead.
    async fn check_index(&self, records: &[Record]) {
        let state_is = |states: &'static [State]| {
            records
                .iter()
                .filter(move |record| states.contains(&record.state))
                .map(|record| record.key().clone())
                .collect::<BTreeSet<_>>()
        };
        let open = self.listed(&[Room::Open, Room::Later, Room::Parked]).await;
        let wanted = state_is(&[State::Received, State::Processing]);
        compare(&self.violations, "I10: open, later and parked", &open, &wanted);
        let dead = self.listed(&[Room::Dead]).await;
        compare(&self.violations, "I8: dead", &dead, &state_is(&[State::Dead]));
    }

    async fn listed(&self, rooms: &[Room]) -> BTreeSet<RecordKey> {
        let mut listed = BTreeSet::new();
        let ever = Timestamp::from_millis(i64::MAX);
        for room in rooms {
            for shard in 0..READ_SHARDS {
                let page = self.memory.events.page(*room, shard, ever, None, 10_000).await;
                let page = page.expect("memory answers");
                listed.extend(page.entries.into_iter().map(|entry| entry.key));
            }
        }
        listed
    }

    /// External calls carry the same key at every attempt, and no two events share one.
    fn check_idempotency_keys(&self, records: &[Record]) {
        for record in records {
            let wanted = record.key().idempotency_key();
            let same = self.runs.of(record.key()).iter().all(|run| run.idempotency_key == wanted);
            self.violations.unless(same, || format!("{} ran under two keys", record.key()));
        }
    }

    /// I8: a replay brings a dead event to PROCESSED.
    async fn check_dead(&mut self, records: &[Record]) {
        let dead = records.iter().filter(|record| record.state == State::Dead);
        let dead: Vec<RecordKey> = dead
            .filter(|record| !is_dead_without_body(record))
            .map(|record| record.key().clone())
            .collect();
        self.runs.forget_scripts();
        for key in &dead {
            let answer = self.replay(key).await;
            let done = matches!(answer, Some(operate::Answer::Done(_)));
            self.violations.unless(done, || format!("I8: replay of {key}: {answer:?}"));
        }
        self.settle().await;
        for key in &dead {
            let state = self.find(key).map(|record| record.state);
            self.violations.unless(state == Some(State::Processed), || {
                format!("I8: {key} was replayed and is {state:?}")
            });
        }
    }
}

fn is_dead_without_body(record: &Record) -> bool {
    record.death.as_ref().is_some_and(|death| death.failure.class == Class::BodyMissing)
}

fn compare(
    violations: &Violations,
    what: &str,
    listed: &BTreeSet<RecordKey>,
    wanted: &BTreeSet<RecordKey>,
) {
    violations.unless(listed == wanted, || format!("{what} list {listed:?}, should {wanted:?}"));
}
