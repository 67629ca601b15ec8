//! What must hold when a world rests: the faults have stopped, no provider comes again, and time goes
//! on until nothing is left to do.

use crate::functions::Task;
use crate::provider::is_without_body;
use crate::world::World;
use futures_util::FutureExt;
use holdfast_domain::record::{Record, RecordKey, State};
use holdfast_domain::time::Span;
use holdfast_pipeline::operate::Answer;
use holdfast_pipeline::switches::{Off, Switches};
use holdfast_testkit::invariants::shape;
use holdfast_testkit::rest::{is_open, is_parked, next_minute, swept_at};
use std::collections::BTreeSet;
use std::sync::Arc;

/// I7: within this time everything comes to rest.
const LONGEST: Span = Span::from_days(5);

/// How often time may be moved until then.
const MOST_STEPS: usize = 20_000;

/// How long an event stays in the list until it counts as missed, and how far list and clocks lag.
const POLLED_AFTER: Span = Span::from_mins(16);

/// Comes to rest, step by step, and checks.
pub(crate) async fn rest(world: &Arc<World>) {
    // What goes to a destination that is off has no rest of its own: its room is left at once.
    turn_on(world, |off| matches!(off, Off::Destination { .. })).await;
    settle(world, "when the faults stopped").await;
    world.check_rest();
    turn_on(world, |_| true).await;
    poll(world).await;
    settle(world, "when everything was on").await;
    world.check_rest();
    world.check_listed();
    world.mend();
    world.pass(Span::from_mins(4)).await;
    redrive(world).await;
    replay(world).await;
    world.check_end();
}

/// Goes on until nothing is left to do.
async fn settle(world: &Arc<World>, when: &str) {
    let begun = world.now();
    for _ in 0..MOST_STEPS {
        if world.is_at_rest() {
            return;
        }
        if world.now().since(begun) > LONGEST {
            break;
        }
        let (now, switches) = (world.now(), world.switches());
        let records = world.events.all();
        let swept = records.iter().filter_map(|record| swept_at(record, &switches)).min();
        let shown = world.queue().next_shown_at();
        let minute = next_minute(swept.or(shown).unwrap_or(now).max(now));
        match shown {
            Some(shown) if shown < minute => {
                world.until(shown.max(now).plus(Span::from_millis(400))).await;
            }
            _ => {
                world.until(minute).await;
                world.reconcile(Task::Sweep).await;
            }
        }
    }
    let open: Vec<String> =
        world.events.all().iter().filter(|record| is_open(record)).map(shown).collect();
    let (main, _) = world.queue().len();
    world.broken(format!("I7: no rest {when}: {open:?} are open, {main} tickets in the queue"));
}

async fn turn_on(world: &Arc<World>, which: impl Fn(&Off) -> bool) {
    for off in world.switches().off().iter().filter(|off| which(off)) {
        world.turn(off, true).await;
    }
}

/// Polls until the list has been read past everything that happened.
async fn poll(world: &Arc<World>) {
    world.pass(POLLED_AFTER).await;
    for _ in 0..4 {
        world.reconcile(Task::Poll).await;
        world.pass(Span::from_mins(6)).await;
    }
}

/// I8: what has a ticket in the dead-letter queue comes back by it.
async fn redrive(world: &Arc<World>) {
    let dead: BTreeSet<RecordKey> = world.queue().dead().cloned().collect();
    let all = world.queue().len().1 as u64;
    world.redrive(all);
    settle(world, "after a redrive").await;
    for key in dead {
        let state = world.find(&key).map(|record| record.state);
        let ended = state == Some(State::Processed) || world.watch.is_forgotten(&key);
        let lost = world.find(&key).is_some_and(|record| is_without_body(&record));
        world.unless(ended || lost, || format!("I8: {key} was redriven and is {state:?}"));
    }
}

/// I8: what has none comes back by a replay.
async fn replay(world: &Arc<World>) {
    let all = world.events.all();
    let dead = all.iter().filter(|record| record.state == State::Dead && !is_without_body(record));
    let dead: Vec<RecordKey> = dead.map(|record| record.key().clone()).collect();
    for key in &dead {
        let answer = world.replay(key).await;
        let done = matches!(answer, Some(Answer::Done(_)));
        world.unless(done, || format!("I8: replay of {key}: {answer:?}"));
        world.counts.one("replays_at_the_end");
    }
    settle(world, "after a replay").await;
}

impl World {
    fn switches(&self) -> Switches {
        use holdfast_pipeline::ports::DocumentStore;
        let document = self.documents.load("S#switches").now_or_never().and_then(Result::ok);
        let json = document.map(|document| document.json).unwrap_or_default();
        if json.is_empty() { Switches::default() } else { read(&json) }
    }

    fn is_at_rest(&self) -> bool {
        let switches = self.switches();
        let at_rest = |record: &Record| !is_open(record) || is_parked(record, &switches);
        self.is_idle() && self.queue().len().0 == 0 && self.events.all().iter().all(at_rest)
    }

    /// I1, I7, I8, I10: how everything rests.
    fn check_rest(&self) {
        let switches = self.switches();
        let records = self.events.all();
        for record in &records {
            let rests = match record.state {
                State::Processed => true,
                State::Dead => self.has_body(record) || is_without_body(record),
                State::Received => is_parked(record, &switches),
                State::Processing => false,
            };
            self.unless(rests, || format!("I7: rests as {}", shown(record)));
            for what in shape(record) {
                self.broken(format!("{what}: {}", record.key()));
            }
            let listed = self.index().place(record.key());
            self.unless(listed == record.place, || {
                format!(
                    "I10: {} is listed at {listed:?}, stands at {:?}",
                    record.key(),
                    record.place
                )
            });
        }
        let standing = records.iter().filter(|record| record.place.is_some()).count();
        let listed = self.index().len();
        self.unless(standing == listed, || format!("I10: {listed} are listed, {standing} stand"));
        for happening in self.accepted_so_far() {
            self.unless(self.is_durable(&happening), || {
                format!("I1: {} was answered 2xx and is gone", happening.webhook.key())
            });
        }
    }

    /// What the provider lists since polling began is there.
    fn check_listed(&self) {
        let Some(since) = self.polled_since() else {
            self.broken("the poll never began".to_owned());
            return;
        };
        let listed = self.listing.all();
        for happening in listed.iter().filter(|happening| happening.at.secs() >= since.secs()) {
            let there = self.stored(happening).is_some()
                || self.watch.is_forgotten(&happening.webhook.key());
            self.unless(there, || format!("{} is listed and not there", happening.webhook.key()));
        }
    }

    /// Everything is PROCESSED in the end.
    fn check_end(&self) {
        self.check_rest();
        for record in self.events.all() {
            let ended = record.state == State::Processed || is_without_body(&record);
            self.unless(ended, || format!("I8: in the end {}", shown(&record)));
        }
    }
}

/// What an operator's command wrote is read back.
fn read(json: &str) -> Switches {
    serde_json::from_str(json).unwrap_or_default()
}

fn shown(record: &Record) -> String {
    format!("{} {} {:?}", record.key(), record.state.as_str(), record.place)
}
