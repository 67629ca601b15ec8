//! Process a batch: each message in a task of its own, all at once, and the ids of those that have
//! to stay in the queue. One bad message never takes its batch with it.

use crate::deliver::Deliver;
use crate::facts::Fact;
use crate::ports::Ports;
use crate::process::{Message, Processor, Verdict};
use crate::target::Routing;
use holdfast_domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Works on all messages until `deadline` and answers the ids of those to keep.
///
/// Messages that were received least often start first: a message that kills its process must not
/// starve the others. Dropping the future ends all tasks.
pub async fn process_batch<P, D, R>(
    processor: &Arc<Processor<P, D, R>>,
    mut messages: Vec<Message>,
    deadline: Timestamp,
) -> Vec<String>
where
    P: Ports,
    D: Deliver + 'static,
    R: Routing<Destination = D::Destination>,
{
    messages.sort_by_key(|message| message.receives);
    let mut tasks = JoinSet::new();
    let mut running = HashMap::new();
    for message in messages {
        let processor = processor.clone();
        let id = message.id.clone();
        let task = tasks.spawn(async move { processor.process(&message, deadline).await });
        running.insert(task.id(), id);
    }
    let mut kept = Vec::new();
    while let Some(joined) = tasks.join_next_with_id().await {
        match joined {
            Ok((task, Verdict::Ack)) => drop(running.remove(&task)),
            Ok((task, Verdict::Keep)) => kept.extend(running.remove(&task)),
            Err(error) => {
                let message = running.remove(&error.id());
                let id = message.clone().unwrap_or_default();
                processor.ports().facts().record(Fact::TaskPanicked { message: id });
                kept.extend(message);
            }
        }
    }
    kept
}
