//! What happens to events: each scenario is a sequence of things that the world outside does, from
//! the first request to the event's end, and says how the events end. Whatever goes wrong on the
//! way is not the scenario's business: it never looks at an answer.

use crate::world::{Functions, Script, Webhook, World};
use holdfast_domain::outcome::{Class, Ending};
use holdfast_domain::time::Span;
use std::iter::repeat_n;

macro_rules! all {
    ($($name:ident)*) => {
        /// The names of all scenarios.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// Plays the scenario of a name.
        ///
        /// # Panics
        /// When there is none.
        pub async fn play<F: Functions>(name: &str, world: &mut World<F>) {
            match name {
                $(stringify!($name) => Box::pin($name(world)).await,)*
                other => panic!("there is no scenario {other}"),
            }
        }
    };
}

all! {
    delivered posted_once duplicated collided stranded
    applied applied_after_retries overreaching
    retried_soon retried_late deferred short_of_time receives_used_up
    parked parked_after_claim off_while_waiting
    rejected_and_redriven exhausted_and_redriven killing
    replayed replayed_by_provider discarded body_lost run_once_more
    ticket_lost lapsed renewed batch missed whole_way listed relisted
}

fn invoice(id: &str) -> Webhook {
    Webhook::stripe(id, "invoice.paid", "in_1", 1_780_000_000)
}

fn account(id: &str, version: i64) -> Webhook {
    Webhook::stripe(id, "account.updated", "acct_1", version)
}

/// More than an event is ever tried.
fn always(script: Script) -> impl Iterator<Item = Script> {
    repeat_n(script, 20)
}

/// A new event is delivered.
pub async fn delivered<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 1);
}

/// A provider posts once and never again, whatever it is answered.
pub async fn posted_once<F: Functions>(world: &mut World<F>) {
    let webhook = Webhook::github("72d3162e", "issues");
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending_if_there(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 1);
}

/// An event arrives three times: twice before it is delivered, once after.
pub async fn duplicated<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.provider_sends(&webhook.clone().delivered_again()).await;
    world.settle().await;
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 1);
}

/// Two events come under one id, the second one twice.
pub async fn collided<F: Functions>(world: &mut World<F>) {
    let first = invoice("evt_1");
    let second = Webhook::stripe("evt_1", "invoice.voided", "in_2", 1_780_000_001);
    world.provider_sends(&first).await;
    world.provider_sends(&second).await;
    world.provider_sends(&second).await;
    world.settle().await;
    world.expect_ending(&first.key(), Ending::Delivered);
    world.expect_ending(&second.key_beside(), Ending::Delivered);
    world.expect_runs(&first.key(), 1);
    world.expect_runs(&second.key_beside(), 1);
}

/// The ticket is lost; a minute later the event arrives again, which sends another.
pub async fn stranded<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.lose_tickets();
    world.clock.advance(Span::from_secs(61));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// A transactional handler with a version guard: two versions, then one that comes too late.
pub async fn applied<F: Functions>(world: &mut World<F>) {
    let (first, second, stale) =
        (account("evt_1", 100), account("evt_2", 300), account("evt_3", 200));
    for webhook in [&first, &second, &stale] {
        world.provider_sends(webhook).await;
        world.settle().await;
    }
    world.expect_ending(&first.key(), Ending::Applied);
    world.expect_ending(&second.key(), Ending::Applied);
    world.expect_ending(&stale.key(), Ending::Stale);
    world.expect_runs(&first.key(), 1);
}

/// A transactional handler that fails, then is killed, then works.
pub async fn applied_after_retries<F: Functions>(world: &mut World<F>) {
    let webhook = account("evt_1", 100);
    world.runs.script("evt_1", [Script::Fail, Script::Die]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending_or_dead(&webhook.key(), Ending::Applied, Class::Exhausted);
}

/// A transactional handler that wants written what cannot be committed, until somebody mends it.
pub async fn overreaching<F: Functions>(world: &mut World<F>) {
    let webhook = account("evt_1", 100);
    world.runs.script("evt_1", [Script::Overreach]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending_or_dead(&webhook.key(), Ending::Applied, Class::Exhausted);
}

/// A destination that fails twice: both waits are short.
pub async fn retried_soon<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::Fail, Script::Fail]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending_or_dead(&webhook.key(), Ending::Delivered, Class::Exhausted);
    world.expect_runs(&webhook.key(), 3);
}

/// A destination that asks to be left alone for two hours: the event waits in the table.
pub async fn retried_late<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::FailAfter(Span::from_mins(120))]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 2);
}

