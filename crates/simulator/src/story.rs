//! The course of a world: events happen while the schedules run and everything goes wrong, perhaps
//! long quiet days pass and more events happen, and at last the faults stop.

use crate::functions::Task;
use crate::world::World;
use futures_util::FutureExt;
use holdfast_domain::record::State;
use holdfast_domain::time::{Span, Timestamp};
use std::sync::Arc;

const MINUTE: Span = Span::from_mins(1);

/// Lives through a world, to its rest.
pub(crate) async fn live(world: Arc<World>) {
    let profile = world.profile.clone();
    if profile.quiet_days == 0 {
        busy(&world, 0, profile.events).await;
    } else {
        let half = profile.events / 2;
        busy(&world, 0, half).await;
        quiet(&world, profile.quiet_days).await;
        busy(&world, half, profile.events - half).await;
    }
    world.calm_down();
    crate::rest::rest(&world).await;
}

/// A stretch of time in which events happen, and everything else does.
async fn busy(world: &Arc<World>, first: usize, count: usize) {
    let (dice, profile) = (&world.dice, &world.profile);
    let end = world.now().plus(profile.within).plus(dice.millis(60_000, 600_000));
    world.happen(first, count, profile.within);
    spawn_schedules(world, end);
    let at_some_time = || dice.millis(0, end.since(world.now()).millis());
    for _ in 0..profile.deploys {
        world.later(world.now().plus(at_some_time()), |world| world.deploy());
    }
    for _ in 0..profile.orders {
        spawn_at(world, at_some_time(), async |world| world.order().await);
    }
    for _ in 0..profile.switches {
        spawn_at(world, at_some_time(), async |world| world.turn_off_for_a_while().await);
    }
    let mislaid = profile.mislaid * count as u64 / 20;
    for _ in 0..mislaid {
        world.later(world.now().plus(at_some_time()), |world| {
            let lost = world.queue().lose_one(&world.dice);
            if let Some(key) = lost {
                world.note(("lost", &key), || format!("the ticket of {key} is lost"));
                world.counts.one("mislaid_tickets");
            }
        });
    }
    world.until(end).await;
}

fn spawn_at<F>(world: &Arc<World>, after: Span, act: F)
where
    F: AsyncFnOnce(Arc<World>) + Send + 'static,
{
    world.later(world.now().plus(after), move |world| {
        tokio::task::spawn_local(act(world.clone()));
    });
}

/// The schedules, about every minute; no schedule is punctual, and some strike twice.
fn spawn_schedules(world: &Arc<World>, end: Timestamp) {
    for task in [Task::Sweep, Task::Poll, Task::Renew] {
        let world = world.clone();
        tokio::task::spawn_local(async move {
            while world.now() < end && !world.is_calm() {
                let often = if task == Task::Renew { 2 } else { 75 };
                if world.dice.percent(often) {
                    spawn_task(&world, task);
                }
                if world.dice.percent(if task == Task::Renew { 0 } else { 5 }) {
                    world.counts.one("overlapping_schedules");
                    spawn_task(&world, task);
                }
                world.pass(MINUTE.plus(world.dice.millis(0, 900))).await;
            }
        });
    }
}

fn spawn_task(world: &Arc<World>, task: Task) {
    let world = world.clone();
    tokio::task::spawn_local(async move { world.reconcile(task).await });
}

/// Days on which nothing new happens, and what is kept for long grows old. The schedules strike less
/// often than they would: what they find on such days would be the same.
async fn quiet(world: &Arc<World>, days: u64) {
    for _ in 0..days {
        for task in [Task::Renew, Task::Sweep, Task::Poll, Task::Renew, Task::Sweep] {
            world.pass(world.dice.millis(4 * 3_600_000, 5 * 3_600_000)).await;
            world.reconcile(task).await;
        }
        world.expire();
    }
}

impl World {
    /// Whatever has expired by now is gone.
    pub(crate) fn expire(&self) {
        let now = self.now();
        let records = self.events.all();
        for record in &records {
            if record.processed.as_ref().is_some_and(|end| end.expires_at <= now) {
                self.note(("forget", record.key()), || format!("{} is forgotten", record.key()));
                self.unless(record.state == State::Processed, || {
                    format!("I11: {} expires and is not PROCESSED", record.key())
                });
                self.watch.forget(record.key());
                self.counts.one("expired_records");
            }
        }
        self.events.expire(now);
        self.bodies.expire(now);
        self.documents.expire(now);
        self.queue().expire(now);
        for record in records.iter().filter(|record| record.state != State::Processed) {
            let holds = self.has_body(record) || crate::provider::is_without_body(record);
            self.unless(holds, || format!("I1: the body of {} expired", record.key()));
        }
    }

    /// The source that is polled, and since when.
    pub(crate) fn polled_since(&self) -> Option<Timestamp> {
        use holdfast_pipeline::ports::DocumentStore;
        let document = self.documents.load("W#polled").now_or_never()?.ok()?;
        let state: serde_json::Value = serde_json::from_str(&document.json).ok()?;
        state["since"].as_i64().map(Timestamp::from_millis)
    }
}
