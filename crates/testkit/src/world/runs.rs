//! What destinations and handlers do in this world: what a script says, and what came of it is
//! remembered.

use super::watch::Violations;
use crate::faults::Faults;
use crate::ledger::{effect, impossible_effect};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::configuration::Destination;
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::{RecordKey, State};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::deliver::{Deliver, Delivery, Handled, HandlerError};
use holdfast_pipeline::memory::{Memory, SetClock};
use holdfast_pipeline::ports::Clock;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What one run does.
#[derive(Clone, Debug)]
pub enum Script {
    /// It works.
    Succeed,
    /// It may work later.
    Fail,
    /// It may work after a while that the destination names.
    FailAfter(Span),
    /// It will never work.
    Reject,
    /// It may not run yet.
    Defer(Span),
    /// It works, but what it wants to be written cannot be committed.
    Overreach,
    /// It panics.
    Panic,
    /// Its process is killed in the middle of it.
    Die,
    /// It takes until it is told, then goes on with another script.
    Wait(Arc<Notify>, Box<Script>),
}

/// One run that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The record.
    pub key: RecordKey,
    /// The fencing token that it ran under.
    pub token: u64,
    /// Which attempt it was.
    pub attempt: u32,
    /// How often the record was replayed before.
    pub replays: u32,
    /// Whether it asked to come again without counting.
    pub deferred: bool,
    /// The key that the destination could know it by.
    pub idempotency_key: String,
}

/// The destinations and the handler.
pub struct Runs {
    memory: Arc<Memory>,
    clock: Arc<SetClock>,
    faults: Arc<Faults>,
    violations: Arc<Violations>,
    state: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    scripts: BTreeMap<String, VecDeque<Script>>,
    runs: Vec<Run>,
    /// The runs that go on now, and when their leases end.
    live: BTreeMap<(RecordKey, u64), Timestamp>,
}

impl Runs {
    pub(super) fn new(
        memory: &Arc<Memory>,
        clock: &Arc<SetClock>,
        faults: &Arc<Faults>,
        violations: &Arc<Violations>,
    ) -> Self {
        Self {
            memory: memory.clone(),
            clock: clock.clone(),
            faults: faults.clone(),
            violations: violations.clone(),
            state: Mutex::default(),
        }
    }

    /// Says what the next runs of an event do; those after them succeed.
    pub fn script(&self, event_key: &str, scripts: impl IntoIterator<Item = Script>) {
        self.lock().scripts.insert(event_key.to_owned(), scripts.into_iter().collect());
    }

    /// From now on everything succeeds.
    pub fn forget_scripts(&self) {
        self.lock().scripts.clear();
    }

    /// All runs that were begun.
    pub fn all(&self) -> Vec<Run> {
        self.lock().runs.clone()
    }

    /// The runs of one record.
    pub fn of(&self, key: &RecordKey) -> Vec<Run> {
        self.lock().runs.iter().filter(|run| run.key == *key).cloned().collect()
    }

    /// Runs the next script of an event, from `begin` to its end or until it is dropped.
    async fn run(&self, delivery: &Delivery) -> Script {
        let mut script = self.next(delivery.record.key().event_key());
        let _live = self.begin(delivery, matches!(script, Script::Defer(_)));
        while let Script::Wait(told, then) = script {
            told.notified().await;
            script = *then;
        }
        match script {
            Script::Die => self.faults.crash().await,
            // Without the hook that would print it.
            Script::Panic => std::panic::resume_unwind(Box::new("the script says so")),
            script => script,
        }
    }

    fn next(&self, event_key: &str) -> Script {
        let mut state = self.lock();
        let script = state.scripts.get_mut(event_key).and_then(VecDeque::pop_front);
        script.unwrap_or(Script::Succeed)
    }

    /// I3: a run starts only under the current token, and no two live runs of one record.
    fn begin(&self, delivery: &Delivery, deferred: bool) -> Live<'_> {
        let (record, now) = (&delivery.record, self.clock.now());
        let key = record.key().clone();
        let stored = self.memory.events.all().into_iter().find(|stored| stored.key() == &key);
        let is_current = stored.is_some_and(|stored| {
            stored.token == record.token && stored.state == State::Processing
        });
        self.violations.unless(is_current, || format!("I3: {key} runs under an old token"));
        let is_whole = BodyHash::of(&delivery.body) == record.event.body.hash;
        self.violations.unless(is_whole, || format!("I1: {key} runs with another body"));
        let mut state = self.lock();
        let others = state.live.iter().filter(|((other, _), _)| *other == key);
        let alone = others.into_iter().all(|(_, lease_until)| *lease_until < now);
        self.violations.unless(alone, || format!("I3: two live runs of {key}"));
        let live = (key.clone(), record.token);
        state.live.insert(live.clone(), record.lease_until.unwrap_or(now));
        state.runs.push(Run {
            key,
            token: record.token,
            attempt: record.attempts,
            replays: record.replays,
            deferred,
            idempotency_key: delivery.idempotency_key.clone(),
        });
        Live { runs: self, live }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Live<'r> {
    runs: &'r Runs,
    live: (RecordKey, u64),
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.runs.lock().live.remove(&self.live);
    }
}

fn failure() -> Failure {
    Failure::new(Class::Status, "said no").with_status(500)
}

impl Deliver for Runs {
    type Destination = Destination;

    async fn deliver(&self, _to: &Destination, delivery: &Delivery) -> Outcome {
        match self.run(delivery).await {
            Script::Fail | Script::Overreach => Outcome::Retry { failure: failure(), after: None },
            Script::FailAfter(wait) => Outcome::Retry { failure: failure(), after: Some(wait) },
            Script::Reject => Outcome::Reject(failure()),
            Script::Defer(wait) => Outcome::Defer { wait, reason: "not yet".to_owned() },
            _ => Outcome::done(Ending::Delivered),
        }
    }
}

/// The transactional handler: counts its event in a ledger, under a guard of the object's version.
pub(super) async fn handle(runs: Arc<Runs>, delivery: Delivery) -> Handled {
    match runs.run(&delivery).await {
        Script::Fail | Script::FailAfter(_) => Err(HandlerError::Retry(failure())),
        Script::Reject => Err(HandlerError::Reject(failure())),
        Script::Defer(wait) => Err(HandlerError::Defer { wait, reason: "not yet".to_owned() }),
        Script::Overreach => Ok(impossible_effect(&delivery)),
        _ => Ok(effect(&delivery)),
    }
}
