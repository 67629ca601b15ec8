//! Which window a poll reads, for any clock and any settings.

use super::{config, hostile};
use holdfast_domain::configuration::{Glob, Reconcile, SecretName};
use holdfast_domain::poll::{Age, Window};
use holdfast_domain::time::{Span, Timestamp};
use proptest::prelude::*;

fn point() -> impl Strategy<Value = Timestamp> {
    hostile().prop_map(Timestamp::from_millis)
}

fn length() -> impl Strategy<Value = Span> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), 0..10_000_000_u64]
        .prop_map(Span::from_millis)
}

fn reconcile() -> impl Strategy<Value = Reconcile> {
    [length(), length(), length(), length()].prop_map(|[overlap, lag, grace, look_back]| {
        Reconcile {
            every: Span::from_mins(5),
            api_key: SecretName::new("key").expect("a name"),
            base_url: None,
            overlap,
            lag,
            grace,
            look_back,
            kinds: vec![Glob::any()],
        }
    })
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn a_window_stays_within_every_bound(
        reconcile in reconcile(),
        [watermark, since, now] in [point(), point(), point()],
        retention in length(),
    ) {
        let window = Window::open(watermark, since, &reconcile, retention, now);
        let seen_to = watermark.max(window.start);
        let end = now.minus(reconcile.lag).min(seen_to.plus(Span::from_days(1)));
        prop_assert_eq!((window.end, window.opened_at), (end, now));
        let bounds = [
            watermark.minus(reconcile.overlap),
            since,
            now.minus(reconcile.look_back),
            now.minus(retention),
        ];
        prop_assert!(bounds.iter().all(|bound| window.start >= *bound));
        prop_assert!(bounds.contains(&window.start), "no earlier bound is left out");
        prop_assert_eq!(window.is_empty(), window.start > window.end);
        prop_assert_eq!(window.gap_after(watermark), window.start.since(watermark));
    }

    #[test]
    fn the_watermark_never_goes_back_and_leaves_the_pending(
        reconcile in reconcile(),
        [watermark, since, now] in [point(), point(), point()],
        retention in length(),
        pending in proptest::option::of(point()),
    ) {
        let window = Window::open(watermark, since, &reconcile, retention, now);
        let next = window.next_watermark(watermark, &reconcile, pending);
        prop_assert!(next >= watermark);
        prop_assert!(next <= watermark.max(now), "not past the time of the poll");
        prop_assert!(next <= watermark.max(window.end), "nor past what was read");
        if window.is_cut(&reconcile) && pending.is_none() {
            prop_assert!(next > watermark, "it gets on");
        }
        if let Some(pending) = pending {
            prop_assert!(next <= watermark.max(pending));
        }
    }

    /// What is too young now is in the next window: between two polls nothing falls out.
    #[test]
    fn what_is_pending_is_looked_at_again(
        reconcile in reconcile(),
        [watermark, since, now, at] in [point(), point(), point(), point()],
        passed in length(),
    ) {
        let forever = Reconcile { look_back: Span::from_millis(u64::MAX), ..reconcile };
        let retention = Span::from_millis(u64::MAX);
        let window = Window::open(watermark, since, &forever, retention, now);
        if window.judge(&forever, at, now) == Age::Pending {
            let next = window.next_watermark(watermark, &forever, Some(at));
            let then = Window::open(next, since, &forever, retention, now.plus(passed));
            prop_assert_ne!(then.judge(&forever, at, now.plus(passed)), Age::Outside);
        }
    }

    #[test]
    fn nothing_due_is_younger_than_the_grace(
        reconcile in reconcile(),
        [watermark, since, now, at] in [point(), point(), point(), point()],
    ) {
        let window = Window::open(watermark, since, &reconcile, reconcile.look_back, now);
        // What is said to happen in the future is as young as can be.
        let age = (i128::from(now.millis()) - i128::from(at.millis())).max(0);
        match window.judge(&reconcile, at, now) {
            Age::Due => prop_assert!(age >= i128::from(reconcile.grace.millis())),
            Age::Pending => prop_assert!(age < i128::from(reconcile.grace.millis())),
            Age::Outside => prop_assert!(at < window.start),
        }
    }
}
