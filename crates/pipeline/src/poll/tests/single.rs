//! Single polls: what each answer of a provider, good or bad, leads to.

use super::provider::{Habits, Trouble};
use super::shaky::Fails;
use super::world::{START, World};
use crate::accept::Accepted;
use crate::facts::Fact;
use crate::poll::{Ended, Error, Tally, poll_all};
use crate::ports::{BodyStore, EventStore};
use holdfast_domain::outcome::{Class, Failure};
use holdfast_domain::poll::PageError;
use holdfast_domain::record::{Death, Origin, Place, Record, Room, State};
use holdfast_domain::time::{Span, Timestamp};

fn mins(mins: u64) -> Span {
    Span::from_mins(mins)
}

fn ids(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("evt_{n:02}")).collect()
}

/// Ten missed events, a second apart, eleven minutes ago.
async fn ten_missed(page_size: usize, habits: Habits) -> World {
    let world = World::running(page_size, habits).await;
    for id in ids(0..10) {
        world.miss(&id);
        world.pass(Span::from_secs(1));
    }
    world.pass(mins(11));
    world
}

#[tokio::test]
async fn a_missed_event_is_stored_as_if_its_webhook_had_come() {
    let world = World::running(100, Habits::default()).await;
    let at = world.now();
    world.miss("evt_1");
    world.pass(mins(10));
    let report = world.poll().await.expect("a report");
    assert_eq!(report.ended, Ended::Complete);
    assert_eq!(report.tally, Tally { listed: 1, missed: 1, ..Tally::default() });
    assert_eq!(report.lag, mins(10));

    let record = world.stored().remove("evt_1").expect("stored");
    assert_eq!(record.event.origin, Origin::Poll);
    assert_eq!(record.event.kind.as_str(), "invoice.paid");
    assert_eq!(record.event.source_time, Some(at));
    let json = ("content-type".to_owned(), "application/json".to_owned());
    assert_eq!(record.event.headers, [json]);
    let body = world.ports.bodies.read(&record.event.body).await.expect("read");
    assert_eq!(body.expect("there"), super::provider::body("evt_1", at).as_bytes());
    assert_eq!(world.tickets().await, 1);

    let facts = world.facts.take();
    let missed = |fact: &&Fact| matches!(fact, Fact::Missed { key, .. } if key == record.key());
    assert_eq!(facts.iter().filter(missed).count(), 1);
    assert!(matches!(
        facts.last(),
        Some(Fact::Polled { listed: 1, missed: 1, complete: true, .. })
    ));
}

#[tokio::test]
async fn a_webhook_after_the_injection_is_a_duplicate() {
    let world = ten_missed(100, Habits::default()).await;
    world.poll().await.expect("a report");
    let at = world.stored()["evt_03"].event.source_time.expect("a time");
    assert!(matches!(world.webhook("evt_03", at).await, Accepted::Known { .. }));
    assert_eq!(world.stored()["evt_03"].event.origin, Origin::Poll);
    assert_eq!((world.ids(), world.tickets().await), (ids(0..10), 10));
}

#[tokio::test]
async fn what_a_webhook_brought_is_known() {
    let world = ten_missed(100, Habits::default()).await;
    world.webhook("evt_03", world.now().minus(mins(11)).minus(Span::from_secs(7))).await;
    let report = world.poll().await.expect("a report");
    assert_eq!((report.tally.known, report.tally.missed), (1, 9));
    assert_eq!(world.stored()["evt_03"].event.origin, Origin::Webhook);
    assert_eq!(world.tickets().await, 10);
    // What is known costs no write: this one would fail.
    world.ports.bodies.plan([Some(Fails::BeforeEffect)]);
    world.pass(mins(4));
    world.pass(Span::from_secs(50));
    let report = world.poll().await.expect("a report");
    assert_eq!((report.ended, report.tally.known), (Ended::Complete, report.tally.listed));
    assert!(report.tally.known > 0);
}

