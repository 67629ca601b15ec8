//! Operators: they replay, discard, redrive, switch off and on. Each order is a process of its own,
//! and is given again when it was not answered.

use crate::process::Function;
use crate::settings::COMMAND_TIMEOUT;
use crate::wire::Wire;
use crate::world::World;
use holdfast_domain::record::{Record, RecordKey, State};
use holdfast_domain::time::Span;
use holdfast_pipeline::operate;
use holdfast_pipeline::ports::Result;
use holdfast_pipeline::switches::{self, Off};
use std::future::Future;
use std::sync::Arc;

/// How often an operator gives an order until it is answered.
const TIMES: usize = 4;

impl World {
    /// Gives any order that there is something to order about.
    pub(crate) async fn order(self: &Arc<Self>) {
        match self.dice.below(100) {
            0..35 => drop(self.replay_one().await),
            35..50 => self.discard_one().await,
            50..65 => self.replay_processed_one().await,
            _ => self.redrive(self.dice.between(1, 5)),
        }
    }

    async fn replay_one(self: &Arc<Self>) -> Option<operate::Answer> {
        let key = self.any_record(State::Dead)?;
        self.replay(&key).await
    }

    /// Replays a dead event.
    pub(crate) async fn replay(self: &Arc<Self>, key: &RecordKey) -> Option<operate::Answer> {
        let key = key.clone();
        self.command(move |wire| {
            let key = key.clone();
            // Each time it is given it is another order.
            wire.world.watch.orders(&key);
            async move { operate::replay(&wire, &key).await }
        })
        .await
    }

    async fn discard_one(self: &Arc<Self>) {
        let Some(key) = self.any_record(State::Dead) else { return };
        let window = self.configuration().dedupe_window(key.source());
        self.command(move |wire| {
            let key = key.clone();
            async move { operate::discard(&wire, &key, "not needed", window).await }
        })
        .await;
    }

    async fn replay_processed_one(self: &Arc<Self>) {
        let Some(key) = self.any_record(State::Processed) else { return };
        let keep = self.configuration().body_kept();
        self.counts.one("forced_replays");
        self.command(move |wire| {
            let key = key.clone();
            async move { operate::replay_processed(&wire, &key, keep).await }
        })
        .await;
    }

    /// Moves some messages out of the dead-letter queue.
    pub(crate) fn redrive(self: &Arc<Self>, most: u64) {
        for _ in 0..most {
            let moved = self.queue().redrive_one(&self.dice, self.now());
            let Some(key) = moved else { return };
            self.note(("redrive", &key), || format!("redrive {key}"));
            self.counts.one("redriven_tickets");
            self.watch.orders(&key);
            self.stir_queue(self.dice.millis(5, 2000));
        }
    }

    /// Turns something off, or on again.
    pub(crate) async fn turn(self: &Arc<Self>, off: &Off, on: bool) {
        let off = off.clone();
        self.note(("turn", on), || format!("turn {off:?} {on}"));
        self.command(move |wire| {
            let off = off.clone();
            async move { switches::set(&wire, off, on).await }
        })
        .await;
    }

    /// Turns something off for a while.
    pub(crate) async fn turn_off_for_a_while(self: &Arc<Self>) {
        let source = |name: &str| Off::Source { source: name.to_owned() };
        let off = match self.dice.below(4) {
            0 => source("stripe"),
            1 => source("polled"),
            2 => Off::Kind { source: "stripe".to_owned(), kind: "account.updated".to_owned() },
            _ => Off::Destination { destination: "billing".to_owned() },
        };
        self.turn(&off, false).await;
        self.pass(self.dice.millis(30_000, 25 * 60_000)).await;
        self.turn(&off, true).await;
    }

    /// Runs a command until it is answered.
    async fn command<T, Fut>(self: &Arc<Self>, order: impl Fn(Wire) -> Fut) -> Option<T>
    where
        T: 'static,
        Fut: Future<Output = Result<T>> + 'static,
    {
        self.counts.one("orders");
        for _ in 0..TIMES {
            let process = self.new_process(Function::Command);
            let work = order(self.wire(&process));
            match self.invoke(&process, COMMAND_TIMEOUT, work).await {
                Some(Ok(answer)) => {
                    if let Some(key) = self.watch.owes(process.id) {
                        self.broken(format!("T2: {key} was replayed, and no ticket was ever sent"));
                    }
                    return Some(answer);
                }
                Some(Err(_)) | None => self.pass(Span::from_secs(2)).await,
            }
        }
        None
    }

    fn any_record(&self, state: State) -> Option<RecordKey> {
        let all = self.events.all();
        let of: Vec<&Record> = all.iter().filter(|record| record.state == state).collect();
        of.get(self.dice.index(of.len())).map(|record| record.key().clone())
    }
}
