//! What a poll remembers between its runs: one small document per source.
//!
//! Only one run at a time works on it: a run writes down at its beginning until when it may take,
//! and a second one that comes meanwhile goes home. Two runs that were to meet nevertheless could
//! inject an event once only, and move the watermark once only: the document, too, is written under
//! the condition that nobody wrote it since.

use crate::ports::{DocumentStore, Error, Ports, Result};
use holdfast_domain::configuration::Reconcile;
use holdfast_domain::poll::{Continuation, Window};
use holdfast_domain::source::SourceName;
use holdfast_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// A schedule is not punctual: a run that comes this much early is not sent home for it.
const EARLY: Span = Span::from_secs(15);

/// A window whose reading failed this often is begun anew: the place to go on from may be the
/// reason.
const TRIES: u8 = 3;

/// A source's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Everything up to here was listed, and is stored.
    pub(super) watermark: Timestamp,
    /// The first watermark ever: what is older is not asked for.
    pub(super) since: Timestamp,
    /// When the last run began.
    last_run_at: Timestamp,
    /// Until when a run is at work.
    busy_until: Timestamp,
    /// The provider asked not to come before.
    not_before: Timestamp,
    /// A window that is read in part.
    pub(super) open: Option<Open>,
}

/// A window being read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Open {
    /// The window.
    pub(super) window: Window,
    /// The next page; the first one, where `None`.
    pub(super) at: Option<Continuation>,
    /// How many pages were read.
    pub(super) pages: u32,
    /// The oldest event that was left to its webhook.
    pub(super) oldest_pending: Option<Timestamp>,
    /// How often reading on failed.
    failures: u8,
}

/// The document as loaded.
pub(super) struct Loaded {
    pub(super) state: State,
    revision: u64,
}

impl State {
    /// Of a source that was never polled before.
    fn first(reconcile: &Reconcile, now: Timestamp) -> Self {
        let watermark = Window::first_watermark(reconcile, now);
        Self {
            watermark,
            since: watermark,
            last_run_at: Timestamp::EPOCH,
            busy_until: Timestamp::EPOCH,
            not_before: Timestamp::EPOCH,
            open: None,
        }
    }

    /// Whether it is time for a run. A window that is only half read is gone on with at once.
    pub(super) fn is_due(&self, every: Span, now: Timestamp) -> bool {
        let goes_on = self.open.as_ref().is_some_and(|open| open.failures == 0);
        let is_time = now.since(self.last_run_at).plus(EARLY) >= every;
        now >= self.busy_until && now >= self.not_before && (goes_on || is_time)
    }

    pub(super) fn begin(&mut self, now: Timestamp, until: Timestamp) {
        self.last_run_at = now;
        self.busy_until = until;
    }

    /// The window was read whole, and all that was due in it is stored.
    pub(super) fn commit(&mut self, reconcile: &Reconcile) {
        if let Some(open) = self.open.take() {
            let (before, pending) = (self.watermark, open.oldest_pending);
            self.watermark = open.window.next_watermark(before, reconcile, pending);
            if open.window.is_cut(reconcile) {
                // There is more to catch up with: the next run is due at once.
                self.last_run_at = Timestamp::EPOCH;
            }
        }
        self.busy_until = Timestamp::EPOCH;
    }

    /// The next run goes on where this one stopped, as soon as the provider lets it.
    pub(super) fn pause(&mut self, not_before: Option<Timestamp>) {
        self.open = self.open.take().map(|open| Open { failures: 0, ..open });
        self.not_before = not_before.unwrap_or(self.not_before);
        self.busy_until = Timestamp::EPOCH;
    }

    /// Reading failed. Where that may pass, what was read is kept.
    pub(super) fn fail(&mut self, may_pass: bool, not_before: Option<Timestamp>) {
        self.open = self.open.take().and_then(|open| {
            let failures = open.failures.saturating_add(1);
            (may_pass && failures < TRIES).then_some(Open { failures, ..open })
        });
        self.not_before = not_before.unwrap_or(self.not_before);
        self.busy_until = Timestamp::EPOCH;
    }
}

impl Open {
    pub(super) fn new(window: Window) -> Self {
        Self { window, at: None, pages: 0, oldest_pending: None, failures: 0 }
    }

    pub(super) fn leave(&mut self, pending: Timestamp) {
        let oldest = self.oldest_pending.map_or(pending, |oldest| oldest.min(pending));
        self.oldest_pending = Some(oldest);
    }
}

impl Loaded {
    /// Reads a source's document.
    pub(super) async fn load<P: Ports>(
        ports: &P,
        source: &SourceName,
        reconcile: &Reconcile,
    ) -> Result<Self> {
        let document = ports.documents().load(&name(source)).await?;
        let state = if document.json.is_empty() {
            State::first(reconcile, ports.now())
        } else {
            serde_json::from_str(&document.json)
                .map_err(|error| Error::new("read the watermark", error))?
        };
        Ok(Self { state, revision: document.revision })
    }

    /// Writes it, unless another run did since; `false` then.
    pub(super) async fn save<P: Ports>(&mut self, ports: &P, source: &SourceName) -> Result<bool> {
        let json = serde_json::to_string(&self.state)
            .map_err(|error| Error::new("write the watermark", error))?;
        let saved = ports.documents().save(&name(source), &json, self.revision).await?;
        // Every write counts the revision up by one.
        self.revision = self.revision.saturating_add(u64::from(saved));
        Ok(saved)
    }
}

fn name(source: &SourceName) -> String {
    format!("W#{source}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_keeps_its_form() {
        let at = |secs| Timestamp::from_secs(secs);
        let window = Window { start: at(1), end: at(2), opened_at: at(3) };
        let after = Continuation::Param { name: "after".to_owned(), value: "e".to_owned() };
        let mut open = Open { at: Some(after), ..Open::new(window) };
        open.leave(at(2));
        open.leave(at(1));
        let state = State {
            watermark: at(4),
            since: at(5),
            last_run_at: at(6),
            busy_until: at(7),
            not_before: at(8),
            open: Some(open),
        };
        let json = "{\"watermark\":4000,\"since\":5000,\"last_run_at\":6000,\"busy_until\":7000,\
                    \"not_before\":8000,\"open\":{\"window\":{\"start\":1000,\"end\":2000,\
                    \"opened_at\":3000},\"at\":{\"param\":{\"name\":\"after\",\"value\":\"e\"}},\
                    \"pages\":0,\"oldest_pending\":1000,\"failures\":0}}";
        assert_eq!(serde_json::to_string(&state).expect("json"), json);
        assert_eq!(serde_json::from_str::<State>(json).expect("state"), state);
    }

    #[test]
    fn what_went_well_again_is_not_counted_as_failing() {
        let at = Timestamp::from_secs;
        let window = Window { start: at(1), end: at(2), opened_at: at(3) };
        let mut state = State {
            watermark: at(1),
            since: at(1),
            last_run_at: at(1),
            busy_until: at(9),
            not_before: at(1),
            open: Some(Open::new(window)),
        };
        let failures = |state: &State| state.open.as_ref().map(|open| open.failures);
        state.fail(true, Some(at(5)));
        state.fail(true, None);
        assert_eq!((failures(&state), state.not_before), (Some(2), at(5)));
        state.pause(None);
        assert_eq!((failures(&state), state.not_before), (Some(0), at(5)));
        state.fail(false, None);
        assert_eq!(failures(&state), None);
    }
}
