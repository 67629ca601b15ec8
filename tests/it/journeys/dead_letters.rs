//! Events that cannot be delivered end in the dead-letter queue, are seen there, and come back by
//! a redrive from the console.

use super::endpoint::Answer;
use super::eventually::{SOON, eventually, eventually_so};
use super::journey::Journey;
use super::signed::{Webhook, stripe, stripe_of, unique_id};
use super::world::shared;
use holdfast_domain::outcome::Class;
use holdfast_domain::record::{Record, Room, State};

#[tokio::test]
async fn a_poison_event_is_redriven_once_its_destination_is_mended() {
    let journey = Journey::through(shared()).await;
    let (kind, path) = ("to.poisoned", "/poisoned");
    journey.world.endpoint.tell(path, Answer::Status(410));
    let webhook = stripe_of(kind);
    let record = dies(&journey, &webhook).await;
    assert_eq!(record.attempts, 1, "410 means never again");
    let death = record.death.expect("a dead record says why");
    assert_eq!((death.failure.class, death.failure.status), (Class::Status, Some(410)));

    journey.world.endpoint.tell(path, Answer::Status(200));
    let record = comes_back(&journey, &webhook).await;
    assert_eq!(journey.deliveries(&webhook.key).len(), 2, "{:?}", record.attempt_log);
}

#[tokio::test]
async fn an_event_that_exhausts_its_attempts_is_redriven_with_new_ones() {
    let journey = Journey::through(shared()).await;
    journey.world.endpoint.tell("/worn_out", Answer::Status(503));
    let webhook = stripe_of("to.worn_out");
    let record = dies(&journey, &webhook).await;
    assert_eq!(journey.deliveries(&webhook.key).len(), 3, "{:?}", record.attempt_log);

    journey.world.endpoint.tell("/worn_out", Answer::Status(200));
    let record = comes_back(&journey, &webhook).await;
    assert_eq!(record.attempts, 1, "they are counted anew");
}

/// It is not ours; but it must not take its batch along, and somebody has to see it.
#[tokio::test]
async fn a_message_that_is_no_ticket_ends_in_the_dead_letter_queue_and_hurts_nobody() {
    let journey = Journey::through(shared()).await;
    let garbage = format!("not a ticket {}", unique_id());
    let webhooks = [stripe(), stripe(), stripe()];
    journey.send_to_queue(&garbage).await;
    for webhook in &webhooks {
        journey.post_accepted(webhook).await;
    }
    for webhook in &webhooks {
        let record = journey.wait_until_processed(&webhook.key).await;
        assert_eq!(record.attempts, 1);
    }
    let arrived = async || journey.dead_letter(|message| message.body() == Some(&garbage)).await;
    eventually("the garbage is in the dead-letter queue", SOON, arrived).await;
}

/// Waits until the event is dead, listed as dead, and its ticket in the dead-letter queue.
async fn dies(journey: &Journey<'_>, webhook: &Webhook) -> Record {
    journey.post_accepted(webhook).await;
    let key = &webhook.key;
    let record = journey.wait_until(key, State::Dead, SOON).await;
    let listed = async || journey.lists(Room::Dead, key).await;
    eventually_so("it is listed as dead", SOON, listed).await;
    journey.wait_for_dead_letter(key).await;
    record
}

/// Redrives the ticket and waits until the event is processed and no longer listed.
async fn comes_back(journey: &Journey<'_>, webhook: &Webhook) -> Record {
    let key = &webhook.key;
    journey.redrive_as_the_console_does(key).await;
    let record = journey.wait_until_processed(key).await;
    assert_eq!(record.replays, 1);
    let unlisted = async || !journey.lists(Room::Dead, key).await;
    eventually_so("it is not listed as dead", SOON, unlisted).await;
    record
}
