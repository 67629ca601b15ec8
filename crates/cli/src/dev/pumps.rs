//! What AWS does by itself: the queue hands its messages to the processor, the schedules wake the
//! reconciler.

use super::life::say;
use super::world::{TIMEOUT, World};
use holdfast_pipeline::memory::Received;
use holdfast_pipeline::ports::Ports;
use holdfast_processor::handler as processor;
use holdfast_reconciler::handler as reconciler;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// How often the queue is asked; on AWS a long poll answers at once.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Hands messages to the processor for ever, each batch in a task of its own.
pub(super) async fn queue(world: Arc<World>) {
    let mut every = tokio::time::interval(ASK_EVERY);
    loop {
        every.tick().await;
        let batch = world.memory.queue.receive();
        if !batch.is_empty() {
            tokio::spawn(work(world.clone(), batch));
        }
    }
}

/// One batch through the processor's handler; what it does not keep is deleted.
async fn work(world: Arc<World>, batch: Vec<Received>) {
    let deadline = world.memory.now().plus(TIMEOUT);
    let event = json!({ "Records": batch.iter().map(message).collect::<Vec<_>>() }).to_string();
    let answer = match processor::handle(&world.processor, &event, deadline).await {
        Ok(answer) => answer,
        Err(error) => return say(&format!("✗ processor: {error}")),
    };
    let kept: HashSet<&str> =
        answer.batch_item_failures.iter().map(|kept| kept.item_identifier.as_str()).collect();
    batch
        .iter()
        .filter(|message| !kept.contains(message.id.as_str()))
        .for_each(|message| world.memory.queue.delete(&message.id));
}

/// A message as it stands in an SQS event.
fn message(received: &Received) -> Value {
    json!({
        "messageId": received.id,
        "receiptHandle": received.id,
        "body": received.body,
        "attributes": {
            "ApproximateReceiveCount": received.receives.to_string(),
            "SentTimestamp": received.sent_at.millis().to_string(),
        },
        "eventSource": "aws:sqs",
    })
}

/// Wakes the reconciler every minute for sweep and poll, every hour for renew.
pub(super) async fn schedules(world: Arc<World>) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    let mut minutes: u64 = 0;
    loop {
        minute.tick().await;
        run(&world, "sweep").await;
        run(&world, "poll").await;
        if minutes.is_multiple_of(60) {
            run(&world, "renew").await;
            world.memory.events.expire(world.memory.now());
            world.memory.bodies.expire(world.memory.now());
            world.memory.documents.expire(world.memory.now());
        }
        minutes = minutes.wrapping_add(1);
    }
}

async fn run(world: &World, task: &str) {
    let deadline = world.memory.now().plus(TIMEOUT);
    let input = json!({ "task": task }).to_string();
    if let Err(error) = reconciler::handle(&world.reconciler, &input, deadline).await {
        say(&format!("✗ {task}: {error}"));
    }
}
