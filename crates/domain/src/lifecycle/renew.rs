//! Renew: bodies expire by age, records that are not PROCESSED do not. Once a day the bodies that
//! such records would lose soon are kept longer.

use super::{Change, Condition, Transition, Update, all};
use crate::record::{BodyRef, Record, State};
use crate::time::{Span, Timestamp};

/// A body is renewed when it would expire within this time: two weeks of failed daily runs.
pub const RENEW_WITHIN: Span = Span::from_days(14);

/// Whether the body of this record has to be renewed now.
pub fn is_needed(seen: &Record, now: Timestamp) -> bool {
    seen.state != State::Processed && seen.event.body.kept_until < now.plus(RENEW_WITHIN)
}

/// Notes in the record that its body is kept until a later time. It comes after the body itself
/// was renewed: the record never promises more than the store holds.
pub fn renewed(seen: &Record, kept_until: Timestamp) -> Update {
    let body = BodyRef { kept_until, ..seen.event.body.clone() };
    Update {
        transition: Transition::Renew,
        key: seen.key().clone(),
        guard: all([Condition::Exists, Condition::BodyIs(seen.event.body.clone())]),
        changes: vec![Change::Body(body)],
    }
}
