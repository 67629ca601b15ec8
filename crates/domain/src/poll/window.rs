//! Which stretch of time a poll asks for, which of the listed events are due, and how far the
//! watermark may then go.
//!
//! ```text
//!      since         watermark                         (newer: its webhook may be on its way)
//! ───────┼───────────────┼──────────────────────┼──────────────┼────────▶ time
//!            │◀ overlap ▶│                      │◀─── grace ───▶│
//!            │                                       │◀─ lag ──▶│
//!            └ start                                 └ end      now
//! ```
//!
//! * The window is `[watermark - overlap, now - lag]`, never further back than what the provider
//!   still lists and this side still remembers, and never before `since`, where polling began. After an
//!   outage it is cut: a day more at a time, so that a list has an end however long polls failed.
//! * A listed event younger than `grace` is pending: it is left to its webhook for now.
//! * After a window was read whole and every due event stored, the watermark is
//!   `now - max(lag, grace)`: whatever is newer will be looked at again. So an event that comes
//!   late into the list is found if it is no later than that plus `overlap`.

use crate::configuration::Reconcile;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// How much that nobody has looked at yet one window covers.
const AT_A_TIME: Span = Span::from_days(1);

/// A stretch of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its oldest moment.
    pub start: Timestamp,
    /// Its newest moment.
    pub end: Timestamp,
    /// When it was decided on; how far the watermark may go counts from here, however long the
    /// reading takes.
    pub opened_at: Timestamp,
}

/// What is to be done with a listed event of some age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Older than what was asked for: the provider does not heed the window. Injecting it might
    /// repeat what was finished and forgotten here.
    Outside,
    /// So young that its webhook may still be on its way.
    Pending,
    /// Old enough: if it is not known here, it was missed.
    Due,
}

impl Window {
    /// Where polling begins that never ran before: what is older belongs to the time before it was
    /// set up. A first deployment so injects nothing of the provider's history.
    pub fn first_watermark(reconcile: &Reconcile, now: Timestamp) -> Timestamp {
        now.minus(reconcile.grace.max(reconcile.lag))
    }

    /// The window that a poll at `now` reads. `since` is the first watermark ever; `retention` is
    /// for how long the provider lists events.
    pub fn open(
        watermark: Timestamp,
        since: Timestamp,
        reconcile: &Reconcile,
        retention: Span,
        now: Timestamp,
    ) -> Self {
        let start =
            watermark.minus(reconcile.overlap).max(since).max(oldest(reconcile, retention, now));
        let end = now.minus(reconcile.lag).min(watermark.max(start).plus(AT_A_TIME));
        Self { start, end, opened_at: now }
    }

    /// Whether it ends before what could be seen to when it was opened.
    pub fn is_cut(&self, reconcile: &Reconcile) -> bool {
        self.end < Self::first_watermark(reconcile, self.opened_at)
    }

    /// Whether what happened in it is still remembered here. One that was left half read for so long
    /// that it is not would inject again what was finished and forgotten.
    pub fn is_remembered(&self, reconcile: &Reconcile, now: Timestamp) -> bool {
        // The dedupe window is at least a day longer.
        now.since(self.start) <= reconcile.look_back.plus(Span::from_days(1))
    }

    /// Whether there is nothing in it; so when the clock was set back.
    pub fn is_empty(&self) -> bool {
        self.start > self.end
    }

    /// How much time between the watermark and this window nobody can ask for any more.
    pub fn gap_after(&self, watermark: Timestamp) -> Span {
        self.start.since(watermark)
    }

    /// What is to be done with an event that happened at `at`, looked at at `now`. Providers write
    /// whole seconds, so the window's start counts from its whole second on.
    pub fn judge(&self, reconcile: &Reconcile, at: Timestamp, now: Timestamp) -> Age {
        if at.secs() < self.start.secs() {
            Age::Outside
        } else if now.since(at) < reconcile.grace {
            Age::Pending
        } else {
            Age::Due
        }
    }

    /// The watermark after the window was read whole and every due event stored. It never goes
    /// back, and never past an event that is still pending.
    pub fn next_watermark(
        &self,
        watermark: Timestamp,
        reconcile: &Reconcile,
        oldest_pending: Option<Timestamp>,
    ) -> Timestamp {
        let read_to = Self::first_watermark(reconcile, self.opened_at);
        let read_to = read_to.min(self.end);
        let seen_to = oldest_pending.map_or(read_to, |pending| pending.min(read_to));
        seen_to.max(watermark)
    }
}

