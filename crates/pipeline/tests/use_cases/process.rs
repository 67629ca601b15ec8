//! What becomes of a ticket exactly at the edges, and what is told of it.

use super::stores::Stores;
use futures_util::FutureExt;
use holdfast_domain::configuration::Glob;
use holdfast_domain::effect::{Effect, Item, Value, Write};
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::{Attempt, Class, Ending, Failure, Outcome};
use holdfast_domain::record::{Nonce, Record, RecordKey, Room, State};
use holdfast_domain::retry::Policy;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::deliver::{Deliver, Delivery};
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::handlers::{Handlers, Registered};
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::ports::{Completed, EventStore};
use holdfast_pipeline::process::{Message, Processor, QueueTerms, Verdict};
use holdfast_pipeline::switches::{self, Off};
use holdfast_testkit::builders::{
    NOW, claim, dead, later, processed, processing, source, stranded, terms, unique_key, waiting,
};
use holdfast_testkit::faults::{Fault, Faulty, Operation};
use std::sync::{Arc, Mutex};

const TIMEOUT: Span = Span::from_secs(10);
const VISIBILITY: Span = Span::from_secs(361);

/// A destination that answers one thing, and remembers what it was given.
struct Says(Outcome, Mutex<Vec<Delivery>>);

impl Deliver for Says {
    type Destination = holdfast_domain::configuration::Destination;

    async fn deliver(&self, _to: &Self::Destination, delivery: &Delivery) -> Outcome {
        self.1.lock().expect("unpoisoned").push(delivery.clone());
        self.0.clone()
    }
}

impl Says {
    fn yes() -> Self {
        Self::that(Outcome::done(Ending::Delivered))
    }

    fn that(outcome: Outcome) -> Self {
        Self(outcome, Mutex::default())
    }
}

struct Bench {
    stores: Stores,
    says: Arc<Says>,
    processor: Processor<Faulty<Memory>, Says, Arc<holdfast_domain::configuration::Configuration>>,
}

impl Bench {
    fn new(says: Says) -> Self {
        Self::with(says, Handlers::none())
    }

    fn with(says: Says, handlers: Handlers) -> Self {
        let (stores, says) = (Stores::new(), Arc::new(says));
        let terms = QueueTerms { visibility: VISIBILITY, max_receives: 25 };
        let routes = stores.configuration.clone();
        let processor = Processor::new(stores.ports.clone(), says.clone(), routes, handlers, terms);
        Self { stores, says, processor }
    }

    /// A ticket of a record, sent and received just now.
    fn message(&self, record: &Record) -> Message {
        self.stores.memory.queue.put(&Ticket::new(&record.event, NOW).to_message());
        let received = self.stores.memory.queue.receive().pop().expect("a message");
        Message {
            id: received.id.clone(),
            receipt: received.id,
            body: received.body,
            queued_at: received.sent_at,
            receives: received.receives,
        }
    }

    /// Stores a record and works on a ticket of it with so much time left.
    async fn work(&self, record: Record, left: Span) -> (Verdict, RecordKey) {
        let message = self.message(&record);
        let key = self.stores.store(record).await;
        let deadline = self.stores.clock_now().plus(left);
        (self.processor.process(&message, deadline).await, key)
    }

    /// How long the queue hides the message from now on.
    fn hidden_for(&self) -> Span {
        let shown = self.stores.memory.queue.next_shown_at().expect("a message");
        shown.since(self.stores.clock_now())
    }

    fn deliveries(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.says.1.lock().expect("unpoisoned"))
    }
}

impl Stores {
    fn clock_now(&self) -> Timestamp {
        use holdfast_pipeline::ports::Clock;
        self.clock.now()
    }
}

fn plenty() -> Span {
    Span::from_secs(60)
}

fn not_claimed(key: &RecordKey, why: &'static str) -> Fact {
    Fact::NotClaimed { key: key.clone(), why }
}

