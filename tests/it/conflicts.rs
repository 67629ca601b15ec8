//! Transactions that DynamoDB cancels because another one is at the same items: two events of one
//! entity that complete at the same time meet at its version guard.

use crate::local_aws::proxy::proxy;
use crate::local_aws::sandbox::Sandbox;
use holdfast_domain::effect::{Effect, VersionGuard};
use holdfast_domain::outcome::{Ending, Outcome};
use holdfast_domain::record::{Record, State};
use holdfast_pipeline::ports::{Completed, EventStore, Ports, Result};
use holdfast_testkit::builders::{claim, processing, terms, unique_key};

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
    assert_eq!(error.cause, "the transaction was cancelled: TransactionConflict");
    assert_eq!((stored.state, conflicts), (State::Processing, 6));
}
