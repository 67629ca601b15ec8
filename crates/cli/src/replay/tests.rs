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
    let report = replay(&memory, &arguments(&["stripe/evt_1"], true), days).await;
    assert!(report.is_well, "{}", report.text);
    let new = memory.events.read(&record.key().replay(1)).await.unwrap().unwrap();
    assert_eq!(new.event.body.kept_until, NOW.plus(days));
}

/// What went wrong with the second of three, at a call whose answer was lost.
async fn second_of_three_lost(memory: &Arc<Memory>, call: usize, force: bool) -> Report {
    let faults = Arc::new(Faults::default());
    faults.arm(call, Fault::ErrorAfter);
    let ports = Faulty::new(memory, &faults);
    let three = ["stripe/a", "stripe/b", "stripe/c"];
    let report = run(&ports, &arguments(&three, force)).await.unwrap();
    assert_eq!(faults.noticed(), 1);
    report
}

#[tokio::test]
async fn an_error_neither_hides_what_was_forced_nor_keeps_others_from_it() {
    let memory = Arc::new(memory());
    for key in ["a", "b", "c"] {
        store(&memory, &delivered(received("stripe", key), NOW)).await;
    }
    // Seven calls for the first: four reads, the new body, the new record, the ticket.
    let report = second_of_three_lost(&memory, 7 + 6, true).await;
    assert!(!report.is_well && !report.is_known);
    let lines: Vec<&str> = report.text.lines().collect();
    assert_eq!(lines[0], "stripe/a: replayed as R#stripe#a#1");
    assert!(lines[1].starts_with("stripe/b: NOT KNOWN whether it was replayed: could not "));
    assert_eq!(lines[2], "stripe/c: replayed as R#stripe#c#1");
    assert!(lines[3].starts_with("Do not give the same command again"), "{}", report.text);
    assert!(!report.text.contains("may be given again"), "{}", report.text);
    // What the advice says to look at is what there is.
    let made = memory.events.read(&event_name::parse("R#stripe#b#1").unwrap()).await.unwrap();
    assert!(made.is_some());
}

#[tokio::test]
async fn a_replay_that_is_not_known_may_be_repeated() {
    let memory = Arc::new(memory());
    for key in ["a", "b", "c"] {
        store(&memory, &dead(received("stripe", key), NOW)).await;
    }
    // A read, a write, a send for the first.
    let report = second_of_three_lost(&memory, 3 + 2, false).await;
    assert!(!report.is_well && !report.is_known);
    let lines: Vec<&str> = report.text.lines().collect();
    assert_eq!((lines[0], lines[2]), ("stripe/a: replayed", "stripe/c: replayed"));
    assert!(lines[1].starts_with("stripe/b: NOT KNOWN whether it was replayed: could not "));
    assert!(lines[3].starts_with("The same command may be given again"), "{}", report.text);
    let again = replayed(&memory, &["stripe/a", "stripe/b", "stripe/c"], false).await;
    assert!(again.is_known, "{}", again.text);
    for key in ["a", "b", "c"] {
        let line = format!("stripe/{key}: it is RECEIVED: only dead events are replayed\n");
        assert!(again.text.contains(&line), "{}", again.text);
    }
}