fn oldest(reconcile: &Reconcile, retention: Span, now: Timestamp) -> Timestamp {
    now.minus(reconcile.look_back.min(retention))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Glob, SecretName};

    const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
    const RETENTION: Span = Span::from_days(30);

    fn reconcile() -> Reconcile {
        Reconcile {
            every: Span::from_mins(5),
            api_key: SecretName::new("key").expect("a name"),
            base_url: None,
            overlap: Span::from_mins(5),
            lag: Span::from_mins(1),
            grace: Span::from_mins(10),
            look_back: Span::from_days(29),
            kinds: vec![Glob::any()],
        }
    }

    fn ago(secs: u64) -> Timestamp {
        NOW.minus(Span::from_secs(secs))
    }

    #[test]
    fn it_overlaps_what_was_seen_and_leaves_the_head_of_the_list() {
        let window = Window::open(ago(900), ago(5000), &reconcile(), RETENTION, NOW);
        assert_eq!(window, Window { start: ago(1200), end: ago(60), opened_at: NOW });
        assert_eq!(window.gap_after(ago(900)), Span::ZERO);
    }

    #[test]
    fn it_begins_no_earlier_than_polling_itself() {
        let first = Window::first_watermark(&reconcile(), NOW);
        assert_eq!(first, ago(600));
        let window = Window::open(first, first, &reconcile(), RETENTION, NOW);
        assert_eq!((window.start, window.end), (ago(600), ago(60)));
        assert_eq!(window.judge(&reconcile(), ago(601), NOW), Age::Outside);
    }

    #[test]
    fn it_is_clamped_to_what_is_remembered_and_to_what_is_listed() {
        let (day, old) = (86_400, ago(40 * 86_400));
        let window = Window::open(old, old, &reconcile(), RETENTION, NOW);
        assert_eq!(window.start, ago(29 * day));
        assert_eq!(window.gap_after(old), Span::from_days(11));
        let window = Window::open(old, old, &reconcile(), Span::from_days(3), NOW);
        assert_eq!(window.start, ago(3 * day));
    }

    #[test]
    fn ages() {
        let window = Window::open(ago(900), ago(5000), &reconcile(), RETENTION, NOW);
        for (age, expected) in [
            (0, Age::Pending),
            (599, Age::Pending),
            (600, Age::Due),
            (1200, Age::Due),
            (1201, Age::Outside),
        ] {
            assert_eq!(window.judge(&reconcile(), ago(age), NOW), expected, "{age} s");
        }
        let tomorrow = NOW.plus(Span::from_days(1));
        assert_eq!(window.judge(&reconcile(), tomorrow, NOW), Age::Pending);
        let far = Timestamp::from_millis(i64::MIN);
        assert_eq!(window.judge(&reconcile(), far, NOW), Age::Outside);
    }

    #[test]
    fn after_an_outage_it_is_a_day_more_at_a_time() {
        let reconcile = Reconcile { overlap: Span::from_days(2), ..reconcile() };
        let day = 86_400;
        let (mut watermark, mut seen) = (ago(3 * day), Vec::new());
        for _ in 0..4 {
            let window = Window::open(watermark, ago(20 * day), &reconcile, RETENTION, NOW);
            assert_eq!(window.start, watermark.minus(Span::from_days(2)));
            watermark = window.next_watermark(watermark, &reconcile, None);
            seen.push((window.end, watermark, window.is_cut(&reconcile)));
        }
        assert_eq!(
            seen,
            [
                (ago(2 * day), ago(2 * day), true),
                (ago(day), ago(day), true),
                (ago(60), ago(600), false),
                (ago(60), ago(600), false),
            ]
        );
        let old = Window::open(ago(40 * day), ago(50 * day), &reconcile, RETENTION, NOW);
        assert_eq!((old.start, old.end), (ago(29 * day), ago(28 * day)));
    }

    #[test]
    fn it_is_cut_where_more_could_be_seen_to() {
        let until = |secs| Window { start: ago(5000), end: ago(secs), opened_at: NOW };
        assert!(until(601).is_cut(&reconcile()));
        assert!(!until(600).is_cut(&reconcile()), "the grace of ten minutes");
    }

    #[test]
    fn it_is_remembered_for_a_day_longer_than_it_looks_back() {
        let window = Window { start: ago(0), end: NOW, opened_at: NOW };
        let after = |secs| window.is_remembered(&reconcile(), NOW.plus(Span::from_secs(secs)));
        assert!(after(30 * 86_400) && !after(30 * 86_400 + 1));
    }

    #[test]
    fn a_single_moment_is_a_window() {
        let of = |start| Window { start, end: NOW, opened_at: NOW };
        assert!(!of(NOW).is_empty());
        assert!(of(NOW.plus(Span::from_millis(1))).is_empty());
    }

    #[test]
    fn an_event_of_the_starting_second_is_within() {
        let watermark = Timestamp::from_millis(1_780_286_000_999);
        let window = Window::open(watermark, watermark, &reconcile(), RETENTION, NOW);
        let event = Timestamp::from_secs(1_780_286_000);
        assert_eq!(window.judge(&reconcile(), event, NOW), Age::Due);
    }

    #[test]
    fn the_watermark_never_goes_back_nor_past_a_pending_event() {
        let window = Window::open(ago(900), ago(5000), &reconcile(), RETENTION, NOW);
        let next = |watermark, pending| window.next_watermark(watermark, &reconcile(), pending);
        assert_eq!(next(ago(900), None), ago(600));
        assert_eq!(next(ago(900), Some(ago(599))), ago(600));
        assert_eq!(next(ago(900), Some(ago(700))), ago(700));
        assert_eq!(next(ago(500), Some(ago(700))), ago(500));
        let lagging = Reconcile { lag: Span::from_mins(20), ..reconcile() };
        assert_eq!(window.next_watermark(ago(3000), &lagging, None), ago(1200));
    }

    #[test]
    fn a_clock_that_was_set_back_opens_nothing() {
        let before = NOW.plus(Span::from_mins(60));
        assert!(Window::open(before, ago(5000), &reconcile(), RETENTION, NOW).is_empty());
        assert!(!Window::open(ago(900), ago(5000), &reconcile(), RETENTION, NOW).is_empty());
    }
}