#[tokio::test]
async fn a_delivery_carries_what_it_should() {
    let bench = Bench::new(Says::yes());
    let (verdict, key) = bench.work(stranded(&unique_key()), plenty()).await;
    assert_eq!(verdict, Verdict::Ack);
    let deliveries = bench.deliveries();
    let [delivery] = deliveries.as_slice() else { panic!("one delivery: {deliveries:?}") };
    assert_eq!((delivery.now, delivery.deadline), (NOW, NOW.plus(TIMEOUT)));
    assert_eq!(delivery.idempotency_key, key.idempotency_key());
    assert_eq!((delivery.record.key(), delivery.record.token), (&key, 1));
    assert_eq!(delivery.body.as_ref(), b"{}");
    let record = bench.stores.record(&key);
    let ended = record.processed.expect("it is processed");
    assert_eq!(ended.expires_at, NOW.plus(Span::from_days(45)), "as its source is configured");
    let log = Attempt {
        at: NOW,
        took: Span::ZERO,
        result: "delivered".to_owned(),
        status: None,
        error: None,
    };
    let (to, attempt, state) = ("billing".to_owned(), 1, State::Processed);
    assert_eq!(bench.stores.fact(), Fact::Settled { key, to, attempt, log, state });
    assert_eq!(std::ptr::from_ref(bench.processor.ports()), Arc::as_ptr(&bench.stores.ports));
}

/// The run's time and five seconds beside it have to be left.
#[tokio::test]
async fn a_run_needs_its_time_and_five_seconds() {
    let exactly = TIMEOUT.plus(Span::from_secs(5));
    let bench = Bench::new(Says::yes());
    assert_eq!(bench.work(stranded(&unique_key()), exactly).await.0, Verdict::Ack);
    let bench = Bench::new(Says::yes());
    let short = exactly.minus(Span::from_millis(1));
    let (verdict, key) = bench.work(stranded(&unique_key()), short).await;
    assert_eq!((verdict, bench.hidden_for()), (Verdict::Keep, Span::ZERO));
    assert_eq!(bench.stores.record(&key).attempts, 0, "no attempt is burnt");
}

/// Claim and body may take three of the five seconds; two are kept for settling.
#[tokio::test]
async fn a_run_that_was_kept_waiting_begins_only_if_it_can_be_settled() {
    for (slow, runs) in [(3000, 1), (3001, 0)] {
        let bench = Bench::new(Says::yes());
        let clock = bench.stores.clock.clone();
        bench.stores.faults.observe(move |call| {
            if call.operation == Operation::ReadBody {
                clock.advance(Span::from_millis(slow));
            }
        });
        let exactly = TIMEOUT.plus(Span::from_secs(5));
        let (verdict, key) = bench.work(stranded(&unique_key()), exactly).await;
        assert_eq!(bench.deliveries().len(), runs, "{slow}");
        let record = bench.stores.record(&key);
        if runs == 0 {
            assert_eq!((verdict, record.state), (Verdict::Keep, State::Received));
            assert_eq!((record.attempts, bench.hidden_for()), (0, Span::ZERO));
        } else {
            assert_eq!((verdict, record.state), (Verdict::Ack, State::Processed));
        }
    }
}

/// DynamoDB knows the names of transactions of a whole account, and the same event may be claimed for the
/// same time in two stacks.
#[test]
fn a_completion_has_no_name_of_another_stacks() {
    let key = unique_key();
    let name = |owner: &str| {
        let owner = Some(Nonce::stored(owner));
        claim(&Record { owner, ..processing(&key) }).once()
    };
    assert_eq!(name("here"), name("here"));
    assert_ne!(name("here"), name("there"));
}

/// It neither dies nor grows old in the queue, so that nothing else would tell.
#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_and_its_event_comes_back() {
    let well = Bench::new(Says::yes());
    well.work(stranded(&unique_key()), plenty()).await;
    let calls = well.stores.faults.trace();
    let read = calls.iter().find(|call| call.operation == Operation::ReadBody).expect("it reads");

    let bench = Bench::new(Says::yes());
    bench.stores.faults.arm(read.number, Fault::ErrorBefore);
    let (verdict, key) = bench.work(stranded(&unique_key()), plenty()).await;
    assert_eq!((verdict, bench.hidden_for()), (Verdict::Keep, Span::from_secs(30)));
    let record = bench.stores.record(&key);
    assert_eq!((record.state, record.attempts), (State::Received, 0));
    let facts = bench.stores.facts.take();
    let told = |fact: &Fact| matches!(fact, Fact::BodyUnreadable { key: of, .. } if *of == key);
    assert!(facts.iter().any(told), "{facts:?}");
}

