//! A stack that ends leaves nothing running, whichever way it ends.
#![cfg(target_os = "linux")]

use super::eventually::{SOON, eventually_so};
use super::journey::Journey;
use super::processes::running_in;
use super::signed::stripe;
use super::stack::send_signal;
use super::world::{Setting, World};

#[tokio::test]
async fn a_stack_that_is_told_to_end_leaves_nothing_running() {
    let world = used("ended").await;
    let folder = world.deployment.folder.clone();
    drop(world);
    assert_eq!(running_in(&folder), Vec::<u32>::new());
    assert!(!folder.join("ready.json").exists());
}

/// Nobody could tell it to: the system does, by closing what it held.
#[tokio::test]
async fn a_stack_that_is_killed_leaves_nothing_running() {
    let world = used("killed").await;
    let folder = world.deployment.folder.clone();
    let stack = world.deployment.ready["pid"].as_u64().and_then(|pid| pid.try_into().ok());
    send_signal("KILL", stack.expect("the stack's process"));
    let ended = async || running_in(&folder).is_empty();
    eventually_so("everything has ended", SOON, ended).await;
}

/// A stack with functions that run.
async fn used(name: &str) -> World {
    let world = World::deploy(name, Setting::default());
    let (journey, webhook) = (Journey::through(&world).await, stripe());
    journey.post_accepted(&webhook).await;
    journey.wait_until_processed(&webhook.key).await;
    let running = running_in(&world.deployment.folder).len();
    assert!(running >= 3, "emulator, receiver and processor, not {running}");
    world
}
