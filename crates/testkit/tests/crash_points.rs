//! Every call of every scenario goes wrong in every way, without the Lambdas before the use cases.
//! The integration tests do the same through the Lambdas' handlers.

use holdfast_testkit::scenarios;
use holdfast_testkit::world::Direct;

#[tokio::test]
async fn every_call_of_every_scenario_may_fail() {
    for name in scenarios::NAMES {
        scenarios::enumerate::<Direct>(name).await;
    }
}
