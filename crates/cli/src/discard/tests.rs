use super::*;
use crate::samples::{NOW, dead, delivered, memory, received, store};
use crate::show;
use holdfast_pipeline::memory::Memory;
use holdfast_pipeline::ports::EventStore;
use holdfast_testkit::faults::{Fault, Faults, Faulty};
use std::sync::Arc;

const REASON: &str = "the customer was told";

fn arguments(events: &[&str]) -> Arguments {
    let events = events.iter().map(|event| event_name::parse(event).unwrap()).collect();
    let stack = stack::Arguments::default();
    Arguments { events, reason: REASON.to_owned(), config: None, stack }
}

async fn discarded(memory: &Memory, events: &[&str], days: u64) -> Report {
    discard(memory, &arguments(events), |_| Span::from_days(days)).await
}

#[tokio::test]
async fn a_dead_event_is_let_go_and_says_why() {
    let (memory, record) = (memory(), dead(received("stripe", "evt_1"), NOW));
    store(&memory, &record).await;
    let report = discarded(&memory, &["stripe/evt_1"], 40).await;
    assert_eq!((report.text.as_str(), report.is_well), ("stripe/evt_1: discarded\n", true));
    let after = memory.events.read(record.key()).await.unwrap().unwrap();
    assert_eq!((after.state, after.place), (State::Processed, None));
    let processed = after.processed.unwrap();
    assert_eq!(processed.reason.as_deref(), Some(REASON));
    assert_eq!(processed.expires_at, NOW.plus(Span::from_days(40)));
    assert_eq!(memory.queue.len(), (0, 0));
    let shown = show::run(&memory, record.key()).await.unwrap().text;
    assert!(shown.contains("PROCESSED, discarded: the customer was told"), "{shown}");
}

#[tokio::test]
async fn nothing_but_dead_events_is_let_go() {
    let memory = memory();
    store(&memory, &received("stripe", "new")).await;
    store(&memory, &delivered(received("stripe", "done"), NOW)).await;
    store(&memory, &dead(received("stripe", "dead"), NOW)).await;
    let events = ["stripe/none", "stripe/new", "stripe/done", "stripe/dead", "stripe/dead"];
    let report = discarded(&memory, &events, 90).await;
    assert!(!report.is_well);
    assert_eq!(
        report.text,
        "stripe/none: there is no such event\n\
         stripe/new: it is RECEIVED: only dead events are discarded\n\
         stripe/done: it is finished already\n\
         stripe/dead: discarded\n\
         stripe/dead: it is finished already\n"
    );
}

#[tokio::test]
async fn an_error_neither_hides_what_was_discarded_nor_keeps_others_from_it() {
    let memory = Arc::new(memory());
    for key in ["a", "b", "c"] {
        store(&memory, &dead(received("stripe", key), NOW)).await;
    }
    let faults = Arc::new(Faults::default());
    // A read and a write for each.
    faults.arm(2 + 2, Fault::ErrorAfter);
    let ports = Faulty::new(&memory, &faults);
    let three = ["stripe/a", "stripe/b", "stripe/c"];
    let report = run(&ports, &arguments(&three)).await.unwrap();
    assert!(!report.is_well && !report.is_known);
    let lines: Vec<&str> = report.text.lines().collect();
    assert_eq!((lines[0], lines[2]), ("stripe/a: discarded", "stripe/c: discarded"));
    assert!(lines[1].starts_with("stripe/b: NOT KNOWN whether it was discarded: could not "));
    assert!(lines[3].starts_with("The same command may be given again"), "{}", report.text);
    let again = discarded(&memory, &three, 90).await;
    assert!(again.is_known, "{}", again.text);
    assert_eq!(again.text.matches("it is finished already").count(), 3, "{}", again.text);
}

#[test]
fn a_reason_says_something() {
    assert_eq!(reason(" a test "), Ok("a test".to_owned()));
    assert_eq!(reason(" "), Err("say why".to_owned()));
    assert_eq!(reason(&"ü".repeat(500)), Ok("ü".repeat(500)));
    assert_eq!(reason(&"ü".repeat(501)), Err("at most 500 characters".to_owned()));
}
