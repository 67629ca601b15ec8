//! A destination that is down, and comes up again: what it missed is delivered.

use super::endpoint::{Answer, Delivery, Endpoint};
use super::eventually::{LATER, SOON, eventually, eventually_so};
use super::journey::Journey;
use super::signed::stripe_of;
use super::world::{down_port, shared};
use holdfast_domain::outcome::Ending;
use holdfast_domain::record::{Record, RecordKey, State};
use std::time::Duration;

/// Retries come with backoff, under one `Idempotency-Key`, and each is in the record.
#[tokio::test]
async fn what_failed_is_tried_again_until_it_is_delivered() {
    let journey = Journey::through(shared()).await;
    journey.world.endpoint.tell("/failing", Answer::Status(500));
    let webhook = stripe_of("to.failing");
    journey.post_accepted(&webhook).await;
    let tried = async || (journey.deliveries(&webhook.key).len() >= 3).then_some(());
    eventually("three attempts", LATER, tried).await;
    journey.world.endpoint.tell("/failing", Answer::Status(204));
    let record = delivered(&journey, &webhook.key).await;

    let deliveries = journey.deliveries(&webhook.key);
    assert_eq!(record.attempts as usize, deliveries.len());
    let (last, before) = record.attempt_log.split_last().expect("attempts");
    assert!(before.iter().all(|attempt| attempt.status == Some(500)), "{before:?}");
    assert_eq!(last.result, Ending::Delivered.as_str());
    assert!(gaps(&deliveries).iter().all(|gap| *gap >= A_SECOND), "{:?}", gaps(&deliveries));
    assert!(deliveries.iter().all(|delivery| delivery.body == webhook.body));
}

/// The shortest wait between two attempts, less what the emulator's clocks differ by.
const A_SECOND: Duration = Duration::from_millis(900);

#[tokio::test]
async fn retry_after_is_heard() {
    let journey = Journey::through(shared()).await;
    // The cap of the destination's policy; the backoff alone would mostly be shorter.
    journey.world.endpoint.tell("/patient", Answer::RetryAfter(429, 4));
    let webhook = stripe_of("to.patient");
    journey.post_accepted(&webhook).await;
    let tried = async || (journey.deliveries(&webhook.key).len() >= 3).then_some(());
    eventually("three attempts", LATER, tried).await;
    journey.world.endpoint.tell("/patient", Answer::Status(200));
    delivered(&journey, &webhook.key).await;
    let gaps = gaps(&journey.deliveries(&webhook.key));
    assert!(gaps.iter().all(|gap| *gap >= Duration::from_millis(3900)), "{gaps:?}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up_and_tried_again() {
    let journey = Journey::through(shared()).await;
    journey.world.endpoint.tell("/silent", Answer::Hold);
    let webhook = stripe_of("to.silent");
    journey.post_accepted(&webhook).await;
    let failed =
        async || journey.record(&webhook.key).await.filter(|seen| !seen.attempt_log.is_empty());
    let record = eventually("a failed attempt", SOON, failed).await;
    assert_eq!(record.attempt_log[0].status, None, "there was no answer: {:?}", record.attempt_log);
    assert_ne!(record.state, State::Processed);
    journey.world.endpoint.tell("/silent", Answer::Status(200));
    delivered(&journey, &webhook.key).await;
}

#[tokio::test]
async fn a_destination_that_refuses_connections_gets_its_events_when_it_is_up() {
    let journey = Journey::through(shared()).await;
    let webhook = stripe_of("to.down");
    journey.post_accepted(&webhook).await;
    let tried =
        async || journey.record(&webhook.key).await.is_some_and(|seen| seen.attempt_log.len() >= 2);
    eventually_so("two attempts", SOON, tried).await;
    let endpoint = Endpoint::start_at(down_port());
    let record = delivered(&journey, &webhook.key).await;
    assert!(record.attempts >= 3);
    assert_eq!(endpoint.deliveries_of(&webhook.key.idempotency_key()).len(), 1);
}

async fn delivered(journey: &Journey<'_>, key: &RecordKey) -> Record {
    let record = journey.wait_until(key, State::Processed, LATER).await;
    let ending = record.processed.as_ref().map(|processed| processed.ending);
    assert_eq!(ending, Some(Ending::Delivered));
    record
}

fn gaps(deliveries: &[Delivery]) -> Vec<Duration> {
    deliveries.windows(2).map(|two| two[1].at.duration_since(two[0].at)).collect()
}