/// A run that puts itself off, more often than it could fail: nothing of it counts.
pub async fn deferred<F: Functions>(world: &mut World<F>) {
    let webhook = account("evt_1", 100);
    let (soon, late) = (Script::Defer(Span::from_mins(5)), Script::Defer(Span::from_mins(60)));
    world.runs.script("evt_1", [soon.clone(), late.clone(), soon, late]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
    world.expect_runs(&webhook.key(), 5);
}

/// A function without enough time left for a run.
pub async fn short_of_time<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.deliver_until(Span::from_secs(12)).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 1);
}

/// So many receives without enough time that the queue moves the ticket away: the sweep sends
/// another, and what is redriven later does no harm.
pub async fn receives_used_up<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    for _ in 0..25 {
        world.deliver_until(Span::from_secs(12)).await;
    }
    world.settle().await;
    world.redrive();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 1);
}

/// An event of a source that is off waits until it is on.
pub async fn parked<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.turn("stripe", false).await;
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.turn("stripe", true).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
    world.expect_runs(&webhook.key(), 1);
}

/// A source is turned off while a claim of its event lapses.
pub async fn parked_after_claim<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::Die]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    world.turn("stripe", false).await;
    world.settle().await;
    world.turn("stripe", true).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// A source is turned off while its event waits for a retry.
pub async fn off_while_waiting<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", [Script::FailAfter(Span::from_mins(60))]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    world.turn("stripe", false).await;
    world.settle().await;
    world.clock.advance(Span::from_mins(90));
    world.turn("stripe", true).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// A destination that refuses an event for good; it is mended, and the operator redrives the
/// dead-letter queue.
pub async fn rejected_and_redriven<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", always(Script::Reject));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_dead(&webhook.key(), Class::Status);
    world.runs.forget_scripts();
    world.redrive();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// The same after every attempt was made.
pub async fn exhausted_and_redriven<F: Functions>(world: &mut World<F>) {
    let webhook = account("evt_1", 100);
    world.runs.script("evt_1", always(Script::Fail));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_dead(&webhook.key(), Class::Exhausted);
    world.runs.forget_scripts();
    world.redrive();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
}

/// An event that kills every process that touches it: it dies after as many attempts as any other.
pub async fn killing<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", always(Script::Die));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_dead(&webhook.key(), Class::Exhausted);
    world.runs.forget_scripts();
    world.redrive();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// An operator replays a dead event.
pub async fn replayed<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", always(Script::Reject));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.runs.forget_scripts();
    world.lose_tickets();
    world.replay(&webhook.key()).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// A dead event arrives again at a source that replays it then.
pub async fn replayed_by_provider<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1").at("insistent");
    world.runs.script("evt_1", always(Script::Reject));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.runs.forget_scripts();
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// An operator lets a dead event go.
pub async fn discarded<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.runs.script("evt_1", always(Script::Reject));
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.discard(&webhook.key()).await;
    world.redrive();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Discarded);
}

/// A body is gone before its event is run.
pub async fn body_lost<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.lose_body(&webhook.key());
    world.settle().await;
    world.expect_dead(&webhook.key(), Class::BodyMissing);
    world.discard(&webhook.key()).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Discarded);
}

/// An operator runs a processed event once more: a record of its own.
pub async fn run_once_more<F: Functions>(world: &mut World<F>) {
    let webhook = account("evt_1", 100);
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.replay_processed(&webhook.key()).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
    world.expect_ending(&webhook.key().replay(1), Ending::Applied);
}

/// The ticket is lost and nobody posts again.
pub async fn ticket_lost<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.provider_sends(&webhook).await;
    world.lose_tickets();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// A worker dies in the middle of a run, and its ticket is lost.
pub async fn lapsed<F: Functions>(world: &mut World<F>) {
    let webhook = account("evt_1", 100);
    world.runs.script("evt_1", [Script::Die]);
    world.provider_sends(&webhook).await;
    world.deliver().await;
    world.lose_tickets();
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Applied);
}

/// An event stays parked for longer than bodies are kept.
pub async fn renewed<F: Functions>(world: &mut World<F>) {
    let webhook = invoice("evt_1");
    world.turn("stripe", false).await;
    world.provider_sends(&webhook).await;
    world.settle().await;
    world.clock.advance(Span::from_days(50));
    world.days_pass(2).await;
    world.clock.advance(Span::from_days(20));
    world.expire();
    world.turn("stripe", true).await;
    world.settle().await;
    world.expect_ending(&webhook.key(), Ending::Delivered);
}

