//! One fact for each metric that there is.

use holdfast_domain::record::{Origin, State};
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::Fact;
use holdfast_testkit::builders::{attempts, unique_key};

/// Facts that bring every metric about.
pub(super) fn facts() -> Vec<Fact> {
    let (source, cause) = ("stripe".to_owned(), "none".to_owned());
    let mut all = of_the_queue();
    all.extend(of_runs());
    all.extend([
        Fact::Accepted { key: unique_key(), kind: "a".to_owned(), origin: Origin::Webhook },
        Fact::Duplicate { key: unique_key(), state: State::Processed },
        Fact::KeyCollision { key: unique_key(), beside: unique_key() },
        Fact::Unparsable { key: unique_key() },
        Fact::EqualBody { key: unique_key(), other: unique_key() },
        Fact::NotTakenApart { source: source.clone(), items: 2 },
        Fact::Rejected { source: None, reason: "signature" },
        Fact::Handshake { source: source.clone() },
        Fact::SecretOffered { source: source.clone() },
        Fact::SecretUnavailable { source: source.clone(), cause: cause.clone() },
        Fact::PageNotFetched { source: source.clone(), cause: cause.clone() },
        Fact::NotStored { source, cause: cause.clone() },
        Fact::TicketNotSent { key: unique_key(), cause },
    ]);
    all
}

fn of_the_queue() -> Vec<Fact> {
    let (message, cause) = ("1".to_owned(), "none".to_owned());
    let settled = |state| {
        attempts(1).into_iter().map(move |log| Fact::Settled {
            key: unique_key(),
            to: "good".to_owned(),
            attempt: 1,
            log,
            state,
        })
    };
    let mut all: Vec<Fact> = State::ALL.into_iter().flat_map(settled).collect();
    all.extend([
        Fact::TicketUnreadable { message: message.clone(), cause: cause.clone() },
        Fact::TaskPanicked { message },
        Fact::NotClaimed { key: unique_key(), why: "busy" },
        Fact::Exhausted { key: unique_key(), attempt: 1 },
        Fact::Fenced { key: unique_key() },
        Fact::PutOff { key: unique_key(), why: "switched off" },
        Fact::Redriven { key: unique_key() },
        Fact::TicketFailed { key: unique_key(), cause: cause.clone() },
        Fact::BodyUnreadable { key: unique_key(), cause },
    ]);
    all
}

fn of_runs() -> Vec<Fact> {
    let source = "stripe".to_owned();
    vec![
        Fact::Swept {
            looked_at: 0,
            resent: 0,
            released: 0,
            failed: 0,
            visible: 0,
            lag: Span::ZERO,
            dead: 0,
            complete: true,
        },
        Fact::Renewed { looked_at: 0, renewed: 0, gone: 0, failed: 0, complete: true },
        Fact::Polled {
            source: source.clone(),
            listed: 0,
            known: 0,
            missed: 0,
            pending: 0,
            lag: Span::ZERO,
            complete: true,
        },
        Fact::PollFailed { source, cause: "none".to_owned() },
    ]
}
