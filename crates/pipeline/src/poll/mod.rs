//! Poll: hold a provider's own list of events against the table, and inject what no webhook
//! brought.
//!
//! ```text
//! watermark, now ─▶ window ─▶ page ─▶ page ─▶ … ─▶ last page ─▶ watermark
//!                              │        │               │           ▲
//!                              each event: pending, known, or missed and stored
//!                              any failure: the watermark stays ────┘
//! ```
//!
//! * The watermark moves only when every page was read *and* every due event is stored. Until then
//!   the next poll reads it all again; what is stored by then is known, so nothing is doubled.
//!   Lists may therefore come in any order.
//! * When time runs out in the middle, the place is kept and the next run goes on there. After an
//!   outage a run reads one day after the other, as long as it has time.
//! * A list that goes round in circles ends the run: a page with more behind it must bring an event
//!   that this run has not seen, and a place to go on must be a new one. A list that starts over
//!   for an unknown place (its event was deleted) is only read once more from the top.
//! * Two polls, or a poll and a webhook, of the same event: the conditional put lets one win.
//!
//! Does not own which events are due nor how a page is read ([`holdfast_domain::poll`]).

mod api;
mod error;
mod inject;
mod reading;
mod state;
#[cfg(test)]
mod tests;

pub use api::{ApiAnswer, ProviderApi};
pub use error::Error;
pub use inject::Tally;

use crate::accept::Rules;
use crate::facts::Fact;
use crate::ports::Ports;
use crate::secrets::SecretCache;
use futures_util::future::join_all;
use holdfast_domain::configuration::{Configuration, Source};
use holdfast_domain::poll::Window;
use holdfast_domain::time::{Span, Timestamp};
use reading::{Read, Reading};
use state::{Loaded, Open};

/// How long to stay away at most, whatever the provider says.
const STAY_AWAY_AT_MOST: Span = Span::from_mins(60);

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it saw; where a window took several runs, this run's part.
    pub tally: Tally,
    /// The last window it read; `None` if it did not get to that.
    pub window: Option<Window>,
    /// How far the watermark is behind now.
    pub lag: Span,
    /// How it ended.
    pub ended: Ended,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was not time for one, another one is at work, or the source is not polled at all.
    NotDue,
    /// The window was read whole; the watermark is committed.
    Complete,
    /// Time ran out; the next run goes on.
    OutOfTime,
    /// The provider asked to come later; the next run after that goes on.
    Throttled,
    /// Another run took over, because this one overran its deadline. The watermark is its business.
    Overtaken,
}

/// Polls every source that is configured for it and due, all at once: a slow provider must not
/// starve the others. One result for each polled source, in the order of their names; every error
/// is a recorded fact already.
pub async fn poll_all<P: Ports, A: ProviderApi>(
    ports: &P,
    api: &A,
    configuration: &Configuration,
    secrets: &SecretCache,
    deadline: Timestamp,
) -> Vec<Result<Report, Error>> {
    let keep_body = configuration.body_kept();
    let sources = configuration.sources().filter(|source| source.reconcile.is_some());
    join_all(sources.map(|source| poll(ports, api, source, keep_body, secrets, deadline))).await
}

/// Polls a source if it is due, until its window is read, or `deadline` comes near. The bodies of
/// what was missed are kept for `keep_body`.
///
/// # Errors
/// When the window could not be read whole. The fact is recorded, the watermark stays.
pub async fn poll<P: Ports, A: ProviderApi>(
    ports: &P,
    api: &A,
    source: &Source,
    keep_body: Span,
    secrets: &SecretCache,
    deadline: Timestamp,
) -> Result<Report, Error> {
    let (Some(reconcile), Some(listing)) = (&source.reconcile, source.provider.listing()) else {
        return Ok(Report::not_due(Span::ZERO));
    };
    // Whether a dead event is replayed is for its sender to say; being listed says nothing.
    let rules = Rules { keep_body, replay_dead: false };
    let reading = Reading { ports, api, source, reconcile, listing, rules, secrets, deadline };
    let run = reading.run().await;
    match &run {
        Ok(report) if report.ended == Ended::NotDue => {}
        Ok(report) => reading.record(report),
        Err(error) => reading.record_failure(error.to_string()),
    }
    run
}

