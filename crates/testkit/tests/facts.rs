//! What the facts say is what the record says.
use holdfast_domain::outcome::Ending;
use holdfast_pipeline::facts::Fact;
use holdfast_testkit::world::{Direct, Webhook, World};

#[tokio::test]
async fn a_stale_event_is_said_to_be_stale() {
    let mut world = World::<Direct>::new();
    let newer = Webhook::stripe("evt_2", "account.updated", "acct_1", 200);
    let older = Webhook::stripe("evt_1", "account.updated", "acct_1", 100);
    for webhook in [&newer, &older] {
        world.provider_sends(webhook).await;
        world.settle().await;
    }
    world.expect_ending(&older.key(), Ending::Stale);
    let said = |facts: &[Fact]| {
        let settled = facts.iter().filter_map(|fact| match fact {
            Fact::Settled { key, log, .. } => Some((key.clone(), log.result.clone())),
            _ => None,
        });
        settled.collect::<Vec<_>>()
    };
    let wanted = [(newer.key(), "applied".to_owned()), (older.key(), "stale".to_owned())];
    assert_eq!(said(&world.facts.take()), wanted);
    assert_eq!(world.check().await, Vec::<String>::new());
}