/// SQS refuses to hide a message for longer than twelve hours.
#[tokio::test]
async fn a_ticket_is_hidden_for_twelve_hours_at_the_most() {
    let hours = |hours: u64| Span::from_mins(hours * 60);
    for (until, hidden) in [(hours(11), hours(11)), (hours(12), hours(12)), (hours(30), hours(12))]
    {
        let bench = Bench::new(Says::yes());
        let early = Record { next_attempt_at: NOW.plus(until), ..stranded(&unique_key()) };
        let (verdict, key) = bench.work(early, plenty()).await;
        assert_eq!((verdict, bench.hidden_for()), (Verdict::Keep, hidden));
        assert_eq!(bench.stores.fact(), not_claimed(&key, "not due yet"));
    }
}

#[tokio::test]
async fn what_is_not_to_be_had_is_told_with_its_reason() {
    let waits = |key: &RecordKey| Record {
        next_attempt_at: later(Span::from_mins(60)),
        ..waiting(key, Room::Later)
    };
    let (key, minute) = (unique_key(), Span::from_mins(1));
    for (record, verdict, why) in [
        (processed(&key), Verdict::Ack, "processed before"),
        (waits(&key), Verdict::Ack, "waits in the table"),
        (processing(&key), Verdict::Keep, "another worker has it"),
        (dead(&key), Verdict::Keep, "dead, on its way to the dead-letter queue"),
    ] {
        let bench = Bench::new(Says::yes());
        let state = record.state;
        assert_eq!(bench.work(record.clone(), plenty()).await.0, verdict, "{why}");
        assert_eq!(bench.stores.fact(), not_claimed(&key, why));
        assert_eq!(bench.stores.record(&key), record, "nothing is changed");
        match state {
            State::Processing => assert_eq!(bench.hidden_for(), minute, "until the lease ends"),
            State::Dead => assert_eq!(bench.hidden_for(), Span::ZERO),
            _ => {}
        }
    }
    let bench = Bench::new(Says::yes());
    let message = bench.message(&stranded(&key));
    let verdict = bench.processor.process(&message, NOW.plus(plenty())).await;
    assert_eq!((verdict, bench.hidden_for()), (Verdict::Keep, VISIBILITY), "there is no record");
    assert_eq!(bench.stores.fact(), not_claimed(&key, "no such record"));
}

/// The third attempt is made, the fourth only buries.
#[tokio::test]
async fn the_last_attempt_is_run_and_the_one_after_it_is_not() {
    let claimed = |attempts| Record { attempts, token: 9, ..stranded(&unique_key()) };
    let no = || Outcome::Retry { failure: Failure::new(Class::Status, "no"), after: None };
    let bench = Bench::new(Says::that(no()));
    let (_, key) = bench.work(claimed(2), plenty()).await;
    assert_eq!(bench.deliveries().len(), 1);
    assert_eq!(bench.stores.record(&key).state, State::Dead);
    assert!(matches!(bench.stores.fact(), Fact::Settled { state: State::Dead, attempt: 3, .. }));

    let bench = Bench::new(Says::yes());
    let (verdict, key) = bench.work(claimed(3), plenty()).await;
    assert_eq!((verdict, bench.deliveries().len()), (Verdict::Keep, 0));
    let death = bench.stores.record(&key).death.expect("it is dead");
    assert_eq!(death.failure.class, Class::Exhausted);
    assert_eq!(bench.stores.fact(), Fact::Exhausted { key, attempt: 4 });
}

#[tokio::test]
async fn a_destination_that_is_switched_off_is_sent_nothing() {
    for (name, is_sent) in [("billing", false), ("another", true)] {
        let bench = Bench::new(Says::yes());
        let off = Off::Destination { destination: name.to_owned() };
        switches::set(bench.stores.ports.as_ref(), off, false).await.expect("set");
        let (verdict, key) = bench.work(stranded(&unique_key()), plenty()).await;
        assert_eq!((verdict, bench.deliveries().len()), (Verdict::Ack, usize::from(is_sent)));
        let room = bench.stores.record(&key).room();
        assert_eq!(room, (!is_sent).then_some(Room::Parked), "{name}");
    }
}

