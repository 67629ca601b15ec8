use super::*;
use crate::samples::{NOW, dead, delivered, memory, parked, received, running, store, waiting};
use holdfast_domain::time::Span;

fn arguments() -> Arguments {
    Arguments { limit: 50, ..Arguments::default() }
}

async fn listed(records: &[Record], arguments: &Arguments) -> String {
    let memory = memory();
    for record in records {
        store(&memory, record).await;
    }
    run(&memory, arguments).await.unwrap().text
}

fn one_of_each() -> Vec<Record> {
    let later = NOW.plus(Span::from_mins(60));
    vec![
        received("stripe", "new"),
        running(received("stripe", "running"), NOW.plus(Span::from_secs(30))),
        waiting(received("github", "waiting"), later),
        parked(received("github", "parked")),
        dead(received("stripe", "dead"), NOW.plus(Span::from_secs(1))),
        delivered(received("stripe", "done"), NOW),
    ]
}

#[tokio::test]
async fn what_is_not_finished_is_listed_the_dead_first() {
    assert_eq!(
        listed(&one_of_each(), &arguments()).await,
        "\
STATE       EVENT           KIND          RECEIVED                  ATTEMPTS  SINCE/UNTIL
DEAD        stripe/dead     invoice.paid  2023-11-14T22:13:20.000Z  1         2023-11-14T22:13:21.000Z
parked      github/parked   invoice.paid  2023-11-14T22:13:20.000Z  0
waiting     github/waiting  invoice.paid  2023-11-14T22:13:20.000Z  1         2023-11-14T23:13:20.000Z
RECEIVED    stripe/new      invoice.paid  2023-11-14T22:13:20.000Z  0
PROCESSING  stripe/running  invoice.paid  2023-11-14T22:13:20.000Z  1         2023-11-14T22:13:50.000Z
"
    );
}

#[tokio::test]
async fn one_room_or_one_source() {
    let dead = Arguments { dead: true, ..arguments() };
    let listed_dead = listed(&one_of_each(), &dead).await;
    assert_eq!(listed_dead.lines().count(), 2, "{listed_dead}");
    let github = Arguments { source: Some("github".to_owned()), ..arguments() };
    let listed_github = listed(&one_of_each(), &github).await;
    assert!(!listed_github.contains("stripe"), "{listed_github}");
    assert_eq!(listed_github.lines().count(), 3, "{listed_github}");
}

#[tokio::test]
async fn nothing_is_said_to_be_nothing() {
    assert_eq!(listed(&[], &arguments()).await, "Nothing: every event is finished.\n");
    let dead = Arguments { dead: true, ..arguments() };
    assert_eq!(listed(&[received("stripe", "new")], &dead).await, "Nothing like that.\n");
}

#[tokio::test]
async fn the_oldest_come_first_and_the_rest_is_announced() {
    let records: Vec<Record> = (0..250u64)
        .map(|nth| dead(received("stripe", &nth.to_string()), NOW.plus(Span::from_secs(nth))))
        .collect();
    let few = Arguments { limit: 3, ..arguments() };
    let text = listed(&records, &few).await;
    let events: Vec<&str> =
        text.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(events[..4], ["EVENT", "stripe/0", "stripe/1", "stripe/2"], "{text}");
    assert!(text.ends_with("There are more dead events; see --limit and --source.\n"), "{text}");
    let all = Arguments { limit: 250, ..arguments() };
    let text = listed(&records, &all).await;
    assert_eq!(text.lines().count(), 251);
}
