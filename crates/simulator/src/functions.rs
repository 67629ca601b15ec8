//! What calls the functions: a provider's request, the queue, and the schedules.

use crate::provider::Happening;
use crate::queue::{Received, is_late_send};
use crate::settings::{PROCESSOR_TIMEOUT, RECEIVER_TIMEOUT, RECONCILER_TIMEOUT};
use crate::world::{World, lock};
use holdfast_domain::inbound::Inbound;
use holdfast_domain::record::State;
use holdfast_domain::time::Span;
use holdfast_pipeline::batch::process_batch;
use holdfast_pipeline::poll::poll_all;
use holdfast_pipeline::ports::Clock;
use holdfast_pipeline::renew::renew;
use holdfast_pipeline::sweep::sweep;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a schedule asks of the reconciler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Sweep,
    Poll,
    Renew,
}

impl World {
    /// One request, signed now; its status, or none if the receiver died over it.
    pub(crate) async fn post(self: &Arc<Self>, happening: &Happening) -> Option<u16> {
        let webhook = &happening.webhook;
        let headers = webhook.signed(&self.configuration(), self.now());
        let path = format!("/hooks/{}", webhook.source);
        let inbound = Inbound::post(path, headers.into_iter().collect(), webhook.body.clone());
        let instance = self.receiver();
        let (receiver, is_cold) = (instance.function.clone(), instance.is_cold);
        self.counts.one("requests");
        if webhook.source == "insistent" {
            // Its provider coming again is the order.
            self.watch.orders(&webhook.key());
        }
        let work = async move {
            if is_cold {
                // The first request tries again.
                drop(receiver.warm_up().await);
            }
            receiver.receive(&inbound).await.status
        };
        let status = self.invoke(&instance.process, RECEIVER_TIMEOUT, work).await;
        self.note(("answer", status), || format!("{} answered {status:?}", webhook.id));
        if matches!(status, Some(200..=299)) {
            self.accepted(happening, instance.process.id);
        }
        self.keep(&self.fleet.receivers, instance);
        status
    }

    fn accepted(&self, happening: &Happening, process: u64) {
        self.counts.one("accepted_requests");
        if let Some(key) = self.watch.owes(process) {
            self.broken(format!("T2: {key} was answered 2xx, and no ticket was ever sent"));
        }
        self.unless(self.is_durable(happening), || {
            format!("I1: {} is not durable when it was answered 2xx", happening.webhook.key())
        });
        lock(&self.fleet.accepted).push(happening.clone());
    }

    /// Lets the queue deliver after a while.
    pub(crate) fn stir_queue(self: &Arc<Self>, after: Span) {
        self.later(self.now().plus(after), |world| {
            let world = world.clone();
            let mut batches = lock(&world.fleet.batches);
            if *batches >= world.profile.batches {
                return;
            }
            let receive = {
                let doubled = if world.is_calm() { 0 } else { world.profile.doubled };
                let (now, max) = (world.now(), world.profile.max_receives);
                world.queue().receive(&world.dice, now, max, doubled)
            };
            world.counts.more("moved_to_the_dead_letter_queue", receive.moved);
            world.counts.more("doubled_tickets", receive.doubled);
            if receive.batch.is_empty() {
                return;
            }
            *batches += 1;
            drop(batches);
            // There may be more.
            world.stir_queue(world.dice.millis(1, 300));
            world.stir_queue(crate::settings::VISIBILITY.plus(world.dice.millis(1, 500)));
            if receive.doubled > 0 {
                world.stir_queue(Span::from_millis(3001));
            }
            let again = world.clone();
            tokio::task::spawn_local(async move {
                again.batch(receive.batch).await;
                *lock(&again.fleet.batches) -= 1;
                again.stir_queue(again.dice.millis(1, 50));
            });
        });
    }

    /// One batch, from the receive to the deletes.
    async fn batch(self: &Arc<Self>, batch: Vec<Received>) {
        self.note(("batch", batch.len()), || {
            let keys: Vec<String> = batch
                .iter()
                .map(|received| format!("{}/{}", received.key(), received.message.receives))
                .collect();
            format!("batch of {keys:?}")
        });
        if !self.is_calm() && self.dice.percent(self.profile.throttled) {
            // The poller drops it; its messages were received for nothing.
            self.counts.one("throttled_receives");
            return;
        }
        for received in &batch {
            let died_at = self.find(received.key()).filter(|record| record.state == State::Dead);
            let died_at = died_at.and_then(|record| record.death).map(|death| death.at);
            if died_at.is_some_and(|died_at| is_late_send(received, died_at)) {
                self.counts.one("late_sends");
            }
        }
        let instance = self.processor();
        let processor = instance.function.clone();
        let deadline = processor.ports().now().plus(PROCESSOR_TIMEOUT);
        let messages = batch.iter().map(|received| received.message.clone()).collect();
        self.counts.one("batches");
        let work = async move { process_batch(&processor, messages, deadline).await };
        let kept = self.invoke(&instance.process, PROCESSOR_TIMEOUT, work).await;
        if let Some(kept) = kept {
            let kept: BTreeSet<String> = kept.into_iter().collect();
            self.delete(batch.iter().filter(|received| !kept.contains(&received.message.id)));
        }
        self.keep(&self.fleet.processors, instance);
    }

    /// Deletes what a batch's answer does not keep, as the event source mapping does.
    fn delete<'r>(self: &Arc<Self>, acked: impl Iterator<Item = &'r Received>) {
        for received in acked {
            let key = received.key();
            self.note(("ack", key), || format!("ack {key}"));
            self.unless(self.may_go(key, received.at), || {
                format!("I6: the ticket of {key} is deleted, its record is nowhere safe")
            });
            self.counts.one("acks");
            if !self.is_calm() && self.dice.percent(self.profile.undeleted) {
                self.counts.one("undeleted_tickets");
                continue;
            }
            self.queue().delete(&received.message.receipt);
        }
    }

    /// One run of the reconciler.
    pub(crate) async fn reconcile(self: &Arc<Self>, task: Task) {
        let instance = self.reconciler();
        let reconciler = instance.function.clone();
        let process = instance.process.clone();
        let deadline = reconciler.wire.now().plus(RECONCILER_TIMEOUT);
        self.counts.one(match task {
            Task::Sweep => "sweeps",
            Task::Poll => "polls",
            Task::Renew => "renews",
        });
        self.note(("task", process.id), || format!("{} begins {task:?}", process.id));
        let work = async move {
            let (wire, configuration) = (&reconciler.wire, &reconciler.configuration);
            match task {
                Task::Sweep => sweep(wire, configuration, deadline).await.is_ok(),
                Task::Renew => renew(wire, configuration.body_kept(), deadline).await.is_ok(),
                Task::Poll => {
                    let secrets = &reconciler.secrets;
                    let runs = poll_all(wire, wire, configuration, secrets, deadline).await;
                    runs.into_iter().all(|run| run.is_ok())
                }
            }
        };
        let done = self.invoke(&process, RECONCILER_TIMEOUT, work).await;
        if done.is_some()
            && let Some(key) = self.watch.owes(process.id)
        {
            self.broken(format!("T2: {key} was injected, and no ticket was ever sent"));
        }
        self.keep(&self.fleet.reconcilers, instance);
    }
}