#[tokio::test]
async fn what_is_switched_off_is_parked() {
    let off = || Off::Source { source: "stripe".to_owned() };
    let bench = Bench::new(Says::yes());
    switches::set(bench.stores.ports.as_ref(), off(), false).await.expect("set");
    let (verdict, key) = bench.work(stranded(&unique_key()), Span::ZERO).await;
    assert_eq!((verdict, bench.deliveries().len()), (Verdict::Ack, 0));
    assert_eq!(bench.stores.record(&key).room(), Some(Room::Parked));
    assert_eq!(bench.stores.fact(), Fact::PutOff { key, why: "switched off" });

    // What a dead worker left is claimed first, and parked under the claim.
    let bench = Bench::new(Says::yes());
    switches::set(bench.stores.ports.as_ref(), off(), false).await.expect("set");
    let lapsed = holdfast_testkit::builders::lapsed(&unique_key());
    let (verdict, key) = bench.work(lapsed, plenty()).await;
    assert_eq!((verdict, bench.deliveries().len()), (Verdict::Ack, 0));
    let record = bench.stores.record(&key);
    assert_eq!(
        (record.state, record.room(), record.attempts),
        (State::Received, Some(Room::Parked), 3)
    );
    assert_eq!(bench.stores.fact(), Fact::PutOff { key, why: "switched off" });
}

#[tokio::test]
async fn a_body_that_is_gone_is_death_and_one_that_cannot_be_read_is_not() {
    let bench = Bench::new(Says::yes());
    let record = stranded(&unique_key());
    let (message, key) = (bench.message(&record), bench.stores.store(record).await);
    bench.stores.memory.bodies.lose(&bench.stores.record(&key).event.body.key);
    bench.processor.process(&message, NOW.plus(plenty())).await;
    let death = bench.stores.record(&key).death.expect("it is dead");
    assert_eq!(death.failure.class, Class::BodyMissing);

    let bench = Bench::new(Says::yes());
    let record = stranded(&unique_key());
    let (message, key) = (bench.message(&record), bench.stores.store(record).await);
    // The switches, the claim, then the body.
    bench.stores.faults.arm(3, Fault::ErrorBefore);
    let verdict = bench.processor.process(&message, NOW.plus(plenty())).await;
    assert_eq!((verdict, bench.hidden_for()), (Verdict::Keep, Span::from_secs(30)));
    let record = bench.stores.record(&key);
    assert_eq!((record.state, record.attempts), (State::Received, 0));
}

#[tokio::test]
async fn a_worker_that_was_overtaken_says_so_and_writes_nothing() {
    let bench = Bench::new(Says::yes());
    let record = stranded(&unique_key());
    let (message, key) = (bench.message(&record), bench.stores.store(record).await);
    let told = bench.stores.faults.hold_next(Operation::Update(Transition::Complete));
    let slow = bench.processor.process(&message, NOW.plus(plenty()));
    let other = async {
        bench.stores.until_held().await;
        bench.stores.clock.advance(Span::from_secs(66));
        let request = holdfast_domain::lifecycle::claim::Request {
            key: key.clone(),
            owner: Nonce::stored("other"),
            now: bench.stores.clock_now(),
            deadline: later(Span::from_mins(5)),
            shown_again_at: later(Span::from_mins(9)),
        };
        use holdfast_pipeline::ports::EventStore;
        bench.stores.memory.events.update(&request.update()).await.expect("memory answers");
        told.notify_one();
    };
    let (verdict, ()) = tokio::join!(slow, other);
    assert_eq!((verdict, bench.hidden_for()), (Verdict::Keep, VISIBILITY));
    assert_eq!(bench.stores.fact(), Fact::Fenced { key: key.clone() });
    let record = bench.stores.record(&key);
    assert_eq!((record.state, record.token), (State::Processing, 2));
}

#[tokio::test]
async fn a_redriven_ticket_brings_the_dead_back() {
    let bench = Bench::new(Says::yes());
    let mut message = bench.message(&dead(&unique_key()));
    let record = dead(&Ticket::from_message(&message.body).expect("a ticket").key);
    let key = bench.stores.store(record).await;
    // The queue took it anew, long after our stamp.
    message.queued_at = later(Span::from_millis(10_001));
    let verdict = bench.processor.process(&message, NOW.plus(plenty())).await;
    assert_eq!((verdict, bench.deliveries().len()), (Verdict::Ack, 1));
    let record = bench.stores.record(&key);
    assert_eq!((record.state, record.replays, record.attempts), (State::Processed, 1, 1));
    let facts = bench.stores.facts.take();
    assert_eq!(facts.first(), Some(&Fact::Redriven { key }));
}