/// One batch: events of three kinds of targets, one that kills the process, one that panics, a
/// doubled ticket and a message that is no ticket.
pub async fn batch<F: Functions>(world: &mut World<F>) {
    let webhooks = [invoice("evt_1"), account("evt_2", 100), Webhook::github("evt_3", "push")];
    world.runs.script("evt_1", [Script::Fail]);
    world.runs.script("evt_2", [Script::Die]);
    world.runs.script("evt_3", [Script::Panic]);
    for webhook in &webhooks {
        world.provider_sends(webhook).await;
    }
    world.memory.queue.put("not a ticket");
    world.double_tickets(&webhooks[0].key()).await;
    world.settle().await;
    world.expect_ending_or_dead(&webhooks[0].key(), Ending::Delivered, Class::Exhausted);
    world.expect_ending(&webhooks[1].key(), Ending::Applied);
    world.expect_ending_if_there(&webhooks[2].key(), Ending::Delivered);
}

/// The provider lists four events on two pages; the webhooks of two were lost.
pub async fn missed<F: Functions>(world: &mut World<F>) {
    world.poll().await;
    let created = world.now().secs();
    let event = |number: i64| {
        let id = format!("evt_{number}");
        Webhook::stripe(&id, "invoice.paid", "in_1", created + number).at("polled")
    };
    let webhooks = [event(1), event(2), event(3), event(4)];
    for (number, webhook) in webhooks.iter().enumerate() {
        world.happens(webhook);
        if number % 2 == 0 {
            world.provider_sends(webhook).await;
        }
    }
    world.settle().await;
    // A run that crashed is taken for one that still runs until its time is over.
    for _ in 0..5 {
        world.clock.advance(Span::from_mins(5));
        world.poll().await;
    }
    world.provider_sends(&webhooks[1]).await;
    world.settle().await;
    for webhook in &webhooks {
        world.expect_ending(&webhook.key(), Ending::Delivered);
        world.expect_runs(&webhook.key(), 1);
    }
}

/// Everything once: a webhook that is processed, one whose ticket is lost and that the sweep finds,
/// an event whose webhook never came and that the poll finds. Few calls, for every two of them to
/// fail together.
pub async fn whole_way<F: Functions>(world: &mut World<F>) {
    poll_until(world, async |world| world.knows_document("W#polled").await).await;
    let received = account("evt_1", 100);
    world.provider_sends(&received).await;
    world.deliver().await;
    let swept = Webhook::github("evt_2", "push");
    world.provider_sends(&swept).await;
    world.lose_tickets();
    let created = world.now().secs();
    let polled = Webhook::stripe("evt_3", "invoice.paid", "in_1", created).at("polled");
    world.happens(&polled);
    world.settle().await;
    poll_until(world, async |world| world.find(&polled.key()).is_some()).await;
    world.settle().await;
    world.expect_ending(&received.key(), Ending::Applied);
    world.expect_ending_if_there(&swept.key(), Ending::Delivered);
    world.expect_listed_ending(&polled.key(), Ending::Delivered);
}

/// Polls every five minutes until something came of it: nothing from before the first poll that
/// works is ever injected, and a run that crashed is taken for alive for a while.
async fn poll_until<F: Functions>(world: &mut World<F>, done: impl AsyncFn(&World<F>) -> bool) {
    for _ in 0..10 {
        world.poll().await;
        if done(world).await {
            return;
        }
        world.clock.advance(Span::from_mins(5));
    }
}

/// One request is a list of four events. They end apart: one fails, one kills its worker.
pub async fn listed<F: Functions>(world: &mut World<F>) {
    let webhook = Webhook::line(&["evt_1", "evt_2", "evt_3", "evt_4"]);
    world.runs.script("evt_2", [Script::Fail]);
    world.runs.script("evt_3", [Script::Die]);
    world.provider_sends(&webhook).await;
    world.settle().await;
    for key in webhook.keys() {
        world.expect_ending_or_dead(&key, Ending::Delivered, Class::Exhausted);
    }
}

/// The events of a list come again in other company: each of them is one event all the same.
pub async fn relisted<F: Functions>(world: &mut World<F>) {
    let first = Webhook::line(&["evt_1", "evt_2"]);
    let second = Webhook::line(&["evt_2", "evt_3", "evt_1"]);
    world.provider_sends(&first).await;
    world.provider_sends(&second).await;
    world.provider_sends(&second).await;
    world.settle().await;
    for key in second.keys() {
        world.expect_ending(&key, Ending::Delivered);
        world.expect_runs(&key, 1);
    }
}