impl<P: Ports, A: ProviderApi> Reading<'_, P, A> {
    async fn run(&self) -> Result<Report, Error> {
        let (ports, name, now) = (self.ports, &self.source.name, self.ports.now());
        let mut loaded = Loaded::load(ports, name, self.reconcile).await?;
        let not_due = Report::not_due(now.since(loaded.state.watermark));
        if !loaded.state.is_due(self.reconcile.every, now) {
            return Ok(not_due);
        }
        loaded.state.begin(now, self.deadline);
        // The first run so fixes where polling begins, whatever becomes of the run itself.
        if !loaded.save(ports, name).await? {
            return Ok(not_due);
        }
        let mut tally = Tally::default();
        loop {
            let now = ports.now();
            let left = loaded.state.open.take();
            let mut open = match left.filter(|open| open.window.is_remembered(self.reconcile, now))
            {
                Some(open) => open,
                None => self.open(loaded.state.watermark, loaded.state.since, now),
            };
            let window = open.window;
            let read = self.read(&mut open, &mut tally).await;
            loaded.state.open = Some(open);
            let now = ports.now();
            let later = |wait: Span| now.plus(wait.min(STAY_AWAY_AT_MOST));
            let ended = match read {
                Ok(Read::Whole) => {
                    loaded.state.commit(self.reconcile);
                    Ended::Complete
                }
                Ok(Read::OutOfTime) => {
                    loaded.state.pause(None);
                    Ended::OutOfTime
                }
                Ok(Read::TooOften(wait)) => {
                    loaded.state.pause(Some(later(wait)));
                    Ended::Throttled
                }
                Err(error) => {
                    loaded.state.fail(error.may_pass(), error.retry_after().map(later));
                    // That it failed is what counts; if this fails as well, the place is lost, and the
                    // run's time has to pass before the next.
                    let _ = loaded.save(ports, name).await;
                    return Err(error);
                }
            };
            let is_whole = ended == Ended::Complete;
            let goes_on = is_whole && window.is_cut(self.reconcile) && !self.is_out_of_time();
            if goes_on {
                loaded.state.begin(now, self.deadline);
            }
            let saved = loaded.save(ports, name).await?;
            if goes_on && saved {
                continue;
            }
            let ended = if saved { ended } else { Ended::Overtaken };
            let lag = now.since(loaded.state.watermark);
            return Ok(Report { tally, window: Some(window), lag, ended });
        }
    }

    fn open(&self, watermark: Timestamp, since: Timestamp, now: Timestamp) -> Open {
        let retention = self.listing.retention();
        let window = Window::open(watermark, since, self.reconcile, retention, now);
        let gap = window.gap_after(watermark);
        if gap > Span::ZERO {
            self.record_failure(format!(
                "polls failed for so long that {} s of events cannot be asked for any more",
                gap.secs_up()
            ));
        }
        Open::new(window)
    }

    fn record(&self, report: &Report) {
        let Tally { listed, known, missed, pending, .. } = report.tally;
        self.ports.facts().record(Fact::Polled {
            source: self.source.name.to_string(),
            listed,
            known,
            missed,
            pending,
            lag: report.lag,
            complete: report.ended == Ended::Complete,
        });
        // The rest was seen to; these are missed as long as the list shows them so.
        if report.tally.odd > 0 {
            let odd = report.tally.odd;
            self.record_failure(format!("{odd} listed events have no id or no readable time"));
        }
    }

    fn record_failure(&self, cause: String) {
        let source = self.source.name.to_string();
        self.ports.facts().record(Fact::PollFailed { source, cause });
    }
}

impl Report {
    fn not_due(lag: Span) -> Self {
        Self { tally: Tally::default(), window: None, lag, ended: Ended::NotDue }
    }
}