#[tokio::test]
async fn a_first_poll_injects_nothing_of_the_past() {
    let world = World::new(1, 100, Habits::default());
    for age in [0, 59, 61, 599, 600, 601, 900, 86_400, 29 * 86_400] {
        let at = START.minus(Span::from_secs(age));
        world.provider.happen(format!("evt_{age}"), at, at);
    }
    let report = world.poll().await.expect("a report");
    assert_eq!(report.ended, Ended::Complete);
    assert_eq!(world.watermark().await, START.minus(mins(10)));
    for _ in 0..4 {
        world.pass(mins(5));
        world.poll().await.expect("a report");
    }
    // What happened before polling began, plus grace, belongs to the time before it.
    assert_eq!(world.ids(), ["evt_0", "evt_59", "evt_599", "evt_600", "evt_61"]);
}

#[tokio::test]
async fn where_polling_begins_is_fixed_even_if_the_first_poll_fails() {
    let world = World::new(1, 100, Habits::default());
    world.provider.plan([Some(Trouble::Status(403, None))]);
    assert!(matches!(world.poll().await, Err(Error::Status { status: 403, .. })));
    world.miss("evt_1");
    world.pass(Span::from_days(2));
    world.poll().await.expect("a report");
    assert_eq!(world.ids(), ["evt_1"]);
}

#[tokio::test]
async fn it_is_due_only_when_its_time_has_passed() {
    let world = World::new(1, 100, Habits::default());
    let mut runs = Vec::new();
    for minute in 0..12 {
        if world.poll().await.expect("a report").ended != Ended::NotDue {
            runs.push(minute);
        }
        // Schedules are not punctual.
        world.pass(Span::from_millis(if minute % 2 == 0 { 59_200 } else { 60_700 }));
    }
    assert_eq!(runs, [0, 5, 10]);
    assert_eq!(world.provider.calls(), 3);
    assert_eq!(world.facts.take().len(), 3, "of what was not due nothing is told");
}

