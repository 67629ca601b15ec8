//! The schedules of the template run the sweep: nobody invokes it here.

use super::eventually::LATER;
use super::faults::Faults;
use super::journey::Journey;
use super::signed::stripe;
use super::world::{Setting, World};
use holdfast_domain::record::State;

#[tokio::test]
async fn an_event_that_got_stuck_is_delivered_by_the_schedule() {
    let setting = Setting { with_faults: true, with_schedules: true, ..Setting::default() };
    let world = World::deploy("schedules", setting);
    let journey = Journey::through(&world).await;
    let (faults, webhook) = (Faults::of(&world), stripe());
    let fault = faults.fail("SendMessage", webhook.key.event_key()).await;
    assert_eq!(journey.post(&webhook).await, 200);
    assert!(fault.end().await > 0, "its ticket was never sent");
    journey.let_ten_minutes_pass_for(&webhook.key).await;
    let record = journey.wait_until(&webhook.key, State::Processed, LATER).await;
    assert_eq!(record.attempts, 1);
    assert_eq!(journey.deliveries(&webhook.key).len(), 1);
}
