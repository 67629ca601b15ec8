use super::{Functions, TestPorts, World};
use holdfast_domain::record::RecordKey;
use holdfast_domain::time::Span;
use holdfast_pipeline::operate::{self, Answer};
use holdfast_pipeline::ports::Result;
use holdfast_pipeline::switches::{self, Off};
use std::sync::Arc;

/// How often an operator gives an order until it is answered.
const ORDERS: usize = 5;

const MINUTE: Span = Span::from_mins(1);

impl<F: Functions> World<F> {
    /// Replays a dead event.
    pub async fn replay(&mut self, key: &RecordKey) -> Option<Answer> {
        let key = key.clone();
        self.order(async move |ports| operate::replay(ports.as_ref(), &key).await).await
    }

    /// Runs a processed event once more.
    pub async fn replay_processed(&mut self, key: &RecordKey) -> Option<Answer> {
        let (key, keep) = (key.clone(), self.configuration.body_kept());
        self.order(async move |ports| operate::replay_processed(ports.as_ref(), &key, keep).await)
            .await
    }

    /// Lets a dead event go.
    pub async fn discard(&mut self, key: &RecordKey) -> Option<Answer> {
        let key = key.clone();
        let window = Span::from_days(90);
        self.order(async move |ports| {
            operate::discard(ports.as_ref(), &key, "not needed", window).await
        })
        .await
    }

    /// Turns a source off, or on again.
    pub async fn turn(&mut self, source: &str, on: bool) {
        let off = Off::Source { source: source.to_owned() };
        self.order(async move |ports| switches::set(ports.as_ref(), off.clone(), on).await).await;
        self.orders -= 1;
    }

    /// Moves everything out of the dead-letter queue, as the console does, a minute later.
    pub fn redrive(&mut self) -> usize {
        self.clock.advance(MINUTE);
        let moved = self.memory.queue.redrive();
        self.orders += moved;
        moved
    }

    /// Carries out an order; it is given again when it was not answered.
    async fn order<T>(&mut self, order: impl AsyncFn(Arc<TestPorts>) -> Result<T>) -> Option<T> {
        self.orders += 1;
        for _ in 0..ORDERS {
            match self.run(order(self.ports.clone())).await {
                Some(Ok(answer)) => return Some(answer),
                Some(Err(_)) => self.failures += 1,
                None => {}
            }
        }
        None
    }
}
