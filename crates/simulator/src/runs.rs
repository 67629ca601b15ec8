//! What destinations and handlers do: they work, fail, take their time, put off, panic, or take
//! their process with them. Once a world is calm they work.

use crate::process::Process;
use crate::world::{World, lock};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::configuration::Destination;
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::RecordKey;
use holdfast_domain::time::Span;
use holdfast_pipeline::deliver::{Deliver, Delivery, Handled, HandlerError};
use holdfast_testkit::ledger;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The destinations and the handlers as one process reaches them.
pub(crate) struct Runs {
    pub(crate) world: Arc<World>,
    pub(crate) process: Arc<Process>,
}

/// The runs that go on now.
pub(crate) type Live = Mutex<BTreeSet<(RecordKey, u64)>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    Works,
    Fails,
    FailsFor(Span),
    Rejects,
    PutsOff(Span),
    /// A handler's effect cannot be committed.
    Overreaches,
    Panics,
    Dies,
    TimesOut,
}

impl Runs {
    async fn run(&self, delivery: &Delivery) -> Way {
        let (world, record) = (&self.world, &delivery.record);
        let (key, token) = (record.key().clone(), record.token);
        let _live = self.begin(delivery);
        let way = self.way(&key);
        let takes = self.takes();
        world.note((&key, way, takes), || {
            format!("{}   {key} runs: {way:?} in {} ms", self.process.id, takes.millis())
        });
        let limit = delivery.deadline.since(delivery.now);
        let way = if takes >= limit { Way::TimesOut } else { way };
        world.pass(takes.min(limit)).await;
        world.watch.ran(&key, token, way == Way::Works, matches!(way, Way::PutsOff(_)));
        match way {
            Way::Dies => world.crash(&self.process).await,
            Way::Panics => {
                world.counts.one("panics");
                // Without the hook that would print it.
                std::panic::resume_unwind(Box::new("the dice say so"))
            }
            Way::TimesOut => world.counts.one("runs_timed_out"),
            _ => {}
        }
        way
    }

    fn begin(&self, delivery: &Delivery) -> Running {
        let (world, record) = (self.world.clone(), &delivery.record);
        let key = record.key().clone();
        let whole = BodyHash::of(&delivery.body) == record.event.body.hash;
        world.unless(whole, || format!("I1: {key} runs with another body"));
        let named = delivery.idempotency_key == key.idempotency_key();
        world.unless(named, || format!("{key} runs under another key"));
        let alone = {
            let mut live = lock(&world.fleet.live);
            let alone = !live.iter().any(|(other, _)| *other == key);
            live.insert((key.clone(), record.token));
            alone
        };
        world.begin_run(record, alone);
        world.counts.one("runs");
        Running { world, live: (key, record.token) }
    }

    fn takes(&self) -> Span {
        let dice = &self.world.dice;
        match dice.below(100) {
            _ if self.world.is_calm() => dice.millis(1, 50),
            0..60 => dice.millis(1, 400),
            60..90 => dice.millis(400, 8000),
            _ => dice.millis(8000, 50_000),
        }
    }

    fn way(&self, key: &RecordKey) -> Way {
        let (world, dice) = (&self.world, &self.world.dice);
        let poison = world.is_poison(key.event_key());
        if poison && dice.percent(30) {
            return Way::Rejects;
        }
        if poison {
            return Way::Fails;
        }
        if world.is_calm() || !dice.percent(world.profile.failing) {
            return Way::Works;
        }
        match dice.below(100) {
            0..34 => Way::Fails,
            34..40 => Way::Overreaches,
            40..55 => Way::FailsFor(dice.millis(1000, 6 * 3_600_000)),
            55..65 => Way::Rejects,
            65..75 => Way::PutsOff(dice.millis(0, 60_000)),
            75..80 => Way::PutsOff(dice.millis(60_000, 4 * 3_600_000)),
            80..88 => Way::Panics,
            88..94 => Way::Dies,
            _ => Way::TimesOut,
        }
    }
}

struct Running {
    world: Arc<World>,
    live: (RecordKey, u64),
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.world.fleet.live).remove(&self.live);
    }
}

fn failure() -> Failure {
    Failure::new(Class::Status, "said no").with_status(503)
}

fn timed_out() -> Failure {
    Failure::new(Class::Timeout, "no answer in time")
}

impl Deliver for Runs {
    type Destination = Destination;

    async fn deliver(&self, _to: &Destination, delivery: &Delivery) -> Outcome {
        match self.run(delivery).await {
            Way::Works => Outcome::done(Ending::Delivered),
            Way::FailsFor(wait) => Outcome::Retry { failure: failure(), after: Some(wait) },
            Way::Rejects => Outcome::Reject(failure()),
            Way::PutsOff(wait) => Outcome::Defer { wait, reason: "not yet".to_owned() },
            Way::TimesOut => Outcome::Retry { failure: timed_out(), after: None },
            Way::Fails | Way::Overreaches | Way::Panics | Way::Dies => {
                Outcome::Retry { failure: failure(), after: None }
            }
        }
    }
}

/// The transactional handler.
pub(crate) async fn handle(runs: Arc<Runs>, delivery: Delivery) -> Handled {
    match runs.run(&delivery).await {
        Way::Works => Ok(ledger::effect(&delivery)),
        Way::Overreaches => {
            runs.world.counts.one("impossible_effects");
            Ok(ledger::impossible_effect(&delivery))
        }
        Way::Rejects => Err(HandlerError::Reject(failure())),
        Way::PutsOff(wait) => Err(HandlerError::Defer { wait, reason: "not yet".to_owned() }),
        Way::TimesOut => Err(HandlerError::Retry(timed_out())),
        _ => Err(HandlerError::Retry(failure())),
    }
}