#[tokio::test]
async fn all_pages_are_read_in_either_order() {
    for oldest_first in [false, true] {
        for page_size in [1, 3, 9, 10, 11] {
            let habits = Habits { oldest_first, ..Habits::default() };
            let world = ten_missed(page_size, habits).await;
            let before = world.provider.calls();
            let report = world.poll().await.expect("a report");
            assert_eq!((report.ended, world.ids()), (Ended::Complete, ids(0..10)));
            assert_eq!(world.provider.calls() - before, 10_usize.div_ceil(page_size));
        }
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_the_watermark_and_the_place() {
    for trouble in [Trouble::Lost, Trouble::Status(500, None), Trouble::Status(503, None)] {
        let world = ten_missed(2, Habits::default()).await;
        let before = world.watermark().await;
        world.provider.plan([None, None, Some(trouble)]);
        assert!(world.poll().await.is_err());
        assert_eq!(world.watermark().await, before);
        assert_eq!(world.ids(), ids(6..10));
        assert_eq!(world.failures().len(), 1);

        world.pass(mins(1));
        assert_eq!(world.poll().await.expect("a report").ended, Ended::NotDue);
        world.pass(mins(4));
        let calls = world.provider.calls();
        let report = world.poll().await.expect("a report");
        assert_eq!((report.ended, report.tally.missed), (Ended::Complete, 6));
        assert_eq!((world.ids(), world.provider.calls() - calls), (ids(0..10), 3));
        assert!(world.watermark().await > before);
    }
}

#[tokio::test]
async fn a_place_that_always_fails_is_given_up() {
    let world = ten_missed(2, Habits::default()).await;
    for _ in 0..3 {
        world.provider.plan([Some(Trouble::Lost)]);
        assert!(world.poll().await.is_err());
        world.pass(mins(5));
    }
    let report = world.poll().await.expect("a report");
    assert_eq!((report.ended, world.ids()), (Ended::Complete, ids(0..10)));
    assert_eq!(report.window.map(|window| window.opened_at), Some(world.now()));
}

#[tokio::test]
async fn what_the_provider_refuses_or_garbles_is_not_gone_on_with() {
    for (trouble, expected) in [
        (Trouble::Status(400, None), "the provider's API answered 400"),
        (Trouble::Status(302, None), "the provider's API answered 302"),
        (Trouble::Status(204, None), "the provider's API answered 204"),
        (Trouble::Body("<html>"), "the answer holds no list of events"),
        (Trouble::Body("{\"data\":[{}],\"has_more\":false}"), "no listed event has an id"),
    ] {
        let world = ten_missed(4, Habits::default()).await;
        let before = world.watermark().await;
        world.provider.plan([None, Some(trouble)]);
        let error = world.poll().await.expect_err("an error");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!((world.watermark().await, world.ids()), (before, ids(6..10)));
        assert_eq!(world.failures(), [error.to_string()]);
        world.pass(mins(5));
        let report = world.poll().await.expect("a report");
        assert_eq!((report.tally.known, report.tally.missed), (4, 6));
    }
}

#[tokio::test]
async fn an_odd_item_hides_no_other_and_is_told() {
    let world = World::running(100, Habits::default()).await;
    world.pass(mins(30));
    let page = r#"{"data":[{"id":"evt_1","created":1780286700},{"id":"evt_2"}],"has_more":false}"#;
    world.provider.plan([Some(Trouble::Body(page))]);
    let report = world.poll().await.expect("a report");
    let wanted = Tally { listed: 2, missed: 1, odd: 1, ..Tally::default() };
    assert_eq!((report.ended, report.tally), (Ended::Complete, wanted));
    assert_eq!(world.ids(), ["evt_1"]);
    assert_eq!(world.failures(), ["1 listed events have no id or no readable time"]);
}

#[tokio::test]
async fn a_page_of_odd_items_alone_is_a_failure() {
    let world = World::running(100, Habits::default()).await;
    let page = r#"{"data":[{"id":"evt_1"},{"id":"evt_2"}],"has_more":false}"#;
    world.provider.plan([Some(Trouble::Body(page))]);
    assert!(matches!(world.poll().await, Err(Error::Page(PageError::AllOdd))));
    assert_eq!(world.ids(), Vec::<String>::new());
}

#[tokio::test]
async fn too_often_is_heeded_and_not_a_failure() {
    let world = ten_missed(2, Habits::default()).await;
    world.provider.plan([None, Some(Trouble::Status(429, Some(Span::from_secs(150))))]);
    let report = world.poll().await.expect("a report");
    assert_eq!((report.ended, report.tally.missed), (Ended::Throttled, 2));
    assert_eq!(world.failures(), Vec::<String>::new());
    let calls = world.provider.calls();
    for minute in 1..=4 {
        world.pass(mins(1));
        let report = world.poll().await.expect("a report");
        let expected = if minute == 3 { Ended::Complete } else { Ended::NotDue };
        assert_eq!(report.ended, expected, "minute {minute}");
    }
    assert_eq!((world.ids(), world.provider.calls() - calls), (ids(0..10), 4));
}

#[tokio::test]
async fn a_provider_cannot_send_us_away_for_ever() {
    let world = ten_missed(2, Habits::default()).await;
    world.provider.plan([Some(Trouble::Status(429, Some(Span::from_days(3650))))]);
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Throttled);
    world.pass(mins(59));
    assert_eq!(world.poll().await.expect("a report").ended, Ended::NotDue);
    world.pass(mins(1));
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
}

#[tokio::test]
async fn a_run_without_time_goes_on_in_the_next_minute() {
    let world = ten_missed(2, Habits::default()).await;
    let before = world.watermark().await;
    world.provider.plan([None, Some(Trouble::Slow(Span::from_secs(45)))]);
    let report = world.poll().await.expect("a report");
    assert_eq!(report.ended, Ended::OutOfTime);
    assert_eq!(world.watermark().await, before);
    let calls = world.provider.calls();
    world.pass(mins(1));
    let next = world.poll().await.expect("a report");
    assert_eq!((next.ended, next.window), (Ended::Complete, report.window));
    // The page in whose middle time ran out was read again.
    assert_eq!(world.provider.calls() - calls, 4);
    let window = report.window.expect("a window");
    assert_eq!(world.watermark().await, window.opened_at.minus(mins(10)));
    assert_eq!((world.ids(), world.tickets().await), (ids(0..10), 10));
}

#[tokio::test]
async fn two_polls_at_once_inject_once() {
    let world = ten_missed(3, Habits::default()).await;
    let (one, other) = tokio::join!(world.poll(), world.poll());
    let ended = [one.expect("a report").ended, other.expect("a report").ended];
    assert!(ended.contains(&Ended::Complete) && ended.contains(&Ended::NotDue), "{ended:?}");
    assert_eq!((world.ids(), world.tickets().await), (ids(0..10), 10));
}

#[tokio::test]
async fn a_run_within_its_deadline_is_left_alone() {
    let world = ten_missed(3, Habits::default()).await;
    world.provider.plan([Some(Trouble::Slow(mins(7))), None]);
    let (one, other) = tokio::join!(world.poll_for(mins(10)), async {
        while world.now() < START.plus(mins(20)) {
            tokio::task::yield_now().await;
        }
        world.poll().await
    });
    let ended = [one.expect("a report").ended, other.expect("a report").ended];
    assert_eq!(ended, [Ended::Complete, Ended::NotDue]);
    assert_eq!(world.ids(), ids(0..10));
}

#[tokio::test]
async fn a_run_that_overran_its_deadline_leaves_the_watermark_to_the_next() {
    let world = ten_missed(3, Habits::default()).await;
    // While the first run's only page is on its way, its time ends and another run begins.
    world.provider.plan([Some(Trouble::Slow(mins(7))), None]);
    let (one, other) = tokio::join!(world.poll(), async {
        while world.now() < START.plus(mins(20)) {
            tokio::task::yield_now().await;
        }
        world.poll().await
    });
    let ended = [one.expect("a report").ended, other.expect("a report").ended];
    assert_eq!(ended, [Ended::Overtaken, Ended::Complete]);
    assert_eq!(world.watermark().await, world.now().minus(mins(10)));
    assert_eq!((world.ids(), world.tickets().await), (ids(0..10), 10));
}

#[tokio::test]
async fn a_list_that_goes_round_in_circles_is_left() {
    for oldest_first in [false, true] {
        let world =
            ten_missed(4, Habits { oldest_first, forgets_places: true, ..Habits::default() }).await;
        let (before, calls) = (world.watermark().await, world.provider.calls());
        assert!(matches!(world.poll().await, Err(Error::Repeats)));
        assert_eq!((world.watermark().await, world.provider.calls() - calls), (before, 2));
        assert_eq!(world.ids().len(), 4);
    }
    // All of it in one page is no circle.
    let world = ten_missed(10, Habits { forgets_places: true, ..Habits::default() }).await;
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
}

/// A page may be empty and the list go on behind it, as where events of others are left out. What was
/// seen already, and nothing else, is a circle, whatever place it leads to.
#[tokio::test]
async fn an_empty_page_is_no_circle_and_the_same_page_is() {
    let world = World::running_by_cursor().await;
    world.pass(mins(30));
    let pages = [
        r#"{"data":[],"next":"b"}"#,
        r#"{"data":[{"id":"evt_1","created":1780286700}],"next":"c"}"#,
        r#"{"data":[{"id":"evt_1","created":1780286700}],"next":"d"}"#,
    ];
    let calls = world.provider.calls();
    world.provider.plan(pages.map(|text| Some(Trouble::Body(text))));
    assert!(matches!(world.poll().await, Err(Error::Repeats)));
    assert_eq!(world.ids(), ["evt_1"]);
    assert_eq!(world.provider.calls() - calls, 3);
}

#[tokio::test]
async fn a_place_that_vanishes_starts_the_list_over() {
    for (vanishing, oldest_first) in [("evt_06", false), ("evt_03", true)] {
        let world = ten_missed(4, Habits { oldest_first, ..Habits::default() }).await;
        // Time runs out behind the first page, which ends with the event that vanishes.
        world.provider.plan([None, Some(Trouble::Slow(Span::from_secs(45)))]);
        assert_eq!(world.poll().await.expect("a report").ended, Ended::OutOfTime);
        world.provider.forget(vanishing);
        world.pass(mins(1));
        let report = world.poll().await.expect("a report");
        assert_eq!(report.ended, Ended::Complete);
        assert!(world.provider.calls.lock().unwrap().iter().any(|url| url.contains(vanishing)));
        assert!(ids(0..10).iter().all(|id| id == vanishing || world.ids().contains(id)));
    }
}

#[tokio::test]
async fn a_provider_that_heeds_no_window_brings_no_history() {
    let world = World::new(1, 100, Habits { ignores_window: true, ..Habits::default() });
    world.provider.happen("evt_old", START.minus(Span::from_days(20)), START);
    world.poll().await.expect("a report");
    world.miss("evt_new");
    world.pass(mins(10));
    let report = world.poll().await.expect("a report");
    assert_eq!((report.tally.outside, world.ids()), (1, vec!["evt_new".to_owned()]));
}

#[tokio::test]
async fn events_nobody_can_ask_for_any_more_are_reported() {
    let world = World::running(100, Habits::default()).await;
    world.miss("evt_lost");
    world.pass(Span::from_days(35));
    world.miss("evt_found");
    world.pass(mins(11));
    let calls = world.provider.calls();
    let report = world.poll().await.expect("a report");
    assert_eq!((report.ended, world.ids()), (Ended::Complete, vec!["evt_found".to_owned()]));
    assert_eq!(world.provider.calls() - calls, 29, "day by day");
    let failures = world.failures();
    assert!(matches!(failures.as_slice(), [one] if one.contains("cannot be asked for")));
    world.pass(mins(5));
    world.poll().await.expect("a report");
    assert_eq!(world.failures(), Vec::<String>::new());
}

#[tokio::test]
async fn an_event_that_cannot_be_stored_keeps_the_watermark() {
    for fails in [Fails::BeforeEffect, Fails::AfterEffect] {
        for nth in 0..10 {
            let world = ten_missed(4, Habits::default()).await;
            let before = world.watermark().await;
            let plan = (0..=nth).map(|n| (n == nth).then_some(fails));
            world.ports.bodies.plan(plan);
            assert!(matches!(world.poll().await, Err(Error::Call(_))));
            assert_eq!((world.watermark().await, world.failures().len()), (before, 1));
            assert!(world.ids().len() < 10);
            world.pass(mins(5));
            assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
            assert_eq!((world.ids(), world.tickets().await), (ids(0..10), 10));
        }
    }
}

#[tokio::test]
async fn a_watermark_that_cannot_be_written_is_written_by_a_later_poll() {
    for fails in [Fails::BeforeEffect, Fails::AfterEffect] {
        // The first write says that a run begins, the second one ends it.
        for nth in 0..2 {
            let world = ten_missed(4, Habits::default()).await;
            let before = world.watermark().await;
            world.ports.documents.plan((0..=nth).map(|n| (n == nth).then_some(fails)));
            assert!(matches!(world.poll().await, Err(Error::Call(_))));
            let is_written = nth == 1 && fails == Fails::AfterEffect;
            assert_eq!(world.watermark().await > before, is_written);
            assert_eq!(world.ids().len(), 10 * nth);
            world.pass(mins(5));
            assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
            assert_eq!(world.watermark().await, world.now().minus(mins(10)));
            assert_eq!((world.ids(), world.tickets().await), (ids(0..10), 10));
        }
    }
}

#[tokio::test]
async fn a_rotated_key_is_fetched_at_once() {
    let world = ten_missed(100, Habits::default()).await;
    *world.provider.key.lock().unwrap() = "sk_2".to_owned();
    world.ports.memory.secrets.set("stripe_api_key", &["sk_2", "sk_1"]);
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
    *world.provider.key.lock().unwrap() = "sk_3".to_owned();
    world.pass(mins(5));
    assert!(matches!(world.poll().await, Err(Error::Status { status: 401, .. })));
    world.ports.memory.secrets.remove("stripe_api_key");
    world.pass(mins(10));
    let error = world.poll().await.expect_err("no key");
    assert!(matches!(&error, Error::NoApiKey { name } if name == "stripe_api_key"), "{error}");
}

/// Secrets are believed for five minutes; a key that is refused is looked for before that.
#[tokio::test]
async fn a_key_that_was_rotated_a_moment_ago_is_fetched_too() {
    let world = ten_missed(100, Habits::default()).await;
    world.secrets.warm_up(&world.ports).await.expect("loaded");
    world.pass(mins(1));
    *world.provider.key.lock().unwrap() = "sk_2".to_owned();
    world.ports.memory.secrets.set("stripe_api_key", &["sk_2"]);
    let calls = world.provider.calls();
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
    assert_eq!((world.ids(), world.provider.calls() - calls), (ids(0..10), 2));
}

#[tokio::test]
async fn the_same_key_is_not_tried_twice_and_an_empty_one_never() {
    for (values, calls_made) in [(["sk_1", "sk_0"], 1), (["", "sk_1"], 1), (["", "sk_2"], 2)] {
        let world = ten_missed(100, Habits::default()).await;
        world.secrets.warm_up(&world.ports).await.expect("loaded");
        world.pass(mins(1));
        *world.provider.key.lock().unwrap() = "sk_2".to_owned();
        world.ports.memory.secrets.set("stripe_api_key", &values);
        let calls = world.provider.calls();
        assert_eq!(world.poll().await.is_ok(), values[1] == "sk_2", "{values:?}");
        assert_eq!(world.provider.calls() - calls, calls_made, "{values:?}");
    }
}

/// Another status than 401 says nothing of the key.
#[tokio::test]
async fn a_key_is_fetched_anew_only_where_it_was_refused() {
    let world = ten_missed(100, Habits::default()).await;
    world.secrets.warm_up(&world.ports).await.expect("loaded");
    world.pass(mins(1));
    world.ports.memory.secrets.set("stripe_api_key", &["sk_2"]);
    let calls = world.provider.calls();
    world.provider.plan([Some(Trouble::Status(403, None))]);
    assert!(matches!(world.poll().await, Err(Error::Status { status: 403, .. })));
    assert_eq!(world.provider.calls() - calls, 1);
}

#[tokio::test]
async fn an_outage_lasts_as_long_as_the_provider_says() {
    let world = ten_missed(100, Habits::default()).await;
    let away = Some(Span::from_secs(7 * 60));
    world.provider.plan([Some(Trouble::Status(503, away))]);
    assert!(matches!(world.poll().await, Err(Error::Status { status: 503, .. })));
    world.pass(mins(5));
    assert_eq!(world.poll().await.expect("a report").ended, Ended::NotDue);
    world.pass(mins(2));
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
    assert_eq!(world.ids(), ids(0..10));
}

#[tokio::test]
async fn a_clock_that_was_set_back_harms_nothing() {
    let world = ten_missed(100, Habits::default()).await;
    world.poll().await.expect("a report");
    let watermark = world.watermark().await;
    world.clock.set(world.now().minus(Span::from_days(1)));
    let ended = world.poll().await.expect("a report").ended;
    assert_eq!((ended, world.watermark().await), (Ended::NotDue, watermark));
    world.clock.set(Timestamp::from_secs(START.secs() + 7200));
    assert_eq!(world.poll().await.expect("a report").ended, Ended::Complete);
}

/// An API lists whatever happened in an account, not just what the endpoint is subscribed to.
#[tokio::test]
async fn what_is_not_meant_for_the_source_is_left_alone() {
    for (source, reconcile, is_taken) in [
        ("", "kinds = \"invoice.*\"", true),
        ("", "kinds = [\"charge.*\", \"invoice.void\"]", false),
        ("only = { \"/object\" = \"event\" }", "", true),
        ("only = { \"/livemode\" = \"true\" }", "", false),
        ("only = { \"/object\" = \"event\" }", "kinds = \"charge.*\"", false),
    ] {
        let world = World::running_with(source, reconcile).await;
        world.miss("evt_1");
        world.pass(mins(10));
        let report = world.poll().await.expect("a report");
        assert_eq!(report.ended, Ended::Complete, "{source} {reconcile}");
        let wanted = Tally {
            listed: 1,
            missed: u64::from(is_taken),
            outside: u64::from(!is_taken),
            ..Tally::default()
        };
        assert_eq!(report.tally, wanted, "{source} {reconcile}");
        assert_eq!(world.stored().len(), usize::from(is_taken));
    }
}

/// A window that was left half read is gone on with, unless what happened in it is forgotten here.
#[tokio::test]
async fn a_window_that_was_left_for_too_long_is_dropped() {
    for (days, is_read) in [(29, true), (31, false)] {
        let world = World::running(100, Habits { ignores_window: true, ..Habits::default() }).await;
        world.miss("evt_1");
        let at = world.now();
        world.pass(mins(10));
        world.provider.plan([Some(Trouble::Status(500, None))]);
        assert!(world.poll().await.is_err());
        world.pass(at.plus(Span::from_days(days)).since(world.now()));
        let report = world.poll().await.expect("a report");
        assert_eq!(report.tally.missed, u64::from(is_read), "after {days} days");
        assert_eq!(world.stored().len(), usize::from(is_read), "after {days} days");
    }
}

/// However long polls failed, a window has an end: a run reads a day more at a time.
#[tokio::test]
async fn after_an_outage_a_poll_catches_up_day_by_day() {
    let world = World::running(100, Habits::default()).await;
    let begun = world.watermark().await;
    for number in 0..5 {
        world.miss(&format!("evt_{number}"));
        world.pass(Span::from_days(1));
    }
    // Time for two days, and no more.
    world.provider.plan([None, Some(Trouble::Slow(Span::from_secs(45)))]);
    let report = world.poll().await.expect("a report");
    assert_eq!((report.ended, report.tally.missed), (Ended::Complete, 2));
    assert_eq!(world.watermark().await, begun.plus(Span::from_days(2)));
    // The next is due at once, and another that comes meanwhile is sent home.
    world.provider.plan([Some(Trouble::Slow(Span::from_secs(5)))]);
    let (first, second) = tokio::join!(world.poll(), world.poll());
    let (first, second) = (first.expect("a report"), second.expect("a report"));
    assert_eq!((first.ended, first.tally.missed, first.lag), (Ended::Complete, 3, mins(10)));
    assert_eq!(second.ended, Ended::NotDue);
    world.pass(mins(1));
    assert_eq!(world.poll().await.expect("a report").ended, Ended::NotDue, "it has caught up");
    assert_eq!(world.stored().len(), 5);
}

#[tokio::test]
async fn a_source_that_is_polled_is_reported_on() {
    let world = ten_missed(100, Habits::default()).await;
    let deadline = world.now().plus(Span::from_secs(50));
    let reports =
        poll_all(&world.ports, &world.provider, &world.configuration, &world.secrets, deadline)
            .await;
    let [Ok(report)] = &reports[..] else { panic!("one report: {reports:?}") };
    assert_eq!(report.tally.missed, 10);
}

/// A list names an event for as long as it reaches back: that is nobody's wish to have it run again.
#[tokio::test]
async fn a_dead_event_that_is_listed_stays_dead() {
    let world = ten_missed(100, Habits::default()).await;
    world.poll().await.expect("a report");
    let stored = world.stored().remove("evt_00").expect("injected");
    let failure = Failure::new(Class::Status, "no such customer");
    let died = Record {
        state: State::Dead,
        place: Some(Place { room: Room::Dead, index_at: stored.event.received_at }),
        death: Some(Death { at: stored.event.received_at, failure }),
        ..stored
    };
    let world = ten_missed(100, Habits::default()).await;
    world.ports.memory.events.create(&died).await.expect("memory answers");
    let tally = world.poll().await.expect("a report").tally;
    assert_eq!((tally.known, tally.missed), (1, 9));
    assert_eq!(world.stored()["evt_00"].state, State::Dead);
}
