//! What must hold of a record at every moment, and of every change of one: the part of the
//! protocol's invariants that a single look can decide. Who looks, and when, is the worlds' business.

use crate::faults::Operation;
use crate::ledger;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::Ending;
use holdfast_domain::record::{Record, Room, State};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::memory::MemoryEvents;

/// What a record must look like by itself.
pub fn shape(record: &Record) -> Vec<String> {
    let mut found = Vec::new();
    let mut unless = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let is = |state| record.state == state;
    unless(record.processed.is_some() == is(State::Processed), "I11: an expiry before the end");
    let gone = record.processed.as_ref().is_some_and(|end| end.ending == Ending::Discarded);
    unless(record.death.is_some() == (is(State::Dead) || gone), "I8: a death and no dead record");
    let listed = match record.state {
        State::Received => record.room().is_some_and(|room| room != Room::Dead),
        State::Processing => record.room() == Some(Room::Open),
        State::Processed => record.place.is_none(),
        State::Dead => record.room() == Some(Room::Dead),
    };
    unless(listed, "I10: listed in the wrong room");
    unless(record.lease_until.is_some() == is(State::Processing), "I5: a lease without a claim");
    let claims_without_end = u32::try_from(record.token).unwrap_or(u32::MAX);
    unless(record.attempts <= claims_without_end, "I13: more attempts than claims");
    found
}

/// I2: the effect is committed once, together with the completion.
pub fn effect_is_once(events: &MemoryEvents, record: &Record) -> Option<String> {
    let times = ledger::times(events, record.key());
    let applied = record.processed.as_ref().is_some_and(|end| end.ending == Ending::Applied);
    (times != i64::from(applied))
        .then(|| format!("I2: the effect was committed {times} times, applied is {applied}"))
}

/// What a change must look like.
pub fn change(before: &Record, after: &Record, by: Operation, now: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    let mut unless = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let but_for_the_body = |record: &Record| {
        let mut record = record.clone();
        record.event.body = before.event.body.clone();
        record
    };
    if before.state == State::Processed {
        unless(but_for_the_body(after) == *before, "I4: a processed record changed");
    }
    let lapsed = before.lease_until.is_some_and(|until| until < now);
    let claimed = after.token != before.token;
    unless(
        after.token == before.token || after.token == before.token + 1,
        "I5: the token does not count claims",
    );
    if claimed {
        let may = before.state == State::Received || (before.state == State::Processing && lapsed);
        unless(may && after.state == State::Processing, "I5: a claim of what is not to be had");
        unless(before.next_attempt_at <= now || before.state != State::Received, "T3: too early");
    }
    let touched = but_for_the_body(after) != *before;
    if before.state == State::Processing && !claimed && touched && !lapsed {
        unless(closes(by), "I5: a running record was changed by somebody else");
    }
    if before.state == State::Dead && touched {
        let ordered = [Transition::Replay, Transition::Discard].map(Operation::Update);
        unless(ordered.contains(&by), "I13: a dead record changed without an order");
    }
    let replayed = after.replays != before.replays;
    unless(!replayed || before.state == State::Dead, "I13: a replay of what is not dead");
    found
}

fn closes(by: Operation) -> bool {
    match by {
        Operation::CompleteWithEffect => true,
        Operation::Update(transition) => matches!(
            transition,
            Transition::Complete
                | Transition::Retry
                | Transition::Wait
                | Transition::Park
                | Transition::Bury
        ),
        _ => false,
    }
}
