//! Every transition, and records that differ in one attribute at a time: enough for each
//! condition of each guard to decide alone in both directions.

use crate::builders::{
    DEDUPE_WINDOW, NOW, ago, body_ref, claim, dead, event, lapsed, later, nonce, processed,
    processing, received, request, stranded, terms, waiting,
};
use holdfast_domain::effect::Effect;
use holdfast_domain::lifecycle::accept::{Taken, taken};
use holdfast_domain::lifecycle::operator::{Replay, discard};
use holdfast_domain::lifecycle::{Update, defer, renew, sweep};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::{BodyPlace, Death, Place, Processed, Record, RecordKey, Room, State};
use holdfast_domain::time::{Span, Timestamp};

/// Makes a record of one shape under a key.
pub(super) type Shape = fn(&RecordKey) -> Record;

/// Makes one transition's update for the record under a key.
pub(super) type Wish = fn(&RecordKey) -> Update;

const MINUTE: Span = Span::from_mins(1);
const TICK: Span = Span::from_millis(1);

/// Records of every state and shape.
pub(super) fn records() -> Vec<(&'static str, Shape)> {
    vec![
        ("received", received),
        ("stranded", stranded),
        ("due this moment", |key| Record { next_attempt_at: NOW, ..stranded(key) }),
        ("due in a moment", |key| Record { next_attempt_at: later(TICK), ..stranded(key) }),
        ("sent at another time", |key| Record { last_sent_at: ago(MINUTE), ..stranded(key) }),
        ("in no room", |key| Record { place: None, ..stranded(key) }),
        ("stranded but later", |key| moved(stranded(key), Room::Later)),
        ("waiting for its time", |key| waiting(key, Room::Later)),
        ("waiting for another time", |key| placed(waiting(key, Room::Later), NOW)),
        ("waiting but open", |key| moved(waiting(key, Room::Later), Room::Open)),
        ("waiting but claimed", |key| Record {
            state: State::Processing,
            ..waiting(key, Room::Later)
        }),
        ("parked", |key| waiting(key, Room::Parked)),
        ("parked at another time", |key| placed(waiting(key, Room::Parked), NOW)),
        ("parked but claimed", |key| Record {
            state: State::Processing,
            ..waiting(key, Room::Parked)
        }),
        ("processing", processing),
        ("lapsed", lapsed),
        ("lapsing this moment", |key| Record { lease_until: Some(NOW), ..processing(key) }),
        ("lapsed and later", |key| moved(lapsed(key), Room::Later)),
        ("lapsed, sent at another time", |key| Record { last_sent_at: ago(MINUTE), ..lapsed(key) }),
        ("without a lease", |key| Record { lease_until: None, ..processing(key) }),
        ("claimed since", |key| Record { token: 4, ..processing(key) }),
        ("settled under the token", |key| Record { state: State::Received, ..processing(key) }),
        ("processed", processed),
        ("processed, with a reason", |key| {
            let reason = Some("kept, \"but\" why?".to_owned());
            let ended = processed(key).processed.map(|ended| Processed { reason, ..ended });
            Record { processed: ended, ..processed(key) }
        }),
        ("dead", dead),
        ("dead with a lease that is over", |key| Record {
            lease_until: lapsed(key).lease_until,
            ..dead(key)
        }),
        ("dead since another time", |key| died(dead(key), ago(TICK))),
        ("dead since never", |key| Record { death: None, ..dead(key) }),
        ("dead once, received again", |key| Record { state: State::Received, ..dead(key) }),
        ("its body in the bucket", |key| {
            let mut record = received(key);
            record.event.body.place = BodyPlace::Bucket;
            record
        }),
        ("its body under another key", |key| {
            let mut record = received(key);
            record.event.body.key = body_ref(key, b"[]").key;
            record
        }),
        ("another body", |key| {
            let mut record = received(key);
            record.event.body.hash = body_ref(key, b"[]").hash;
            record
        }),
        ("its body kept longer", |key| {
            let mut record = received(key);
            record.event.body.kept_until = record.event.body.kept_until.plus(TICK);
            record
        }),
    ]
}

/// The updates of every transition.
pub(super) fn wishes() -> Vec<(&'static str, Wish)> {
    vec![
        ("claim", |key| request(key, "worker").update()),
        ("complete", |key| settled(key, &Outcome::done(Ending::Delivered))),
        ("complete as applied", |key| {
            settled(key, &Outcome::Done(Ending::Applied, Effect::default()))
        }),
        ("retry soon", |key| settled(key, &Outcome::Retry { failure: failure(), after: None })),
        ("retry much later", |key| {
            let after = Some(Span::from_mins(60));
            settled(key, &Outcome::Retry { failure: failure(), after })
        }),
        ("defer under a claim", |key| {
            let reason = "not its turn".to_owned();
            settled(key, &Outcome::Defer { wait: MINUTE, reason })
        }),
        ("park under a claim", |key| claim(&processing(key)).park().update),
        ("bury", |key| settled(key, &Outcome::Reject(failure()))),
        ("bury without a run", |key| claim(&processing(key)).exhausted(failure(), NOW).update),
        ("park", |key| defer::park(key, NOW).update),
        ("put off", |key| defer::put_off(key, MINUTE, terms().receives, NOW).update),
        ("put off for long", |key| {
            defer::put_off(key, Span::from_mins(60), terms().receives, NOW).update
        }),
        ("resend by a duplicate", |key| {
            let new = Record::new(event(key), nonce("duplicate"), NOW);
            match taken(&new, &stranded(key), NOW) {
                Taken::Stranded(update) => update,
                other => panic!("not stranded: {other:?}"),
            }
        }),
        ("resend", |key| sweep::resend(&stranded(key), Span::ZERO, NOW).expect("stranded")),
        ("resend after a lapse", |key| {
            sweep::resend(&lapsed(key), Span::ZERO, NOW).expect("lapsed")
        }),
        ("release", |key| sweep::release(&waiting(key, Room::Later), NOW).expect("due")),
        ("release from the park", |key| {
            sweep::release(&waiting(key, Room::Parked), NOW).expect("due")
        }),
        ("replay", |key| {
            Replay::of(&dead(key), nonce("operator"), NOW).expect("dead").update().clone()
        }),
        ("discard", |key| discard(&dead(key), "a test", DEDUPE_WINDOW, NOW).expect("dead")),
        ("renew", |key| renew::renewed(&received(key), later(Span::from_days(90)))),
    ]
}

fn settled(key: &RecordKey, outcome: &Outcome) -> Update {
    claim(&processing(key)).settle(outcome, &terms()).update
}

fn failure() -> Failure {
    Failure::new(Class::Connect, "no route to „host“")
}

fn moved(record: Record, room: Room) -> Record {
    Record { place: record.place.map(|place| Place { room, ..place }), ..record }
}

fn placed(record: Record, index_at: Timestamp) -> Record {
    Record { place: record.place.map(|place| Place { index_at, ..place }), ..record }
}

fn died(record: Record, at: Timestamp) -> Record {
    Record { death: record.death.map(|death| Death { at, ..death }), ..record }
}
