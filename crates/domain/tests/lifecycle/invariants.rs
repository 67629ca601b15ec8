//! What must hold of every change of a record, whatever the step was.

use holdfast_domain::record::{Record, Room, State};
use holdfast_domain::time::Timestamp;

/// Checks a change.
pub(crate) fn check(before: &Record, after: &Record, now: Timestamp) {
    shape(after);
    let mut unchanged = after.clone();
    unchanged.event.body.kept_until = before.event.body.kept_until;
    if before.state == State::Processed {
        assert_eq!(unchanged, *before, "PROCESSED absorbs");
    }
    assert!(after.token >= before.token, "the token never falls");
    let lapsed = before.lease_until.is_some_and(|lease| lease < now);
    if after.token > before.token {
        assert_eq!(after.token, before.token + 1, "the token counts claims");
        assert_eq!(after.state, State::Processing, "only a claim raises the token");
        assert!(before.state == State::Received || lapsed, "a claim of what another has");
    }
    assert!(after.attempts <= before.attempts + 1, "a step burns one attempt");
    if after.attempts > before.attempts {
        assert!(after.token > before.token, "only a claim burns an attempt");
    }
    if after.replays > before.replays {
        assert_eq!(before.state, State::Dead, "only the dead are replayed");
    }
    assert_eq!(after.event.key, before.event.key);
    assert_eq!(after.ingest_nonce, before.ingest_nonce);
}

/// What a record looks like in its state.
pub(crate) fn shape(record: &Record) {
    let is = |state| record.state == state;
    let room_fits = match record.state {
        State::Received => {
            matches!(record.room(), Some(Room::Open | Room::Later | Room::Parked))
        }
        State::Processing => record.room() == Some(Room::Open),
        State::Processed => record.place.is_none(),
        State::Dead => record.room() == Some(Room::Dead),
    };
    assert!(room_fits, "{:?} in {:?}", record.state, record.place);
    assert_eq!(record.lease_until.is_some(), is(State::Processing), "a lease is a claim's");
    assert_eq!(record.processed.is_some(), is(State::Processed), "only PROCESSED expires");
    assert!(record.death.is_some() || !is(State::Dead), "the dead say why");
    assert!(record.attempt_log.len() <= 20, "the log is bounded");
    assert!(u64::from(record.attempts) <= record.token, "every attempt is a claim");
}
