//! What an event costs: its calls to the world, counted. Secrets and switches are read once per
//! process and then now and again, not per event: hence the second event of a process.

use crate::lambdas::Lambdas;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::record::State;
use holdfast_testkit::faults::{Calls, Operation};
use holdfast_testkit::world::{Webhook, World};

fn invoice(id: &str) -> Webhook {
    Webhook::stripe(id, "invoice.paid", "in_1", 1_780_000_000)
}

/// A world whose functions have done all this before.
async fn warm() -> World<Lambdas> {
    let mut world = World::new();
    world.provider_sends(&invoice("evt_0")).await;
    world.settle().await;
    assert_eq!(world.record("stripe", "evt_0").state, State::Processed);
    world
}

#[tokio::test]
async fn accepting_costs_a_body_put_a_conditional_put_and_a_send() {
    let mut world = warm().await;
    let before = world.faults.made();
    assert_eq!(world.post(&invoice("evt_1")).await, Some(200));
    let wanted = [Operation::WriteBody, Operation::CreateRecord, Operation::SendTicket];
    assert_eq!(world.faults.calls_since(before), Calls::exactly(wanted.map(|one| (one, 1))));
}

#[tokio::test]
async fn a_duplicate_costs_two_puts_and_no_send() {
    let mut world = warm().await;
    world.provider_sends(&invoice("evt_1")).await;
    let two_puts = [Operation::WriteBody, Operation::CreateRecord].map(|one| (one, 1));
    for received_or_processed in ["evt_1", "evt_0"] {
        let before = world.faults.made();
        let again = invoice(received_or_processed).delivered_again();
        assert_eq!(world.post(&again).await, Some(200));
        assert_eq!(world.faults.calls_since(before), Calls::exactly(two_puts));
    }
}

#[tokio::test]
async fn a_rejected_request_costs_nothing() {
    let mut world = warm().await;
    let good = world.signed(&invoice("evt_1"));
    let stranger = good.replace("/hooks/stripe", "/hooks/nobody");
    let unsigned = good.replace("stripe-signature", "x-signature");
    let stale = world.signed(&invoice("evt_1"));
    let before = world.faults.made();
    for event in [&stranger, &unsigned] {
        assert_eq!(world.post_event(event).await, 401);
    }
    world.clock.advance(holdfast_domain::time::Span::from_secs(301));
    // The secrets are five minutes old by now, and are read again before anything is verified.
    let loaded = Calls::exactly([(Operation::LoadSecrets, 1)]);
    assert_eq!(world.post_event(&stale).await, 401);
    assert_eq!(world.faults.calls_since(before), loaded);
}

#[tokio::test]
async fn wrong_signatures_cost_one_reading_of_the_secrets_a_minute() {
    let mut world = warm().await;
    world.clock.advance(holdfast_domain::time::Span::from_mins(2));
    let forged = world.signed(&invoice("evt_1")).replace("evt_1", "evt_2");
    let before = world.faults.made();
    for _ in 0..50 {
        assert_eq!(world.post_event(&forged).await, 401);
    }
    let loaded = Calls::exactly([(Operation::LoadSecrets, 1)]);
    assert_eq!(world.faults.calls_since(before), loaded);
}

#[tokio::test]
async fn settling_costs_a_claim_a_body_read_and_a_completion() {
    let mut world = warm().await;
    world.provider_sends(&invoice("evt_1")).await;
    let before = world.faults.made();
    world.deliver().await;
    assert_eq!(world.record("stripe", "evt_1").state, State::Processed);
    let wanted = [
        Operation::Update(Transition::Claim),
        Operation::ReadBody,
        Operation::Update(Transition::Complete),
    ];
    assert_eq!(world.faults.calls_since(before), Calls::exactly(wanted.map(|one| (one, 1))));
}

#[tokio::test]
async fn a_transactional_handler_costs_no_call_more() {
    let mut world = warm().await;
    world.provider_sends(&Webhook::stripe("evt_1", "account.updated", "acct_1", 100)).await;
    let before = world.faults.made();
    world.deliver().await;
    let wanted =
        [Operation::Update(Transition::Claim), Operation::ReadBody, Operation::CompleteWithEffect];
    assert_eq!(world.faults.calls_since(before), Calls::exactly(wanted.map(|one| (one, 1))));
}

#[tokio::test]
async fn switches_are_read_once_for_a_batch_of_a_warm_process() {
    let mut world = warm().await;
    world.clock.advance(holdfast_domain::time::Span::from_mins(1));
    world.provider_sends(&invoice("evt_1")).await;
    let before = world.faults.made();
    world.deliver().await;
    world.provider_sends(&invoice("evt_2")).await;
    world.deliver().await;
    assert_eq!(world.faults.calls_since(before).count(Operation::LoadDocument), 1);
}
