//! Every transition on every shape of record: the store answers as the domain does.

use super::samples::{records, wishes};
use crate::builders::{NOW, claim, processing, request, terms, ticket, unique_key};
use futures_util::future::join_all;
use holdfast_domain::lifecycle::claim::Answer;
use holdfast_domain::lifecycle::settle::{Refusal, TicketFate};
use holdfast_domain::lifecycle::{Update, Updated};
use holdfast_domain::outcome::{Ending, Outcome};
use holdfast_domain::record::Record;
use holdfast_pipeline::ports::{Completed, Created, EventStore};

pub(super) async fn suite(store: &impl EventStore) {
    nothing_is_changed_where_nothing_is(store).await;
    every_transition_on_every_record(store).await;
    ones_own_claim_is_recognised(store).await;
    ones_own_completion_is_recognised(store).await;
}

/// An update of a DynamoDB item creates it unless its guard says otherwise.
async fn nothing_is_changed_where_nothing_is(store: &impl EventStore) {
    for (name, wish) in wishes() {
        let update = wish(&unique_key());
        assert_eq!(store.update(&update).await.unwrap(), Updated::Refused(None), "{name}");
        assert_eq!(store.read(update.key()).await.unwrap(), None, "{name}");
    }
}

async fn every_transition_on_every_record(store: &impl EventStore) {
    for (wish_name, wish) in wishes() {
        let shapes = records().into_iter();
        join_all(shapes.map(|(record_name, shape)| async move {
            let key = unique_key();
            let (update, record) = (wish(&key), shape(&key));
            assert_eq!(store.create(&record).await.unwrap(), Created::Stored);
            let (answer, after) = expected(&update, &record);
            let name = format!("{wish_name}, {record_name}");
            assert_eq!(store.update(&update).await.unwrap(), answer, "{name}");
            assert_eq!(store.read(&key).await.unwrap(), Some(after), "{name}");
        }))
        .await;
    }
}

fn expected(update: &Update, record: &Record) -> (Updated, Record) {
    if update.guard().holds(Some(record)) {
        let after = update.apply(record);
        (Updated::Applied(Box::new(after.clone())), after)
    } else {
        (Updated::Refused(Some(Box::new(record.clone()))), record.clone())
    }
}

async fn ones_own_claim_is_recognised(store: &impl EventStore) {
    let record = super::samples::records()[0].1(&unique_key());
    store.create(&record).await.unwrap();
    let request = request(record.key(), "worker");
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let updated = store.update(&request.update()).await.unwrap();
        match request.answer(updated, &ticket(&record), NOW) {
            Answer::Claimed(claim) => tokens.push((claim.token(), claim.attempt())),
            other => panic!("not claimed: {other:?}"),
        }
    }
    assert_eq!(tokens, [(1, 1), (1, 1)], "claimed once, and known as one's own");
}

async fn ones_own_completion_is_recognised(store: &impl EventStore) {
    let record = processing(&unique_key());
    store.create(&record).await.unwrap();
    let claim = claim(&record);
    let outcome = Outcome::done(Ending::Delivered);
    let settlement = claim.settle(&outcome, &terms());
    let Outcome::Done(_, effect) = &outcome else { panic!("it is done") };
    let update = &settlement.update;
    let first = store.complete(update, effect, &claim.once()).await.unwrap();
    assert_eq!(first, Completed::Applied);
    let after = update.apply(&record);
    assert_eq!(store.read(record.key()).await.unwrap().as_ref(), Some(&after));
    let again = store.complete(update, effect, &claim.once()).await.unwrap();
    let Completed::Refused(Some(stored)) = again else { panic!("refused: {again:?}") };
    assert_eq!(*stored, after);
    let refusal = settlement.refused(claim.token(), Some(&stored));
    assert_eq!(refusal, Refusal::Held(TicketFate::Ack));
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::lifecycle::{Change, Condition, Guard, Transition};
    use std::collections::HashSet;
    use std::mem::discriminant;

    /// The conditions of a guard, one by one.
    fn leaves(guard: &Guard) -> Vec<&Condition> {
        match guard {
            Guard::Is(condition) => vec![condition],
            Guard::All(guards) | Guard::Any(guards) => guards.iter().flat_map(leaves).collect(),
        }
    }

    /// The guard's value if one of its conditions had this value.
    fn with(guard: &Guard, record: &Record, assumed: (&Condition, bool)) -> bool {
        match guard {
            Guard::Is(condition) if condition == assumed.0 => assumed.1,
            Guard::Is(_) => guard.holds(Some(record)),
            Guard::All(guards) => guards.iter().all(|guard| with(guard, record, assumed)),
            Guard::Any(guards) => guards.iter().any(|guard| with(guard, record, assumed)),
        }
    }

    fn decides(guard: &Guard, record: &Record, condition: &Condition) -> bool {
        with(guard, record, (condition, true)) != with(guard, record, (condition, false))
    }

    /// Without this the suite could pass while a store renders a condition wrongly.
    #[test]
    fn each_condition_decides_alone_in_both_directions() {
        for (name, wish) in wishes() {
            let key = unique_key();
            let update = wish(&key);
            for condition in leaves(update.guard()) {
                let deciding = records().into_iter().map(|(_, shape)| shape(&key));
                let values: HashSet<bool> = deciding
                    .filter(|record| decides(update.guard(), record, condition))
                    .map(|record| Guard::Is(condition.clone()).holds(Some(&record)))
                    .collect();
                let wanted = if *condition == Condition::Exists { 1 } else { 2 };
                assert_eq!(values.len(), wanted, "{name}: {condition:?}");
            }
        }
    }

    #[test]
    fn no_transition_condition_or_change_is_left_out() {
        let updates: Vec<Update> = wishes().iter().map(|(_, wish)| wish(&unique_key())).collect();
        let transitions: HashSet<Transition> = updates.iter().map(Update::transition).collect();
        assert_eq!(transitions.len(), 12);
        let conditions: HashSet<_> =
            updates.iter().flat_map(|update| leaves(update.guard())).map(discriminant).collect();
        assert_eq!(conditions.len(), 10);
        let changes: HashSet<_> = updates
            .iter()
            .flat_map(|update| update.changes().iter().map(discriminant::<Change>))
            .collect();
        assert_eq!(changes.len(), 19);
    }
}
