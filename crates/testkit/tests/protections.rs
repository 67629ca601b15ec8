//! One test for each protection of the protocol, named after what it protects. The patches in
//! `tests/ablations` take the protections away one by one, and each has to fail its test here.
#![allow(clippy::expect_used, reason = "a test")]
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::{Class, Ending};
use holdfast_domain::record::{RecordKey, Room, State};
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::Fact;
use holdfast_testkit::faults::{Fault, Operation};
use holdfast_testkit::scenarios;
use holdfast_testkit::world::{Direct, MAX_ATTEMPTS, Script, Webhook, World};
use std::sync::Arc;
use tokio::sync::Notify;

type TestWorld = World<Direct>;

fn invoice(id: &str) -> Webhook {
    Webhook::stripe(id, "invoice.paid", "in_1", 1_780_000_000)
}

fn account(id: &str) -> Webhook {
    Webhook::stripe(id, "account.updated", "acct_1", 100)
}

fn waits(then: Script) -> (Arc<Notify>, Script) {
    let told = Arc::new(Notify::new());
    (told.clone(), Script::Wait(told, Box::new(then)))
}

async fn nothing_broke(mut world: TestWorld) {
    assert_eq!(world.check().await, Vec::<String>::new());
}

/// A scenario of the crash points, without a fault.
async fn undisturbed(scenario: impl AsyncFn(&mut TestWorld)) {
    let mut world = TestWorld::new();
    scenario(&mut world).await;
    nothing_broke(world).await;
}

/// One call of a scenario goes wrong: the first of this operation.
async fn disturbed(
    operation: Operation,
    fault: Fault,
    scenario: impl AsyncFn(&mut TestWorld),
) -> TestWorld {
    let mut world = TestWorld::new();
    scenario(&mut world).await;
    let trace = world.faults.trace();
    let call = trace.into_iter().find(|call| call.operation == operation).expect("called");
    let mut world = TestWorld::new();
    world.faults.arm(call.number, fault);
    scenario(&mut world).await;
    assert_eq!(world.faults.struck(), [(call, fault)]);
    world
}

// ------------------------------------------------------------------ Fencing

#[tokio::test]
async fn a_slow_worker_changes_nothing_after_its_lease() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    let (slow, then_fails) = waits(Script::Fail);
    let (next, then_works) = waits(Script::Succeed);
    world.runs.script("evt_1", [then_fails, then_works]);
    world.provider_sends(&webhook).await;
    let first = world.begin_batch().await;
    world.clock.advance(Span::from_mins(7));
    let second = world.begin_batch().await;
    let claimed = world.record("stripe", "evt_1");
    assert_eq!((claimed.state, claimed.token), (State::Processing, 2));

    slow.notify_one();
    world.end_batch(first).await;
    assert_eq!(world.record("stripe", "evt_1"), claimed, "the first worker was fenced");

    next.notify_one();
    world.end_batch(second).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    nothing_broke(world).await;
}

