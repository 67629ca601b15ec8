use super::*;
use crate::samples::{NOW, dead, delivered, memory, parked, received, running, store, waiting};
use holdfast_domain::outcome::Attempt;
use holdfast_domain::time::Span;

async fn shown(record: &Record) -> String {
    let memory = memory();
    store(&memory, record).await;
    let report = run(&memory, record.key()).await.unwrap();
    assert!(report.is_well);
    report.text
}

/// The last line: what happens next.
async fn next(record: &Record) -> String {
    shown(record).await.lines().last().unwrap_or_default().to_owned()
}

fn failed(at_secs: u64) -> Attempt {
    Attempt {
        at: NOW.plus(Span::from_secs(at_secs)),
        took: Span::from_millis(250),
        result: "retry".to_owned(),
        status: Some(503),
        error: Some("status: Service Unavailable".to_owned()),
    }
}

#[tokio::test]
async fn a_whole_life() {
    let done = Attempt { result: "delivered".to_owned(), status: None, error: None, ..failed(80) };
    let at = NOW.plus(Span::from_millis(80_250));
    let mut record = delivered(received("stripe", "evt_1"), at);
    (record.attempts, record.replays) = (3, 1);
    record.attempt_log = vec![failed(0), failed(12), done];
    let hash = record.event.body.hash.hex();
    assert_eq!(
        shown(&record).await,
        format!(
            "\
event      stripe/evt_1
state      PROCESSED
kind       invoice.paid
entity     in_1, version 7
origin     webhook
body       2 bytes, kept until 2024-01-13T22:13:20.000Z, sha256 {hash}
attempts   3
replays    1

2023-11-14T22:13:20.000Z  received; it happened at 2023-11-14T22:13:18.000Z, says the sender
2023-11-14T22:13:20.000Z  retry after 250 ms, HTTP 503: status: Service Unavailable
                          waited 11.7 s
2023-11-14T22:13:32.000Z  retry after 250 ms, HTTP 503: status: Service Unavailable
                          waited 1 min 7 s
2023-11-14T22:14:40.000Z  delivered after 250 ms
2023-11-14T22:14:40.250Z  PROCESSED, delivered

It is finished. It is remembered until 2024-02-12T22:14:40.250Z; repetitions are ignored.
"
        )
    );
}

#[tokio::test]
async fn a_dead_event_says_why_and_how_to_go_on() {
    let text = shown(&dead(received("stripe", "evt_1"), NOW.plus(Span::from_secs(1)))).await;
    let end = "\
2023-11-14T22:13:20.880Z  reject after 120 ms, HTTP 410: status: no more
2023-11-14T22:13:21.000Z  DEAD, status 410: no \u{fffd}[2J more

It is quiet until an operator replays it (holdfast replay stripe/evt_1), lets it go (holdfast \
discard stripe/evt_1 --reason \"…\"), or redrives its ticket from the dead-letter queue.
";
    assert!(text.ends_with(end), "{text}");
}

#[tokio::test]
async fn what_happens_next_in_every_state() {
    let event = || received("stripe", "evt_1");
    let hour = NOW.plus(Span::from_mins(60));
    assert_eq!(
        next(&event()).await,
        "Its ticket is in the queue since 2023-11-14T22:13:20.000Z. If that ticket is lost, the \
         sweep sends another in 2 min 0 s (2023-11-14T22:15:20.000Z)."
    );
    assert!(
        next(&Record { next_attempt_at: NOW.plus(Span::from_secs(30)), ..event() })
            .await
            .starts_with("Its ticket shows again in the queue in 30.0 s")
    );
    assert_eq!(
        next(&waiting(event(), hour)).await,
        "It waits for its next attempt, in 1 h 0 min (2023-11-14T23:13:20.000Z); the sweep then \
         sends a ticket."
    );
    assert!(next(&parked(event())).await.starts_with("It is parked"));
    assert!(next(&running(event(), hour)).await.starts_with("Attempt 1 is running."));
    assert!(next(&running(event(), NOW)).await.contains("never came to an end"));
}

#[tokio::test]
async fn a_body_that_is_gone_is_said_to_be() {
    let memory = memory();
    let record = received("stripe", "evt_1");
    store(&memory, &record).await;
    memory.bodies.lose(&record.event.body.key);
    let text = run(&memory, record.key()).await.unwrap().text;
    assert!(text.contains("body       gone"), "{text}");
}

#[tokio::test]
async fn an_event_that_is_not_there() {
    let report = run(&memory(), received("stripe", "evt_1").key()).await.unwrap();
    assert!(!report.is_well);
    assert_eq!(report.text, "There is no event stripe/evt_1.\n");
}
