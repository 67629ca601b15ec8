use super::*;
use crate::samples::{NOW, dead, delivered, memory, received, store};
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::ports::EventStore;

async fn replayed(memory: &Memory, events: &[&str], force: bool) -> Report {
    let events = events.iter().map(|event| event_name::parse(event).unwrap()).collect();
    let arguments = Arguments { events, force, stack: stack::Arguments::default() };
    run(memory, &arguments).await.unwrap()
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
