//! What the log and the metrics say of each fact: operators search and alarm by these words.

use holdfast_domain::outcome::Attempt;
use holdfast_domain::record::{Origin, RecordKey, State};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::facts::{Fact, Facts, KeptFacts};

fn key() -> RecordKey {
    RecordKey::parse("E#stripe#evt_1").expect("a key")
}

fn settled(state: State, error: Option<&str>) -> Fact {
    let log = Attempt {
        at: Timestamp::EPOCH,
        took: Span::from_millis(1234),
        result: "retry".to_owned(),
        status: error.map(|_| 503),
        error: error.map(str::to_owned),
    };
    Fact::Settled { key: key(), to: "billing".to_owned(), attempt: 2, log, state }
}

/// Everything that is said of a fact, in one line.
fn shown(fact: &Fact) -> String {
    let fields: Vec<String> =
        fact.fields().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let points = fact.points();
    let points: Vec<String> = points
        .iter()
        .map(|point| format!("{} {} {}", point.name, point.value, point.unit))
        .collect();
    let about =
        fact.source().unwrap_or("-").to_owned() + if fact.key().is_some() { " key" } else { "" };
    let (level, message) = (fact.level(), fact.message());
    format!("{level:?} | {message} | {about} | {} | {}", fields.join(" "), points.join(", "))
}

fn of_requests() -> Vec<(Fact, &'static str)> {
    let (source, cause) = ("stripe".to_owned(), "down".to_owned());
    vec![
        (
            Fact::Accepted { key: key(), kind: "paid".to_owned(), origin: Origin::Webhook },
            "Info | event accepted | stripe key | kind=paid origin=webhook | EventsAccepted 1 Count",
        ),
        (
            Fact::Duplicate { key: key(), state: State::Dead },
            "Info | event arrived again | stripe key | state=DEAD | DuplicateEvents 1 Count",
        ),
        (
            Fact::KeyCollision { key: key(), beside: key().replay(1) },
            "Error | two events share a key | stripe key | beside=R#stripe#evt_1#1 | KeyCollisions 1 Count",
        ),
        (
            Fact::Unparsable { key: key() },
            "Warning | signed body could not be parsed | stripe key |  | UnparsableBodies 1 Count",
        ),
        (
            Fact::Rejected { source: None, reason: "unknown_source" },
            "Info | request rejected | - | reason=unknown_source | RejectedRequests 1 Count",
        ),
        (
            Fact::Rejected { source: Some(source.clone()), reason: "mismatch" },
            "Info | request rejected | stripe | reason=mismatch | RejectedRequests 1 Count",
        ),
        (
            Fact::Handshake { source: source.clone() },
            "Info | handshake answered | stripe |  | Handshakes 1 Count",
        ),
        (
            Fact::SecretUnavailable { source: source.clone(), cause: cause.clone() },
            "Error | source has no usable secret | stripe | cause=down | SecretUnavailable 1 Count",
        ),
        (
            Fact::EqualBody { key: key(), other: key().replay(1) },
            "Warning | equal body under another key | stripe key | other=R#stripe#evt_1#1 | EqualBodies 1 Count",
        ),
        (
            Fact::NotTakenApart { source: source.clone(), items: 900 },
            "Warning | list too long, stored as one event | stripe | items=900 | ListsNotTakenApart 1 Count",
        ),
        (
            Fact::SecretOffered { source: source.clone() },
            "Warning | secret offered, see holdfast offers | stripe |  | SecretsOffered 1 Count",
        ),
        (
            Fact::PageNotFetched { source: source.clone(), cause: cause.clone() },
            "Error | provider's page could not be fetched | stripe | cause=down | PagesNotFetched 1 Count",
        ),
        (
            Fact::NotStored { source, cause },
            "Error | event could not be stored | stripe | cause=down | EventsNotStored 1 Count",
        ),
    ]
}

