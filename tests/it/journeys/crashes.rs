//! Processors that are killed in the middle of a batch, again and again: nothing is lost.
#![cfg(target_os = "linux")]

use super::endpoint::Answer;
use super::eventually::{LATER, SOON, eventually, eventually_so};
use super::journey::Journey;
use super::signed::{Webhook, stripe_of};
use super::stack::{binary, send_signal};
use super::world::{Setting, To, World};
use holdfast_domain::outcome::Ending;
use holdfast_domain::record::State;
use std::fs;
use std::path::{Path, PathBuf};

const ROUNDS: usize = 3;
const EVENTS_OF_A_ROUND: usize = 12;

#[tokio::test]
async fn nothing_is_lost_when_processors_are_killed_in_mid_batch() {
    let destinations = vec![To::path("held", 20)];
    let world = World::deploy("crashes", Setting { destinations, ..Setting::default() });
    let journey = &Journey::through(&world).await;
    let mut events: Vec<Webhook> = Vec::new();
    let mut killed = 0;
    for _ in 0..ROUNDS {
        world.endpoint.tell("/held", Answer::Hold);
        let round: Vec<_> = (0..EVENTS_OF_A_ROUND).map(|_| stripe_of("to.held")).collect();
        for webhook in &round {
            journey.post_accepted(webhook).await;
        }
        // In mid-batch: claimed, called, not settled.
        let running = async || {
            let called =
                round.iter().filter(|webhook| !journey.deliveries(&webhook.key).is_empty());
            called.count() >= EVENTS_OF_A_ROUND / 2
        };
        eventually_so("half of the round is being delivered", SOON, running).await;
        killed += kill_processors(&world);
        world.endpoint.tell("/held", Answer::Status(200));
        events.extend(round);
    }
    assert!(killed >= ROUNDS, "{killed} processors were killed");
    let mut unsettled = 0;
    for webhook in &events {
        let record = journey.record(&webhook.key).await.expect("a 2xx means that it is stored");
        unsettled += usize::from(record.state != State::Processed);
    }
    assert!(unsettled >= EVENTS_OF_A_ROUND / 2, "only {unsettled} events were hit");

    // Most tickets show again by themselves; the sweep is for those that do not.
    let all_processed = async || {
        journey.invoke_reconciler("sweep").await;
        for webhook in &events {
            let record = journey.record(&webhook.key).await?;
            record.processed.filter(|processed| processed.ending == Ending::Delivered)?;
        }
        Some(())
    };
    eventually("every event is processed", LATER, all_processed).await;
    for webhook in &events {
        let deliveries = journey.deliveries(&webhook.key);
        assert!(!deliveries.is_empty(), "{} is delivered", webhook.key);
        assert!(deliveries.iter().all(|delivery| delivery.body == webhook.body));
    }
}

/// A ticket that is lost for good, and its worker with it: only the sweep is left.
#[tokio::test]
async fn an_event_whose_worker_and_ticket_are_gone_is_found_by_the_sweep() {
    let destinations = vec![To::path("held", 20)];
    let world = World::deploy("abandoned", Setting { destinations, ..Setting::default() });
    let journey = &Journey::through(&world).await;
    world.endpoint.tell("/held", Answer::Hold);
    let webhook = stripe_of("to.held");
    journey.post_accepted(&webhook).await;
    let called = async || !journey.deliveries(&webhook.key).is_empty();
    eventually_so("it is being delivered", SOON, called).await;
    assert!(kill_processors(&world) > 0);
    journey.lose_all_tickets().await;
    world.endpoint.tell("/held", Answer::Status(200));

    let lapsed = async || {
        let record = journey.record(&webhook.key).await?;
        assert_eq!(record.state, State::Processing, "nobody else has it");
        record.lease_until.filter(|until| *until < journey.now())
    };
    eventually("the claim has lapsed", SOON, lapsed).await;
    journey.let_ten_minutes_pass_for(&webhook.key).await;
    let report = journey.invoke_reconciler("sweep").await;
    assert_eq!(report["resent"], 1, "{report}");
    let record = journey.wait_until_processed(&webhook.key).await;
    assert_eq!((record.attempts, record.token), (2, 2));
    assert_eq!(journey.deliveries(&webhook.key).len(), 2);
}

/// `kill -9` of every processor of a world; how many there were.
fn kill_processors(world: &World) -> usize {
    let processor = fs::metadata(binary("processor")).expect("it is built").len();
    let of_this_world = world.deployment.folder.canonicalize().expect("the stack's folder");
    let is_processor = |program: &Path| {
        // All three functions are unpacked as `bootstrap`.
        program.starts_with(&of_this_world)
            && fs::metadata(program).is_ok_and(|found| found.len() == processor)
    };
    let running: Vec<u32> =
        processes().filter(|(_, program)| is_processor(program)).map(|(pid, _)| pid).collect();
    running.iter().for_each(|pid| send_signal("KILL", *pid));
    running.len()
}

/// All processes that we may look at, and their programs.
fn processes() -> impl Iterator<Item = (u32, PathBuf)> {
    let entries = fs::read_dir("/proc").expect("Linux").filter_map(Result::ok);
    entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        Some((pid, fs::read_link(entry.path().join("exe")).ok()?))
    })
}
