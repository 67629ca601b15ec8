//! A burst: many events at once, repeated and out of order, from several senders.

use super::eventually::{LATER, eventually_so};
use super::journey::Journey;
use super::signed::{Webhook, github, stripe, unique_id};
use super::world::shared;
use futures_util::future::join_all;
use holdfast_aws::random::SystemRandom;
use holdfast_domain::outcome::Ending;
use holdfast_pipeline::ports::Random;

const EVENTS: usize = 300;
const SENDERS: usize = 8;

#[tokio::test]
async fn each_event_of_a_burst_is_processed_once_and_none_is_lost() {
    let journey = &Journey::through(shared()).await;
    let events: Vec<Webhook> = (0..EVENTS).map(event).collect();
    // Every event twice, every third one three times, in no order at all.
    let repeated = events.iter().step_by(3);
    let mut posts: Vec<&Webhook> = events.iter().chain(&events).chain(repeated).collect();
    posts.sort_by_cached_key(|_| SystemRandom.number());

    let senders = posts.chunks(posts.len().div_ceil(SENDERS)).map(|share| async move {
        for webhook in share {
            journey.post_accepted(webhook).await;
        }
    });
    join_all(senders).await;

    for webhook in &events {
        let key = &webhook.key;
        let is_delivered = async || !journey.deliveries(key).is_empty();
        eventually_so(&format!("{key} is delivered"), LATER, is_delivered).await;
        let record = journey.wait_until_processed(key).await;
        assert_eq!(record.processed.map(|processed| processed.ending), Some(Ending::Delivered));
        assert_eq!((record.token, record.attempts), (1, 1), "{key} is claimed once");
    }
    for webhook in &events {
        assert_eq!(journey.deliveries(&webhook.key).len(), 1, "{} is delivered once", webhook.key);
    }
}

fn event(nth: usize) -> Webhook {
    let body = || format!(r#"{{"ref":"refs/heads/main","after":"{}"}}"#, unique_id());
    if nth.is_multiple_of(3) { github("application/json", body().into()) } else { stripe() }
}