fn of_tickets() -> Vec<(Fact, &'static str)> {
    let (id, cause) = ("m1".to_owned(), "down".to_owned());
    vec![
        (
            Fact::TicketNotSent { key: key(), cause: cause.clone() },
            "Warning | ticket could not be sent, the sweep will | stripe key | cause=down | TicketsNotSent 1 Count",
        ),
        (
            Fact::TicketUnreadable { message: id.clone(), cause: cause.clone() },
            "Error | queue message is not a ticket | - | message_id=m1 cause=down | UnreadableTickets 1 Count",
        ),
        (
            Fact::TaskPanicked { message: id },
            "Error | a ticket's task panicked | - | message_id=m1 | PanickedTasks 1 Count",
        ),
        (
            Fact::NotClaimed { key: key(), why: "not due yet" },
            "Info | claim not granted | stripe key | why=not due yet | ClaimsNotGranted 1 Count",
        ),
        (
            settled(State::Processed, None),
            "Info | attempt settled | stripe key | to=billing state=PROCESSED attempt=2 result=retry took_ms=1234 | EventsProcessed 1 Count, AttemptDuration 1234 Milliseconds",
        ),
        (
            settled(State::Received, Some("no")),
            "Warning | attempt settled | stripe key | to=billing state=RECEIVED attempt=2 result=retry took_ms=1234 status=503 error=no | AttemptsToRepeat 1 Count, AttemptDuration 1234 Milliseconds",
        ),
        (
            settled(State::Dead, Some("no")),
            "Error | attempt settled | stripe key | to=billing state=DEAD attempt=2 result=retry took_ms=1234 status=503 error=no | EventsDied 1 Count, AttemptDuration 1234 Milliseconds",
        ),
        (
            Fact::Exhausted { key: key(), attempt: 4 },
            "Error | event died, its attempts were never settled | stripe key | attempt=4 | EventsDied 1 Count",
        ),
        (
            Fact::Fenced { key: key() },
            "Warning | another worker took over | stripe key |  | FencedWrites 1 Count",
        ),
        (
            Fact::PutOff { key: key(), why: "switched off" },
            "Info | event put off | stripe key | why=switched off | EventsPutOff 1 Count",
        ),
        (
            Fact::Redriven { key: key() },
            "Info | dead event redriven | stripe key |  | EventsRedriven 1 Count",
        ),
        (
            Fact::TicketFailed { key: key(), cause },
            "Warning | ticket could not be worked on, it comes back | stripe key | cause=down | TicketsFailed 1 Count",
        ),
        (
            Fact::BodyUnreadable { key: key(), cause: "denied".to_owned() },
            "Warning | body could not be read, its event comes back | stripe key | cause=denied | BodiesUnreadable 1 Count",
        ),
    ]
}

fn of_runs() -> Vec<(Fact, &'static str)> {
    let lag = Span::from_millis(61_001);
    let source = "stripe".to_owned();
    vec![
        (
            Fact::Swept {
                looked_at: 1,
                resent: 2,
                released: 3,
                failed: 4,
                visible: 5,
                lag,
                dead: 6,
                complete: true,
            },
            "Info | sweep over | - | looked_at=1 resent=2 released=3 failed=4 visible=5 lag_secs=62 dead=6 complete=true | SweepCompleted 1 Count, TicketsResent 2 Count, EventsReleased 3 Count, SweepFailures 4 Count, DeadEvents 6 Count, QueueLag 62 Seconds",
        ),
        (
            Fact::Renewed { looked_at: 1, renewed: 2, gone: 3, failed: 4, complete: false },
            "Info | bodies renewed | - | looked_at=1 renewed=2 gone=3 failed=4 complete=false | BodiesRenewed 2 Count, BodiesGone 3 Count, RenewFailures 4 Count",
        ),
        (
            Fact::Polled {
                source: source.clone(),
                listed: 1,
                known: 2,
                missed: 3,
                pending: 4,
                lag,
                complete: true,
            },
            "Info | poll over | stripe | listed=1 known=2 missed=3 pending=4 lag_secs=62 complete=true | PollListed 1 Count, PollMissed 3 Count, PollLag 62 Seconds",
        ),
        (
            Fact::PollFailed { source, cause: "401".to_owned() },
            "Error | poll failed | stripe | cause=401 | PollFailures 1 Count",
        ),
        (
            Fact::SweepFailed { key: key(), cause: "down".to_owned() },
            "Warning | record could not be swept, the next sweep will | stripe key | cause=down | ",
        ),
        (
            Fact::RenewFailed { key: key(), cause: "down".to_owned() },
            "Warning | body could not be renewed, the next pass will | stripe key | cause=down | ",
        ),
        (
            Fact::Missed { key: key(), kind: "paid".to_owned() },
            "Warning | poll found a missed event | stripe key | kind=paid | ",
        ),
        (
            Fact::Ordered { key: key(), order: "replay" },
            "Info | operator's order carried out | stripe key | order=replay | ",
        ),
    ]
}

#[test]
fn each_fact_says_what_operators_look_for() {
    for (fact, wanted) in of_requests().into_iter().chain(of_tickets()).chain(of_runs()) {
        assert_eq!(shown(&fact), wanted);
        if let Some(about) = fact.key() {
            assert_eq!(*about, key());
        }
    }
}

#[test]
fn facts_are_kept_in_their_order_and_taken_once() {
    let kept = KeptFacts::default();
    let facts = [Fact::Fenced { key: key() }, Fact::Redriven { key: key() }];
    facts.clone().into_iter().for_each(|fact| kept.record(fact));
    assert_eq!((kept.take(), kept.take()), (facts.to_vec(), Vec::new()));
}