#[tokio::test]
async fn an_effect_of_a_slow_worker_is_not_committed() {
    let mut world = TestWorld::new();
    let webhook = account("evt_1");
    let (slow, then_works) = waits(Script::Succeed);
    let (next, then_works_too) = waits(Script::Succeed);
    world.runs.script("evt_1", [then_works, then_works_too]);
    world.provider_sends(&webhook).await;
    let first = world.begin_batch().await;
    world.clock.advance(Span::from_mins(7));
    let second = world.begin_batch().await;
    slow.notify_one();
    world.end_batch(first).await;
    assert_eq!(world.record("stripe", "evt_1").state, State::Processing, "it is the second's");
    next.notify_one();
    world.end_batch(second).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_late_failure_reopens_nothing() {
    let mut world = TestWorld::new();
    let webhook = account("evt_1");
    let (slow, then_fails) = waits(Script::Fail);
    world.runs.script("evt_1", [then_fails, Script::Succeed]);
    world.provider_sends(&webhook).await;
    let first = world.begin_batch().await;
    world.clock.advance(Span::from_mins(7));
    world.deliver().await;
    let done = world.record("stripe", "evt_1");
    assert_eq!(done.state, State::Processed);
    slow.notify_one();
    world.end_batch(first).await;
    assert_eq!(world.record("stripe", "evt_1"), done, "the first worker was fenced");
    world.settle().await;
    nothing_broke(world).await;
}

// ------------------------------------------------------------------- Nonces

#[tokio::test]
async fn a_put_that_meets_its_own_write_is_a_new_event() {
    let world = disturbed(Operation::CreateRecord, Fault::Repeat, scenarios::delivered).await;
    let sent = world.faults.calls_since(0).count(Operation::SendTicket);
    assert_eq!((sent, world.sweeps()), (1, 0), "its ticket was sent at once");
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_claim_that_meets_its_own_write_is_a_claim() {
    let claim = Operation::Update(Transition::Claim);
    let world = disturbed(claim, Fault::Repeat, scenarios::delivered).await;
    let record = world.record("stripe", "evt_1");
    assert_eq!((record.attempts, record.token, world.sweeps()), (1, 1, 0));
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_completion_that_meets_its_own_write_is_done() {
    for operation in [Operation::Update(Transition::Complete), Operation::CompleteWithEffect] {
        let both = async |world: &mut TestWorld| {
            world.provider_sends(&invoice("evt_1")).await;
            world.provider_sends(&account("evt_2")).await;
            world.deliver().await;
        };
        let world = disturbed(operation, Fault::Repeat, both).await;
        assert_eq!(world.memory.queue.len(), (0, 0), "both tickets are done with");
        nothing_broke(world).await;
    }
}

#[tokio::test]
async fn a_replay_that_meets_its_own_write_is_a_replay() {
    let replay = Operation::Update(Transition::Replay);
    let world = disturbed(replay, Fault::Repeat, scenarios::replayed).await;
    assert_eq!(world.sweeps(), 0, "its ticket was sent at once");
    nothing_broke(world).await;
}

// -------------------------------------------------------------------- Sweep

#[tokio::test]
async fn a_lost_ticket_is_sent_again() {
    undisturbed(scenarios::ticket_lost).await;
}

#[tokio::test]
async fn a_lapsed_claim_without_a_ticket_is_swept() {
    undisturbed(scenarios::lapsed).await;
}

#[tokio::test]
async fn the_sweep_leaves_alone_what_moved_on_since_it_read() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.lose_tickets();
    world.clock.advance(Span::from_mins(4));
    let resend = Operation::Update(Transition::Resend);
    Box::pin(world.sweep_around(resend, async |world| {
        world.double_tickets(&webhook.key()).await;
        world.deliver().await;
        assert_eq!(world.record("stripe", "evt_1").state, State::Processed);
    }))
    .await;
    nothing_broke(world).await;
}

#[tokio::test]
async fn two_sweeps_at_once_send_one_ticket() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.lose_tickets();
    world.clock.advance(Span::from_mins(4));
    let resend = Operation::Update(Transition::Resend);
    Box::pin(world.sweep_around(resend, async |world| world.sweep().await)).await;
    assert_eq!(world.memory.queue.len(), (1, 0));
    world.settle().await;
    nothing_broke(world).await;
}

#[tokio::test]
async fn nothing_is_sent_again_that_was_parked_since_it_was_read() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.lose_tickets();
    world.clock.advance(Span::from_mins(4));
    world.turn("stripe", false).await;
    let resend = Operation::Update(Transition::Resend);
    Box::pin(world.sweep_around(resend, async |world| {
        world.double_tickets(&webhook.key()).await;
        world.deliver().await;
    }))
    .await;
    assert_eq!(world.record("stripe", "evt_1").room(), Some(Room::Parked), "not opened");
    assert_eq!(world.memory.queue.len(), (0, 0), "nothing is sent for it");
    world.turn("stripe", true).await;
    world.restart();
    world.settle().await;
    nothing_broke(world).await;
}

