//! What makes the world go round: the queue delivers, the minute strikes, and time passes.

use super::{FUNCTION_TIMEOUT, Functions, World, events, new_processor};
use crate::faults::Operation;
use crate::rest::{is_open, is_parked, next_minute, swept_at};
use holdfast_domain::record::{Record, RecordKey};
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::Span;
use holdfast_pipeline::memory::Received;
use holdfast_pipeline::switches::{self, Switches};
use tokio::task::JoinHandle;

/// How many steps a world may take until it rests.
const MOST_STEPS: usize = 300;

const SWEEP: &str = r#"{"task":"sweep"}"#;

/// A batch that a process of its own works on.
pub struct Running {
    received: Vec<Received>,
    answer: JoinHandle<Result<String, String>>,
}

impl Running {
    /// Kills its process.
    pub async fn kill(self) {
        self.answer.abort();
        drop(self.answer.await);
    }
}

impl<F: Functions> World<F> {
    /// Goes on until nothing is left to do: the queue delivers, the sweep runs every minute.
    ///
    /// I7: that comes to an end, and every event is PROCESSED, DEAD, or parked by its switch.
    pub async fn settle(&mut self) {
        for _ in 0..MOST_STEPS {
            if self.deliver().await {
                continue;
            }
            if self.is_at_rest().await {
                return;
            }
            self.pass_time().await;
        }
        let open: Vec<String> =
            self.memory.events.all().iter().filter(|record| is_open(record)).map(shown).collect();
        let (main, dead) = self.memory.queue.len();
        self.violations.add(format!(
            "I7: after {MOST_STEPS} steps {open:?}, {main} tickets in the queue and {dead} beside it"
        ));
    }

    /// Delivers a batch and deletes what may be deleted; whether there was one.
    pub async fn deliver(&mut self) -> bool {
        self.deliver_until(FUNCTION_TIMEOUT).await
    }

    /// As [`World::deliver`], to a function with this much time left.
    pub async fn deliver_until(&mut self, left: Span) -> bool {
        let received = self.memory.queue.receive();
        if received.is_empty() {
            return false;
        }
        self.watch.begin_batch();
        let (event, processor) = (events::batch(&received), self.processor.clone());
        let deadline = self.now().plus(left);
        let answer = self.run(F::process(&processor, &event, deadline)).await;
        if let Some(answer) = answer {
            self.delete(&received, &answer);
        }
        true
    }

    /// Begins a batch in a process of its own, beside whatever else happens.
    ///
    /// # Panics
    /// When there is no message to receive.
    pub async fn begin_batch(&mut self) -> Running {
        let received = self.memory.queue.receive();
        assert!(!received.is_empty(), "there is a batch to begin");
        let processor = new_processor(&self.ports, &self.runs, &self.configuration);
        let (event, deadline) = (events::batch(&received), self.now().plus(FUNCTION_TIMEOUT));
        let answer = tokio::spawn(async move { F::process(&processor, &event, deadline).await });
        self.let_run().await;
        Running { received, answer }
    }

    /// Ends a batch that was begun, and deletes what may be deleted.
    ///
    /// # Panics
    /// When its process panicked.
    pub async fn end_batch(&mut self, running: Running) {
        self.watch.begin_batch();
        let answer = running.answer.await.expect("the process lives");
        self.delete(&running.received, &answer);
    }

    /// Lets everything that runs beside go as far as it gets.
    pub async fn let_run(&self) {
        for _ in 0..500 {
            tokio::task::yield_now().await;
        }
    }