#[tokio::test]
async fn what_is_no_ticket_is_shown_again_at_once() {
    let bench = Bench::new(Says::yes());
    bench.stores.memory.queue.put("{}");
    let received = bench.stores.memory.queue.receive().pop().expect("a message");
    let message = Message {
        id: received.id.clone(),
        receipt: received.id.clone(),
        body: received.body,
        queued_at: NOW,
        receives: 1,
    };
    assert_eq!(bench.processor.process(&message, NOW.plus(plenty())).await, Verdict::Keep);
    assert_eq!(bench.hidden_for(), Span::ZERO);
    let fact = bench.stores.fact();
    assert!(
        matches!(&fact, Fact::TicketUnreadable { message, .. } if *message == received.id),
        "{fact:?}"
    );
}

/// The world fails: the ticket stays, whatever it was.
#[tokio::test]
async fn a_ticket_whose_fate_is_unknown_stays() {
    // The switches, the claim, the body, the completion.
    for (call, kept) in [(1, true), (2, true), (4, true)] {
        let bench = Bench::new(Says::yes());
        bench.stores.faults.arm(call, Fault::ErrorBefore);
        let (verdict, key) = bench.work(stranded(&unique_key()), plenty()).await;
        assert_eq!(verdict == Verdict::Keep, kept, "{call}");
        assert_eq!(bench.stores.faults.struck().len(), 1);
        let fact = bench.stores.fact();
        assert!(matches!(&fact, Fact::TicketFailed { key: of, .. } if *of == key), "{fact:?}");
        assert_eq!(bench.hidden_for(), QUEUE_VISIBILITY, "as the queue hid it");
    }
}

/// The queue's own setting, where nobody hides a message.
const QUEUE_VISIBILITY: Span = Span::from_secs(361);

fn handlers() -> Handlers {
    let named = |name: &str, kinds: &str, secs: u64, attempts: u32| {
        let handler = |_delivery: Delivery| async { Ok(Effect::default()) };
        Registered::new(name, source("stripe"), Glob::new(kinds), handler)
            .timeout(Span::from_secs(secs))
            .retry(Policy { attempts, ..Policy::default() })
    };
    Handlers::none().with(named("first", "invoice.*", 40, 2)).with(named("second", "*", 20, 5))
}

/// The first handler that takes the kind runs, before any route, on its own terms.
#[tokio::test]
async fn a_handler_comes_before_a_route() {
    assert_eq!(handlers().longest_timeout(), Some(Span::from_secs(40)));
    assert_eq!(Handlers::none().longest_timeout(), None);
    let bench = Bench::with(Says::yes(), handlers());
    let exactly = Span::from_secs(45);
    let (verdict, key) = bench.work(stranded(&unique_key()), exactly).await;
    assert_eq!((verdict, bench.deliveries().len()), (Verdict::Ack, 0));
    let ended = bench.stores.record(&key).processed.expect("it is processed");
    assert_eq!(ended.ending, Ending::Applied);
    let fact = bench.stores.fact();
    assert!(matches!(&fact, Fact::Settled { to, .. } if to == "first"), "{fact:?}");

    let bench = Bench::with(Says::yes(), handlers());
    let short = exactly.minus(Span::from_millis(1));
    assert_eq!(bench.work(stranded(&unique_key()), short).await.0, Verdict::Keep, "its own time");

    let bench = Bench::with(Says::yes(), handlers());
    let (_, key) =
        bench.work(Record { attempts: 2, token: 2, ..stranded(&unique_key()) }, plenty()).await;
    assert_eq!(bench.stores.record(&key).state, State::Dead, "its own attempts");
}