#[tokio::test]
async fn nothing_is_released_that_was_put_off_again_since_it_was_read() {
    let mut world = TestWorld::new();
    let webhook = account("evt_1");
    let long = Script::Defer(Span::from_mins(60));
    world.runs.script("evt_1", [long.clone(), long]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    world.clock.advance(Span::from_mins(61));
    let release = Operation::Update(Transition::Release);
    Box::pin(world.sweep_around(release, async |world| {
        // A stray ticket runs it, and it waits again.
        world.double_tickets(&webhook.key()).await;
        world.deliver().await;
    }))
    .await;
    let waiting = world.record("stripe", "evt_1");
    assert_eq!((waiting.room(), waiting.token), (Some(Room::Later), 2), "not released");
    world.settle().await;
    nothing_broke(world).await;
}

/// More tickets than a short queue has; none of them names a record.
const MANY: usize = 150;

fn lengthen_queue(world: &TestWorld) {
    (0..MANY).for_each(|_| world.memory.queue.put("not a ticket"));
}

#[tokio::test]
async fn a_long_queue_holds_the_sweep_back() {
    let mut world = TestWorld::new();
    world.sweep().await;
    world.provider_sends(&invoice("evt_1")).await;
    world.lose_tickets();
    lengthen_queue(&world);
    for _ in 0..20 {
        world.clock.advance(Span::from_mins(1));
        world.sweep().await;
    }
    assert_eq!(world.memory.queue.len(), (MANY, 0), "tickets are slow, not lost");
    for _ in 0..20 {
        world.clock.advance(Span::from_mins(1));
        world.sweep().await;
    }
    assert_eq!(world.memory.queue.len(), (MANY + 1, 0), "but not for ever");
}

#[tokio::test]
async fn a_long_queue_is_swept_within_a_budget() {
    let mut world = TestWorld::new();
    for number in 0..300 {
        world.provider_sends(&invoice(&format!("evt_{number}"))).await;
    }
    world.lose_tickets();
    lengthen_queue(&world);
    world.clock.advance(Span::from_mins(40));
    world.sweep().await;
    let (sent, _) = world.memory.queue.len();
    assert!((200..300).contains(&(sent - MANY)), "{} tickets", sent - MANY);
    world.sweep().await;
    assert_eq!(world.memory.queue.len(), (MANY + 300, 0), "the next run goes on");
}

#[tokio::test]
async fn the_sweep_outlives_a_memory_that_cannot_be_read() {
    let mut world = TestWorld::new();
    world.sweep().await;
    world.spoil_document("S#sweep").await;
    world.provider_sends(&invoice("evt_1")).await;
    world.lose_tickets();
    world.settle().await;
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_and_swept_by_the_next_run() {
    let failed = |world: &TestWorld| {
        let facts = world.facts.take();
        facts.iter().filter(|fact| matches!(fact, Fact::SweepFailed { .. })).count()
    };
    let sweep = Operation::Update(Transition::Resend);
    let mut world = disturbed(sweep, Fault::ErrorBefore, scenarios::ticket_lost).await;
    assert_eq!(failed(&world), 1);
    world.settle().await;
    assert_eq!(failed(&world), 0);
    nothing_broke(world).await;
}

/// An event that lost its ticket, and not in the shard of the index that is read first.
async fn stuck_in_a_later_shard(world: &mut TestWorld) {
    let is_later = |id: &String| {
        let key = RecordKey::parse(&format!("E#stripe#{id}"));
        key.is_some_and(|key| key.shard() != 0)
    };
    let id = (0..).map(|n| format!("evt_{n}")).find(is_later).expect("one of them");
    world.provider_sends(&invoice(&id)).await;
    world.lose_tickets();
}

#[tokio::test]
async fn a_shard_that_cannot_be_read_delays_no_other() {
    let mut world = disturbed(Operation::ReadIndex, Fault::ErrorBefore, async |world| {
        stuck_in_a_later_shard(world).await;
        world.clock.advance(Span::from_mins(3));
        world.sweep().await;
        assert_eq!(world.memory.queue.len(), (1, 0), "the lost ticket is sent again");
    })
    .await;
    world.settle().await;
    nothing_broke(world).await;

    let mut world = disturbed(Operation::ReadIndex, Fault::ErrorBefore, async |world| {
        stuck_in_a_later_shard(world).await;
        world.clock.advance(Span::from_days(50));
        world.renew().await;
        let renewals =
            world.faults.trace().into_iter().filter(|call| call.operation == Operation::RenewBody);
        assert_eq!(renewals.count(), 1, "the body is kept longer");
    })
    .await;
    world.settle().await;
    nothing_broke(world).await;
}

// ------------------------------------------------------------------ Tickets

#[tokio::test]
async fn a_busy_record_keeps_its_ticket() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    let (_told, waits) = waits(Script::Succeed);
    world.runs.script("evt_1", [waits]);
    world.provider_sends(&webhook).await;
    let first = world.begin_batch().await;
    world.double_tickets(&webhook.key()).await;
    world.deliver().await;
    assert_eq!(world.memory.queue.len(), (2, 0), "another worker has it: no ticket goes");
    first.kill().await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    assert_eq!(world.sweeps(), 0, "the second ticket did it");
    assert_eq!(world.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_early_ticket_is_kept() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::FailAfter(Span::from_mins(5))]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    world.double_tickets(&webhook.key()).await;
    world.deliver().await;
    assert_eq!(world.memory.queue.len(), (2, 0));
    world.settle().await;
    nothing_broke(world).await;
}

#[tokio::test]
async fn receives_are_not_attempts() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::Fail, Script::Fail]);
    world.provider_sends(&webhook).await;
    for _ in 0..MAX_ATTEMPTS * 3 {
        world.deliver_until(Span::from_secs(12)).await;
    }
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), MAX_ATTEMPTS as usize);
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_ticket_of_an_unknown_record_is_kept() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    let event = world.record("stripe", "evt_1").event;
    let mut other = Ticket::new(&event, world.now());
    other.key = invoice("evt_2").key();
    world.memory.queue.put(&other.to_message());
    world.deliver().await;
    assert_eq!(world.memory.queue.len(), (1, 0));
    assert_eq!(world.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_event_is_delivered_under_one_key() {
    undisturbed(scenarios::retried_soon).await;
}

// --------------------------------------------------------------------- Body

#[tokio::test]
async fn a_record_is_never_without_its_body() {
    let scenario = scenarios::delivered::<Direct>;
    for operation in [Operation::WriteBody, Operation::CreateRecord] {
        let world = disturbed(operation, Fault::CrashAfter, scenario).await;
        nothing_broke(world).await;
    }
}

#[tokio::test]
async fn an_event_put_off_for_longer_than_bodies_are_kept_has_its_body() {
    let mut world = TestWorld::new();
    let webhook = account("evt_1");
    world.runs.script("evt_1", [Script::Defer(Span::from_days(100))]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    world.days_pass(101).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
    nothing_broke(world).await;
}

// --------------------------------------------------------------------- Dead

#[tokio::test]
async fn a_redriven_ticket_brings_its_event_back() {
    undisturbed(scenarios::rejected_and_redriven).await;
}

#[tokio::test]
async fn a_ticket_of_a_dead_event_goes_to_the_dead_letter_queue() {
    let mut world = TestWorld::new();
    world.runs.script("evt_1", [Script::Reject]);
    world.provider_sends(&invoice("evt_1")).await;
    world.settle().await;
    assert_eq!(world.memory.queue.len(), (0, 1), "the only copy an operator can redrive");
    assert_eq!(world.record("stripe", "evt_1").replays, 0);
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_redrive_is_one_replay_also_by_a_clock_that_is_behind() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    let (told, then_rejects) = waits(Script::Reject);
    world.runs.script("evt_1", [Script::Reject, then_rejects]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.redrive();
    let batch = world.begin_batch().await;
    let behind = Span::from_secs(1);
    world.clock.set(world.now().minus(behind));
    told.notify_one();
    world.end_batch(batch).await;
    world.clock.advance(behind);
    world.settle().await;
    let record = world.record("stripe", "evt_1");
    assert_eq!((record.state, record.replays), (State::Dead, 1), "nobody ordered a second one");
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_late_send_is_no_redrive() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::Reject]);
    world.provider_sends(&webhook).await;
    let ticket = Ticket::new(&world.record("stripe", "evt_1").event, world.now());
    world.settle().await;
    world.expect_dead(&webhook.key(), Class::Status);
    world.clock.advance(Span::from_secs(2));
    world.memory.queue.put(&ticket.to_message());
    world.settle().await;
    world.expect_dead(&webhook.key(), Class::Status);
    assert_eq!(world.record("stripe", "evt_1").replays, 0);
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_redriven_ticket_delivered_twice_replays_once() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::Reject, Script::Reject]);
    world.provider_sends(&webhook).await;
    let copy = Ticket::new(&world.record("stripe", "evt_1").event, world.now());
    world.settle().await;
    world.redrive();
    let told = world.faults.hold_next(Operation::Update(Transition::Replay));
    let first = world.begin_batch().await;
    world.memory.queue.put(&copy.to_message());
    world.deliver().await;
    let again = world.record("stripe", "evt_1");
    assert_eq!((again.state, again.replays), (State::Dead, 1), "the second copy replayed it");
    told.notify_one();
    world.end_batch(first).await;
    world.settle().await;
    assert_eq!(world.record("stripe", "evt_1").replays, 1);
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_dead_event_is_replayed_from_its_record() {
    undisturbed(scenarios::replayed).await;
}