    /// A sweep that is held before its next call of this operation, until something else has
    /// happened.
    ///
    /// # Panics
    /// When it never comes to that call, or fails.
    pub async fn sweep_around(
        &mut self,
        operation: Operation,
        meanwhile: impl AsyncFnOnce(&mut Self),
    ) {
        self.sweeps += 1;
        let (ports, configuration) = (self.ports.clone(), self.configuration.clone());
        let (listing, deadline) = (self.listing.clone(), self.now().plus(FUNCTION_TIMEOUT));
        let sweep = F::reconcile(&ports, &listing, &configuration, SWEEP, deadline);
        let told = self.faults.hold_next(operation);
        let meanwhile = async {
            self.let_run().await;
            assert!(self.faults.is_held(), "the sweep comes to {operation:?}");
            meanwhile(self).await;
            told.notify_one();
        };
        let (swept, ()) = tokio::join!(sweep, meanwhile);
        swept.expect("the sweep works");
    }

    /// One sweep; a failed one is made up for by the next.
    pub async fn sweep(&mut self) {
        self.sweeps += 1;
        self.reconcile(SWEEP).await;
    }

    /// One renewal of bodies.
    pub async fn renew(&mut self) {
        self.reconcile(r#"{"task":"renew"}"#).await;
    }

    /// One poll of the providers that can be polled.
    pub async fn poll(&mut self) {
        self.reconcile(r#"{"task":"poll"}"#).await;
    }

    /// Some days pass, on each of which the renewal of bodies is asked for twice (it is every hour);
    /// whatever expires is gone.
    pub async fn days_pass(&mut self, days: u64) {
        for _ in 0..days {
            self.clock.advance(Span::from_days(1));
            self.renew().await;
            self.renew().await;
            self.expire();
        }
    }

    async fn reconcile(&mut self, input: &str) {
        let (ports, configuration) = (self.ports.clone(), self.configuration.clone());
        let (listing, deadline) = (self.listing.clone(), self.now().plus(FUNCTION_TIMEOUT));
        let answer =
            self.run(F::reconcile(&ports, &listing, &configuration, input, deadline)).await;
        self.failures += usize::from(matches!(answer, Some(Err(_))));
    }

    /// Deletes the messages that the answer does not keep, as the event source mapping does.
    ///
    /// I6: their records were seen to be PROCESSED, or in a room that sends a ticket of its own.
    fn delete(&mut self, received: &[Received], answer: &Result<String, String>) {
        let Ok(answer) = answer else { return };
        let kept = events::kept(answer);
        for message in received.iter().filter(|message| !kept.contains(&message.id)) {
            let key = ticket_key(message);
            let is_safe = key.as_ref().is_some_and(|key| self.watch.was_safe(key));
            self.violations.unless(is_safe, || {
                format!("I6: the ticket of {key:?} is deleted, its record is nowhere safe")
            });
            self.memory.queue.delete(&message.id);
        }
    }

    /// Until the next ticket shows or a sweep could have something to do, whatever is sooner. The
    /// sweeps of the minutes between would find nothing.
    async fn pass_time(&mut self) {
        let (now, switches) = (self.now(), self.switches().await);
        let records = self.memory.events.all();
        let swept = records.iter().filter_map(|record| swept_at(record, &switches)).min();
        let shown = self.memory.queue.next_shown_at();
        let minute = next_minute(swept.or(shown).unwrap_or(now).max(now));
        match shown {
            Some(shown) if shown < minute => self.clock.set(shown.max(now)),
            _ => {
                self.clock.set(minute);
                self.sweep().await;
            }
        }
    }

    async fn is_at_rest(&self) -> bool {
        let switches = self.switches().await;
        let at_rest = |record: &Record| !is_open(record) || is_parked(record, &switches);
        self.memory.queue.len().0 == 0 && self.memory.events.all().iter().all(at_rest)
    }

    pub(super) async fn switches(&self) -> Switches {
        switches::load(self.memory.as_ref()).await.expect("memory answers").0
    }
}

fn shown(record: &Record) -> String {
    format!("{} {} {:?}", record.key(), record.state.as_str(), record.place)
}

fn ticket_key(message: &Received) -> Option<RecordKey> {
    Ticket::from_message(&message.body).ok().map(|ticket| ticket.key)
}