/// Nobody would learn the reason if the ticket only came back when its claim is over.
#[tokio::test]
async fn an_effect_that_cannot_be_committed_is_a_failed_attempt() {
    let overreach = |_delivery: Delivery| async {
        let key = Item::from([("pk".to_owned(), Value::Text("total".to_owned()))]);
        let table = "ledger".to_owned();
        let add = Write::Add { table, key, attribute: "times".to_owned(), amount: 1 };
        Ok(Effect { writes: vec![add; 2], version_guard: None })
    };
    let policy = Policy { attempts: 2, ..Policy::default() };
    let named =
        Registered::new("ledger", source("stripe"), Glob::new("*"), overreach).retry(policy);
    let why = "handler: not committed: one item is written twice";
    for (attempts, state) in [(0, State::Received), (1, State::Dead)] {
        let bench = Bench::with(Says::yes(), Handlers::none().with(named.clone()));
        let began = Record { attempts, token: attempts.into(), ..stranded(&unique_key()) };
        let (verdict, key) = bench.work(began, plenty()).await;
        let record = bench.stores.record(&key);
        assert_eq!((verdict, record.state, record.attempts), (Verdict::Keep, state, attempts + 1));
        let last = record.attempt_log.last().expect("it is logged").clone();
        assert_eq!((last.result.as_str(), last.error.as_deref()), ("retry", Some(why)));
        let (to, attempt) = ("ledger".to_owned(), attempts + 1);
        assert_eq!(bench.stores.fact(), Fact::Settled { key, to, attempt, log: last, state });
        assert_eq!(bench.stores.memory.events.item("ledger", "total"), None);
        match record.death {
            Some(death) => {
                let said = format!("after 2 attempts, the last: {why}");
                assert_eq!((death.failure.class, death.failure.message), (Class::Exhausted, said));
                assert_eq!(bench.hidden_for(), Span::ZERO);
            }
            None => assert_eq!(
                bench.stores.clock_now().plus(bench.hidden_for()),
                record.next_attempt_at
            ),
        }
    }
}

/// ```text
/// worker   complete (token 1) ── slow, given up ──────────▶ held
///          the same again ─── impossible · put back (token 1) ▶ refused
///          the ticket shows again ───────────────────────────▶ processed before
/// ```
#[tokio::test]
async fn what_was_committed_before_it_was_impossible_stays_committed() {
    let table = || "ledger".to_owned();
    let key = || Item::from([("pk".to_owned(), Value::Text("total".to_owned()))]);
    let add =
        move || Write::Add { table: table(), key: key(), attribute: "times".to_owned(), amount: 1 };
    let overreach = move |_delivery: Delivery| async move {
        Ok(Effect { writes: vec![add(); 2], ..Effect::default() })
    };
    let named = Registered::new("ledger", source("stripe"), Glob::new("*"), overreach);
    let bench = Bench::with(Says::yes(), Handlers::none().with(named));
    let record = stranded(&unique_key());
    let (message, key) = (bench.message(&record), bench.stores.store(record).await);
    let (memory, of) = (bench.stores.memory.clone(), key.clone());
    bench.stores.faults.observe(move |call| {
        if call.operation == Operation::CompleteWithEffect {
            let claimed = memory.events.all().into_iter().find(|record| *record.key() == of);
            let claim = claim(&claimed.expect("it is claimed"));
            let slow = claim.settle(&Outcome::done(Ending::Applied), &terms());
            let effect = Effect { writes: vec![add()], ..Effect::default() };
            let once = claim.once();
            let landed = memory.events.complete(&slow.update, &effect, &once);
            let landed = landed.now_or_never().expect("at once").expect("memory answers");
            assert_eq!(landed, Completed::Applied);
        }
    });
    let deadline = NOW.plus(plenty());
    assert_eq!(bench.processor.process(&message, deadline).await, Verdict::Keep);
    assert_eq!(bench.hidden_for(), VISIBILITY);
    assert_eq!(bench.processor.process(&message, deadline).await, Verdict::Ack);
    let record = bench.stores.record(&key);
    assert_eq!((record.state, record.attempts), (State::Processed, 1));
    let item = bench.stores.memory.events.item("ledger", "total").expect("it was written");
    assert_eq!(item.get("times"), Some(&Value::Number(1)));
}

/// What no route takes is done; it needs no time and no body.
#[tokio::test]
async fn what_goes_nowhere_is_done() {
    let bench = Bench::new(Says::yes());
    let mut record = stranded(&unique_key());
    record.event.kind = holdfast_domain::identity::Kind::new("nobody.asked");
    let (verdict, key) = bench.work(record, Span::from_secs(5)).await;
    assert_eq!((verdict, bench.deliveries().len()), (Verdict::Ack, 0));
    let ended = bench.stores.record(&key).processed.expect("it is processed");
    assert_eq!(ended.ending, Ending::Unrouted);
    let fact = bench.stores.fact();
    assert!(matches!(&fact, Fact::Settled { to, .. } if to == "nowhere"), "{fact:?}");
}
