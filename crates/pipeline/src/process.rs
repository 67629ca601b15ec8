//! Process one ticket: claim its record, run the event, settle, and say what becomes of the
//! ticket.
//!
//! ```text
//! ticket ─▶ target ─▶ switch ─▶ time left ─▶ claim ─▶ body ─▶ run ─▶ settle ─▶ ack or hide
//!             │          │          │           │                       │
//!             └ none:    └ off:     └ too       └ not granted:          └ fenced: another worker
//!               unrouted   parked     little      see claim::Answer       has it; nothing more
//! ```
//!
//! **A ticket is acked only when its record is PROCESSED, or waits in a room that sends a ticket of
//! its own.** Everything else, errors included, leaves the ticket in the queue.

use crate::deliver::{Deliver, Delivery};
use crate::facts::Fact;
use crate::handlers::Handlers;
use crate::operate;
use crate::ports::{BodyStore, Completed, EventStore, Ports, Result, TicketHider};
use crate::run::run;
use crate::switches::SwitchCache;
use crate::target::{Routing, Target};
use bytes::Bytes;
use holdfast_domain::lifecycle::claim::{Answer, Claim, Request};
use holdfast_domain::lifecycle::settle::{Receives, Refusal, Settlement, Terms, TicketFate};
use holdfast_domain::lifecycle::{Updated, defer};
use holdfast_domain::outcome::{Attempt, Class, Ending, Failure, Outcome};
use holdfast_domain::record::State;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use std::sync::Arc;

/// What is kept free of a function's time beside the run itself: claim, body and settling.
pub const MARGIN: Span = Span::from_secs(5);

/// What of it is kept for settling. A function that is killed while it runs one ticket takes its whole
/// batch with it, the outcomes that were not yet written included.
const SETTLING: Span = Span::from_secs(2);

/// How long an event waits whose body could not be read just now.
const BODY_UNREADABLE_WAIT: Span = Span::from_secs(30);

/// The longest time a queue hides a message.
const LONGEST_HIDE: Span = Span::from_secs(12 * 3600);

/// What the queue's settings are; the platform's, not the user's.
#[derive(Clone, Copy, Debug)]
pub struct QueueTerms {
    /// How long a received ticket stays hidden.
    pub visibility: Span,
    /// After how many receives the queue moves a ticket to the dead-letter queue.
    pub max_receives: u32,
}

/// A message as the queue delivered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The queue's id of it.
    pub id: String,
    /// The handle to hide it by.
    pub receipt: String,
    /// Its text.
    pub body: String,
    /// When the queue took it.
    pub queued_at: Timestamp,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// What the batch's answer says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Delete it.
    Ack,
    /// Keep it.
    Keep,
}

/// The processor: shared by all tickets of all batches of a process.
pub struct Processor<P, D, R> {
    ports: Arc<P>,
    deliver: Arc<D>,
    routing: R,
    handlers: Handlers,
    switches: SwitchCache,
    queue: QueueTerms,
}

