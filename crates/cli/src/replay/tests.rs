use super::*;
use crate::samples::{NOW, dead, delivered, memory, received, store};
use holdfast_domain::time::Span;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::ports::EventStore;
use holdfast_testkit::faults::{Fault, Faults, Faulty};
use std::sync::Arc;

fn arguments(events: &[&str], force: bool) -> Arguments {
    let events = events.iter().map(|event| event_name::parse(event).unwrap()).collect();
    Arguments { events, force, config: None, stack: stack::Arguments::default() }
}

async fn replayed(memory: &Memory, events: &[&str], force: bool) -> Report {
    run(memory, &arguments(events, force)).await.unwrap()
}

#[tokio::test]
async fn a_dead_event_is_brought_back_with_a_ticket() {
    let (memory, record) = (memory(), dead(received("stripe", "evt_1"), NOW));
    store(&memory, &record).await;
    let report = replayed(&memory, &["stripe/evt_1"], false).await;
    assert_eq!((report.text.as_str(), report.is_well), ("stripe/evt_1: replayed\n", true));
    let after = memory.events.read(record.key()).await.unwrap().unwrap();
    assert_eq!((after.state, after.replays), (State::Received, 1));
    assert_eq!(memory.queue.len(), (1, 0));
}

#[tokio::test]
async fn a_finished_event_runs_again_only_by_force_and_as_another() {
    let (memory, record) = (memory(), delivered(received("stripe", "evt_1"), NOW));
    store(&memory, &record).await;
    let report = replayed(&memory, &["stripe/evt_1"], false).await;
    assert!(!report.is_well);
    assert_eq!(report.text, "stripe/evt_1: it is finished; --force runs it once more\n");
    assert_eq!(memory.queue.len(), (0, 0));
    let report = replayed(&memory, &["stripe/evt_1"], true).await;
    assert!(report.is_well);
    assert_eq!(report.text, "stripe/evt_1: replayed as R#stripe#evt_1#1\n");
    assert_eq!(memory.queue.len(), (1, 0));
    let first = memory.events.read(record.key()).await.unwrap().unwrap();
    assert_eq!(first.state, State::Processed);
}

#[tokio::test]
async fn each_event_is_answered_for() {
    let memory = memory();
    store(&memory, &received("stripe", "new")).await;
    store(&memory, &dead(received("stripe", "dead"), NOW)).await;
    let report = replayed(&memory, &["stripe/none", "stripe/new", "stripe/dead"], true).await;
    assert!(!report.is_well);
    assert_eq!(
        report.text,
        "stripe/none: there is no such event\n\
         stripe/new: it is RECEIVED: only dead events are replayed\n\
         stripe/dead: replayed\n"
    );
}

#[tokio::test]
async fn a_ticket_that_could_not_be_sent_is_said_to_be_late() {
    let (memory, record) = (Arc::new(memory()), dead(received("stripe", "evt_1"), NOW));
    store(&memory, &record).await;
    let faults = Arc::new(Faults::default());
    // A read, a write, and then the send.
    faults.arm(3, Fault::ErrorBefore);
    let ports = Faulty::new(&memory, &faults);
    let report = run(&ports, &arguments(&["stripe/evt_1"], false)).await.unwrap();
    assert_eq!(faults.noticed(), 1);
    assert!(report.is_well);
    assert_eq!(
        report.text,
        "stripe/evt_1: replayed; its ticket could not be sent, the sweep sends one within a few \
         minutes\n"
    );
    let after = memory.events.read(record.key()).await.unwrap().unwrap();
    assert_eq!((after.state, memory.queue.len()), (State::Received, (0, 0)));
}

#[tokio::test]
async fn the_body_of_a_forced_replay_is_kept_for_as_long_as_it_is_told() {
    let (memory, record) = (memory(), delivered(received("stripe", "evt_1"), NOW));
    store(&memory, &record).await;
    let days = Span::from_days(30);
    let report = replay(&memory, &arguments(&["stripe/evt_1"], true), days).await.unwrap();
    assert!(report.is_well, "{}", report.text);
    let new = memory.events.read(&record.key().replay(1)).await.unwrap().unwrap();
    assert_eq!(new.event.body.kept_until, NOW.plus(days));
}