// ------------------------------------------------------------ Waiting rooms

#[tokio::test]
async fn a_long_wait_is_in_the_table() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::FailAfter(Span::from_mins(120))]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    assert_eq!(world.memory.queue.len(), (0, 0), "nothing is hidden for it");
    assert_eq!(world.record("stripe", "evt_1").room(), Some(Room::Later));
    world.settle().await;
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_parked_event_is_in_the_table() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.turn("stripe", false).await;
    world.provider_sends(&webhook).await;
    world.deliver().await;
    assert_eq!(world.memory.queue.len(), (0, 0), "nothing is hidden for it");
    assert_eq!(world.record("stripe", "evt_1").room(), Some(Room::Parked));
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_switched_off_source_leaves_alone_what_runs_and_what_is_done() {
    let mut world = TestWorld::new();
    let webhook = account("evt_1");
    let (told, waits) = waits(Script::Succeed);
    world.runs.script("evt_1", [waits]);
    world.provider_sends(&webhook).await;
    let first = world.begin_batch().await;
    world.turn("stripe", false).await;
    world.double_tickets(&webhook.key()).await;
    world.deliver().await;
    told.notify_one();
    world.end_batch(first).await;
    world.double_tickets(&webhook.key()).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
    nothing_broke(world).await;
}

#[tokio::test]
async fn a_claim_of_a_parked_event_opens_it() {
    let mut world = TestWorld::new();
    let webhook = invoice("evt_1");
    world.turn("stripe", false).await;
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.turn("stripe", true).await;
    world.restart();
    world.double_tickets(&webhook.key()).await;
    world.runs.script("evt_1", [Script::Die]);
    world.deliver().await;
    world.lose_tickets();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    nothing_broke(world).await;
}

// ------------------------------------------------------------------- Expiry

#[tokio::test]
async fn only_what_is_processed_expires() {
    undisturbed(scenarios::retried_soon).await;
    undisturbed(scenarios::rejected_and_redriven).await;
    undisturbed(scenarios::parked).await;
}

#[tokio::test]
async fn what_is_processed_is_remembered_for_the_whole_window() {
    let mut world = TestWorld::new();
    let webhook = account("evt_1");
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.days_pass(89).await;
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_runs(&webhook.key(), 1);
    world.expect_ending(&webhook.key(), Ending::Applied);
    nothing_broke(world).await;
}