impl<P, D, R> Processor<P, D, R>
where
    P: Ports,
    D: Deliver + 'static,
    R: Routing<Destination = D::Destination>,
{
    /// A processor. Handlers come before routes.
    pub fn new(
        ports: Arc<P>,
        deliver: Arc<D>,
        routing: R,
        handlers: Handlers,
        queue: QueueTerms,
    ) -> Self {
        Self { ports, deliver, routing, handlers, switches: SwitchCache::default(), queue }
    }

    /// The ports it works with.
    pub fn ports(&self) -> &P {
        &self.ports
    }

    /// Works on one message until `deadline`, when the process may be killed.
    pub async fn process(&self, message: &Message, deadline: Timestamp) -> Verdict {
        let ticket = match Ticket::from_message(&message.body) {
            Ok(ticket) => ticket,
            Err(error) => return self.unreadable(message, &error.to_string()).await,
        };
        match self.work(&ticket, message, deadline).await {
            Ok(TicketFate::Ack) => Verdict::Ack,
            Ok(TicketFate::Hide(wait)) => {
                self.hide(&ticket, message, wait).await;
                Verdict::Keep
            }
            Err(error) => {
                let (key, cause) = (ticket.key, error.to_string());
                self.ports.facts().record(Fact::TicketFailed { key, cause });
                Verdict::Keep
            }
        }
    }

    async fn work(
        &self,
        ticket: &Ticket,
        message: &Message,
        deadline: Timestamp,
    ) -> Result<TicketFate> {
        let target = self.target(ticket);
        let is_on = self.is_on(ticket, &target).await?;
        if !is_on && let Some(fate) = self.park(ticket).await? {
            return Ok(fate);
        }
        if deadline.since(self.ports.now()) < target.timeout().plus(MARGIN) {
            return Ok(TicketFate::Hide(Span::ZERO));
        }
        match self.claim(ticket, message, deadline).await? {
            Answer::Claimed(claim) if !is_on => self.close(&claim, &claim.park(), None).await,
            Answer::Claimed(claim) => self.run(claim, &target, message, deadline).await,
            answer => Ok(self.not_claimed(ticket, &answer)),
        }
    }

    fn target<'a>(&'a self, ticket: &Ticket) -> Target<'a, D::Destination> {
        self.handlers
            .find(&ticket.source, &ticket.kind)
            .map(Target::Handler)
            .or_else(|| self.routing.find(&ticket.source, &ticket.kind).map(Target::Route))
            .unwrap_or(Target::Nowhere)
    }

    async fn is_on(&self, ticket: &Ticket, target: &Target<'_, D::Destination>) -> Result<bool> {
        let switches = self.switches.get(self.ports.as_ref()).await?;
        Ok(switches.is_on(&ticket.source, &ticket.kind, target.destination_name()))
    }

    /// Parks what nobody has claimed; what somebody has goes on to the claim.
    async fn park(&self, ticket: &Ticket) -> Result<Option<TicketFate>> {
        let parked = defer::park(&ticket.key, self.ports.now());
        let updated = self.ports.events().update(&parked.update).await?;
        Ok(matches!(updated, Updated::Applied(_)).then(|| {
            let key = ticket.key.clone();
            self.ports.facts().record(Fact::PutOff { key, why: "switched off" });
            parked.fate
        }))
    }

    /// Claims; a redriven ticket of a dead record brings it back first.
    async fn claim(
        &self,
        ticket: &Ticket,
        message: &Message,
        deadline: Timestamp,
    ) -> Result<Answer> {
        let answer = self.ask(ticket, message, deadline).await?;
        let Answer::Redriven(seen) = answer else { return Ok(answer) };
        if operate::revive(self.ports.as_ref(), &seen).await?.is_some() {
            self.ports.facts().record(Fact::Redriven { key: ticket.key.clone() });
        }
        self.ask(ticket, message, deadline).await
    }

    async fn ask(&self, ticket: &Ticket, message: &Message, deadline: Timestamp) -> Result<Answer> {
        let now = self.ports.now();
        let request = Request {
            key: ticket.key.clone(),
            owner: self.ports.random().nonce(),
            now,
            deadline,
            shown_again_at: now.plus(self.queue.visibility),
        };
        let updated = self.ports.events().update(&request.update()).await?;
        Ok(request.answer(updated, ticket, message.queued_at))
    }

    fn not_claimed(&self, ticket: &Ticket, answer: &Answer) -> TicketFate {
        let now = self.ports.now();
        let (why, fate) = match answer {
            Answer::Finished => ("processed before", TicketFate::Ack),
            Answer::Waiting => ("waits in the table", TicketFate::Ack),
            Answer::Busy { until } => ("another worker has it", TicketFate::Hide(until.since(now))),
            Answer::Early { until } => ("not due yet", TicketFate::Hide(until.since(now))),
            Answer::Missing => ("no such record", TicketFate::Hide(self.queue.visibility)),
            Answer::Dead | Answer::Redriven(_) | Answer::Claimed(_) => {
                ("dead, on its way to the dead-letter queue", TicketFate::Hide(Span::ZERO))
            }
        };
        self.ports.facts().record(Fact::NotClaimed { key: ticket.key.clone(), why });
        fate
    }

    async fn run(
        &self,
        claim: Claim,
        target: &Target<'_, D::Destination>,
        message: &Message,
        deadline: Timestamp,
    ) -> Result<TicketFate> {
        let policy = target.policy();
        if claim.attempt() > policy.attempts {
            let spent = format!("{} attempts were claimed and none was settled", policy.attempts);
            let failure = Failure::new(Class::Exhausted, spent);
            let settlement = claim.exhausted(failure, self.closing_time(message));
            return self.close(&claim, &settlement, None).await;
        }
        let outcome = self.outcome(&claim, target, deadline).await;
        self.settle(&claim, outcome, target, message).await
    }

    async fn outcome(
        &self,
        claim: &Claim,
        target: &Target<'_, D::Destination>,
        deadline: Timestamp,
    ) -> Outcome {
        if matches!(target, Target::Nowhere) {
            return Outcome::done(Ending::Unrouted);
        }
        match self.ports.bodies().read(&claim.record().event.body).await {
            Ok(Some(body)) => {
                let delivery = self.delivery(claim, body, target);
                if delivery.deadline.plus(SETTLING) > deadline {
                    // Claim and body were slow. The next receive has all its time.
                    let reason = "claim and body left too little time to run it".to_owned();
                    return Outcome::Defer { wait: Span::ZERO, reason };
                }
                run(target, self.deliver.as_ref(), delivery).await
            }
            Ok(None) => Outcome::Reject(Failure::new(
                Class::BodyMissing,
                "the body is gone; the provider may still have the event",
            )),
            Err(error) => {
                let (key, cause) = (claim.record().key().clone(), error.to_string());
                self.ports.facts().record(Fact::BodyUnreadable { key, cause: cause.clone() });
                Outcome::Defer { wait: BODY_UNREADABLE_WAIT, reason: cause }
            }
        }
    }

    fn delivery(
        &self,
        claim: &Claim,
        body: Bytes,
        target: &Target<'_, D::Destination>,
    ) -> Delivery {
        let now = self.ports.now();
        Delivery {
            record: Arc::new(claim.record().clone()),
            body,
            idempotency_key: claim.record().key().idempotency_key(),
            now,
            deadline: now.plus(target.timeout()),
        }
    }

    async fn settle(
        &self,
        claim: &Claim,
        outcome: Outcome,
        target: &Target<'_, D::Destination>,
        message: &Message,
    ) -> Result<TicketFate> {
        let now = self.closing_time(message);
        let terms = Terms {
            policy: target.policy(),
            dedupe_window: self.routing.dedupe_window(&claim.record().event.source),
            receives: Receives { count: message.receives, max: self.queue.max_receives },
            now,
            random: self.ports.random().number(),
        };
        let settlement = claim.settle(&outcome, &terms);
        let log_of = |outcome: &Outcome| {
            Attempt::of(outcome, claim.claimed_at(), now.since(claim.claimed_at()))
        };
        let shown = Some((target.name(), log_of(&outcome)));
        match &outcome {
            Outcome::Done(_, effect) if !effect.is_empty() => {
                let once = claim.once();
                let completed =
                    self.ports.events().complete(&settlement.update, effect, &once).await?;
                let instead = match completed {
                    Completed::Applied => return Ok(self.closed(claim, &settlement, shown)),
                    Completed::Refused(stored) => {
                        let refused = Updated::Refused(stored);
                        return Ok(self.read_answer(claim, &settlement, &refused, shown));
                    }
                    Completed::Stale => Outcome::done(Ending::Stale),
                    Completed::Impossible(cause) => impossible(&cause),
                };
                let settlement = claim.settle(&instead, &terms);
                let shown = Some((target.name(), log_of(&instead)));
                self.close(claim, &settlement, shown).await
            }
            _ => self.close(claim, &settlement, shown).await,
        }
    }

    /// Nothing that a ticket led to happened before the queue took that ticket, whatever our clock
    /// says: to a clock that is behind, a redriven ticket would seem to be younger than the death
    /// it led to, and would bring the event back once more.
    fn closing_time(&self, message: &Message) -> Timestamp {
        self.ports.now().max(message.queued_at)
    }

    /// Makes the closing write and reads its answer.
    async fn close(
        &self,
        claim: &Claim,
        settlement: &Settlement,
        shown: Option<(&str, Attempt)>,
    ) -> Result<TicketFate> {
        let updated = self.ports.events().update(&settlement.update).await?;
        Ok(self.read_answer(claim, settlement, &updated, shown))
    }

    fn read_answer(
        &self,
        claim: &Claim,
        settlement: &Settlement,
        updated: &Updated,
        shown: Option<(&str, Attempt)>,
    ) -> TicketFate {
        match settlement.answer(claim.token(), updated) {
            Refusal::Held(fate) => {
                self.closed(claim, settlement, shown);
                fate
            }
            Refusal::Fenced => {
                let key = claim.record().key().clone();
                self.ports.facts().record(Fact::Fenced { key });
                // Whoever took over decides; this copy of the ticket asks again later.
                TicketFate::Hide(self.queue.visibility)
            }
        }
    }

    fn closed(
        &self,
        claim: &Claim,
        settlement: &Settlement,
        shown: Option<(&str, Attempt)>,
    ) -> TicketFate {
        let after = settlement.update.apply(claim.record());
        let (key, attempt) = (claim.record().key().clone(), claim.attempt());
        let fact = match shown {
            Some((to, log)) => {
                Fact::Settled { key, to: to.to_owned(), attempt, log, state: after.state }
            }
            None if after.state == State::Dead => Fact::Exhausted { key, attempt },
            None => Fact::PutOff { key, why: "switched off" },
        };
        self.ports.facts().record(fact);
        settlement.fate
    }

    /// The queue itself moves an unreadable message to the dead-letter queue, after as many
    /// receives as it takes; shown again at once, that is soon.
    async fn unreadable(&self, message: &Message, cause: &str) -> Verdict {
        let (id, cause) = (message.id.clone(), cause.to_owned());
        self.ports.facts().record(Fact::TicketUnreadable { message: id, cause });
        // Failing to hide it only makes it slower.
        drop(self.ports.tickets().hide(&message.receipt, Span::ZERO).await);
        Verdict::Keep
    }

    /// Failing to hide a ticket is no loss: it shows again when its visibility ends.
    async fn hide(&self, ticket: &Ticket, message: &Message, wait: Span) {
        let wait = wait.min(LONGEST_HIDE);
        if let Err(error) = self.ports.tickets().hide(&message.receipt, wait).await {
            let (key, cause) = (ticket.key.clone(), error.to_string());
            self.ports.facts().record(Fact::TicketFailed { key, cause });
        }
    }
}

/// A failed attempt like any other: what stands in the way may be gone by the next one.
///
/// ```text
/// worker   complete (token 1) ── slow, given up
///          the same again ─────── impossible · retry (token 1) ─▶ held: the slow one is refused now
///                                                               └▶ refused: the slow one had held
/// ```
fn impossible(cause: &str) -> Outcome {
    let said = format_args!("not committed: {cause}");
    Outcome::Retry { failure: Failure::new(Class::Handler, said), after: None }
}
