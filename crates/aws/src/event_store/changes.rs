//! Changes as an update expression. What each of them does is said by `Update::apply` in the
//! domain; the contract suite compares both.

use super::attributes::{
    Assignment, attempt_log, body, death, number, place, processed, text, time,
};
use super::keys::{
    ATTEMPTS, INDEX_AT, LAST_SENT_AT, LEASE_UNTIL, NEXT_ATTEMPT_AT, OPEN_SHARD, OWNER, REPLAYS,
    STATE, TOKEN,
};
use super::placeholders::Placeholders;
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::lifecycle::{Change, Update};
use holdfast_domain::record::RecordKey;
use holdfast_domain::time::Timestamp;
use std::collections::BTreeMap;

/// What happens to one attribute.
enum Step {
    Set(AttributeValue),
    SetIfAbsent(AttributeValue),
    AddOne,
    Remove,
}

type Steps = BTreeMap<&'static str, Step>;

/// Renders the changes of an update. DynamoDB accepts each attribute once; as in the domain, the
/// last change of one wins.
pub(super) fn render(update: &Update, holders: &mut Placeholders) -> String {
    let mut steps = Steps::new();
    for change in update.changes() {
        add(change, update.key(), &mut steps);
    }
    let (mut sets, mut adds, mut removes) = (Vec::new(), Vec::new(), Vec::new());
    for (attribute, step) in steps {
        let name = holders.name(attribute);
        match step {
            Step::Set(value) => sets.push(format!("{name} = {}", holders.value(value))),
            Step::SetIfAbsent(value) => {
                sets.push(format!("{name} = if_not_exists({name}, {})", holders.value(value)));
            }
            Step::AddOne => adds.push(format!("{name} {}", holders.value(number(1)))),
            Step::Remove => removes.push(name),
        }
    }
    let clauses = [("SET", sets), ("ADD", adds), ("REMOVE", removes)];
    let filled = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
    let clauses: Vec<String> =
        filled.map(|(verb, parts)| format!("{verb} {}", parts.join(", "))).collect();
    clauses.join(" ")
}

fn add(change: &Change, key: &RecordKey, steps: &mut Steps) {
    match change {
        Change::State(state) => set(steps, STATE, text(state.as_str())),
        Change::NextToken => add_one(steps, TOKEN),
        Change::Owner(nonce) => set(steps, OWNER, text(nonce.as_str())),
        Change::LeaseUntil(at) => set(steps, LEASE_UNTIL, time(*at)),
        Change::DropLease => remove(steps, LEASE_UNTIL),
        Change::DropOwner => remove(steps, OWNER),
        Change::CountAttempt => add_one(steps, ATTEMPTS),
        Change::Attempts(attempts) => set(steps, ATTEMPTS, number(attempts)),
        Change::CountReplay => add_one(steps, REPLAYS),
        Change::NextAttemptAt(at) => set(steps, NEXT_ATTEMPT_AT, time(*at)),
        Change::LastSentAt(at) => set(steps, LAST_SENT_AT, time(*at)),
        // Writing the value that is there already is no write to the index.
        Change::Room(room) => {
            set(steps, OPEN_SHARD, text(room.shard(key.shard())));
            steps.entry(INDEX_AT).or_insert(Step::SetIfAbsent(time(Timestamp::EPOCH)));
        }
        Change::Place(to) => assign(steps, place(key, Some(*to))),
        Change::DropPlace => assign(steps, place(key, None)),
        Change::AttemptLog(log) => assign(steps, [attempt_log(log)]),
        Change::Processed(how) => assign(steps, processed(Some(how))),
        Change::Death(why) => assign(steps, death(Some(why))),
        Change::DropDeath => assign(steps, death(None)),
        Change::Body(to) => assign(steps, body(to)),
    }
}

fn set(steps: &mut Steps, attribute: &'static str, value: AttributeValue) {
    steps.insert(attribute, Step::Set(value));
}

fn add_one(steps: &mut Steps, attribute: &'static str) {
    steps.insert(attribute, Step::AddOne);
}

fn remove(steps: &mut Steps, attribute: &'static str) {
    steps.insert(attribute, Step::Remove);
}

fn assign<const N: usize>(steps: &mut Steps, assignments: [Assignment; N]) {
    for (attribute, value) in assignments {
        steps.insert(attribute, value.map_or(Step::Remove, Step::Set));
    }
}
