//! Transactions that DynamoDB cancels because another one is at the same items: two events of one
//! entity that complete at the same time meet at its version guard. And writes of one item that
//! meet a transaction: a duplicate, or a second ticket, that comes while an event completes.

use crate::local_aws::proxy::proxy;
use crate::local_aws::sandbox::Sandbox;
use holdfast_domain::effect::{Effect, Value, VersionGuard, Write};
use holdfast_domain::lifecycle::Updated;
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::{Record, State};
use holdfast_pipeline::ports::{Completed, Created, EventStore, Ports, Result};
use holdfast_testkit::builders::{claim, processing, terms, unique_key};
use std::collections::BTreeMap;

/// What DynamoDB says of a completion whose version guard another transaction is writing.
const AT_THE_GUARD: [&str; 2] = ["None", "TransactionConflict"];

/// Completes an event while so many of its transactions are cancelled. Answers with what came of it,
/// the record, and how many were.
async fn completed_after(conflicts: usize) -> (Result<Completed>, Record, usize) {
    let (sandbox, proxy) = (Sandbox::new().await, proxy());
    let stack = sandbox.stack_at(&proxy.endpoint).await;
    let (events, record) = (stack.events(), processing(&unique_key()));
    events.create(&record).await.expect("stored");
    let claim = claim(&record);
    let settlement = claim.settle(&Outcome::done(Ending::Applied), &terms());
    let (scope, entity) = ("test".to_owned(), "customer_7".to_owned());
    let guard = VersionGuard { scope, entity, version: 2 };
    let effect = Effect { writes: Vec::new(), version_guard: Some(guard) };
    let table = &sandbox.resources.table;
    let fault = proxy.cancel_next_transactions(conflicts, table, &AT_THE_GUARD);
    let completed = events.complete(&settlement.update, &effect, &claim.once()).await;
    let stored = events.read(record.key()).await.expect("an answer").expect("it is stored");
    (completed, stored, fault.times())
}

#[tokio::test]
async fn what_met_another_transaction_is_sent_again() {
    let (completed, stored, conflicts) = completed_after(3).await;
    assert_eq!(completed.expect("an answer"), Completed::Applied);
    assert_eq!((stored.state, conflicts), (State::Processed, 3));
}

#[tokio::test]
async fn what_meets_others_again_and_again_is_left_to_the_next_ticket() {
    let (completed, stored, conflicts) = completed_after(100).await;
    let error = completed.expect_err("it was cancelled each time");
    assert_eq!(error.cause, "cancelled: the version guard: TransactionConflict");
    assert_eq!((stored.state, conflicts), (State::Processing, 6));
}

#[tokio::test]
async fn a_write_to_a_table_that_is_not_there_is_answered_and_settled() {
    let sandbox = Sandbox::new().await;
    let stack = sandbox.stack();
    let (events, record) = (stack.events(), processing(&unique_key()));
    events.create(&record).await.expect("stored");
    let claim = claim(&record);
    let key = BTreeMap::from([("pk".to_owned(), Value::Text("customer_7".to_owned()))]);
    let nowhere = Write::Delete { table: "nowhere".to_owned(), key };
    let effect = Effect { writes: vec![nowhere], version_guard: None };
    let settlement = claim.settle(&Outcome::done(Ending::Applied), &terms());
    let completed = events.complete(&settlement.update, &effect, &claim.once()).await;
    let Ok(Completed::Impossible(why)) = completed else { panic!("an answer: {completed:?}") };
    assert!(why.contains("ResourceNotFoundException"), "{why}");
    let failure = Failure::new(Class::Handler, why);
    let put_back = claim.settle(&Outcome::Retry { failure, after: None }, &terms());
    let updated = events.update(&put_back.update).await.expect("an answer");
    assert!(matches!(updated, Updated::Applied(_)), "{updated:?}");
}

#[tokio::test]
async fn a_put_or_an_update_that_meets_a_transaction_is_sent_again() {
    let (sandbox, proxy) = (Sandbox::new().await, proxy());
    let stack = sandbox.stack_at(&proxy.endpoint).await;
    let (events, record) = (stack.events(), processing(&unique_key()));
    let table = &sandbox.resources.table;
    let refused = proxy.refuse_next_for_a_transaction(3, "PutItem", table);
    assert_eq!(events.create(&record).await.expect("an answer"), Created::Stored);
    assert_eq!(refused.times(), 3);
    let settlement = claim(&record).settle(&Outcome::done(Ending::Delivered), &terms());
    let refused = proxy.refuse_next_for_a_transaction(3, "UpdateItem", table);
    let updated = events.update(&settlement.update).await.expect("an answer");
    assert!(matches!(updated, Updated::Applied(_)), "{updated:?}");
    assert_eq!(refused.times(), 3);
    let refused = proxy.refuse_next_for_a_transaction(100, "PutItem", table);
    assert!(events.create(&processing(&unique_key())).await.is_err());
    assert_eq!(refused.times(), 4, "then it is left to the next receive");
}
