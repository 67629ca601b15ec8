//! `[sources.<name>.reconcile]`: asking the provider for events that never arrived.
//!
//! Owns the refusal of settings under which the poll would inject an event twice or miss it. The
//! poll itself is the pipeline's.
//!
//! ```text
//!            look_back                            overlap   grace, lag
//! |---------------------------------------------|---------|-----------|
//! oldest that is asked for                      watermark             now
//! ```

use super::address::Address;
use super::glob::{self, Glob};
use super::secret_name::{self, SecretName};
use super::shown::shown;
use crate::poll::Listing;
use crate::provider::Provider;
use crate::reading::Table;
use crate::time::Span;

/// How a provider is polled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconcile {
    /// How often, at least a minute.
    pub every: Span,
    /// What the secret that holds the API key is called.
    pub api_key: SecretName,
    /// The API's address, where it is not the provider's usual one; without a trailing slash.
    pub base_url: Option<String>,
    /// How much of what was already seen is asked for again.
    pub overlap: Span,
    /// How close to now the list is not yet trusted.
    pub lag: Span,
    /// How old an event must be before it counts as missed: its webhook may be on its way.
    pub grace: Span,
    /// How far back the poll ever asks, after an outage of its own.
    pub look_back: Span,
    /// Which kinds of listed events are taken; one of them is enough.
    pub kinds: Vec<Glob>,
}

const OVERLAP: Span = Span::from_mins(5);
const LAG: Span = Span::from_mins(1);
const GRACE: Span = Span::from_mins(10);
/// A day less than the month for which the best providers list their events.
const LOOK_BACK: Span = Span::from_days(29);
const DAY: Span = Span::from_days(1);

impl Reconcile {
    pub(super) fn read(
        table: &mut Table<'_>,
        provider: Option<&Provider>,
        dedupe_window: Span,
        signing: Option<&SecretName>,
    ) -> Option<Self> {
        if let Some(provider) = provider.filter(|provider| !provider.is_listed()) {
            table.problem(format!(
                "provider \"{}\" has no list of its events to reconcile with",
                provider.name()
            ));
        }
        if let Some(mark) = provider.and_then(Provider::mark_beside_events) {
            table.problem(format!(
                "`reconcile` cannot be used with `only` at \"{mark}\": a listed event has nothing but \
                 itself, so that place says of none whether it is meant for this source"
            ));
        }
        let every = read_every(table);
        let kinds = glob::read_kinds(table);
        let api_key = read_api_key(table, signing);
        let base_url = read_base_url(table);
        let overlap = table.optional_span("overlap").unwrap_or(OVERLAP);
        let lag = table.optional_span("lag").unwrap_or(LAG);
        let grace = table.optional_span("grace").unwrap_or(GRACE);
        let line = table.line_of("look_back");
        let look_back = table.optional_span("look_back");
        let listed = provider.and_then(Provider::listing).map(Listing::retention);
        let most = LOOK_BACK.min(dedupe_window.minus(DAY)).min(listed.unwrap_or(LOOK_BACK));
        let look_back = look_back.unwrap_or(most);
        let read = Self {
            every: every.unwrap_or(Span::from_mins(5)),
            api_key: api_key?,
            base_url,
            overlap,
            lag,
            grace,
            look_back,
            kinds: kinds?,
        };
        for problem in read.contradictions(dedupe_window, listed) {
            table.problem_on_line(line, problem);
        }
        every.map(|_| read)
    }

    /// How old an event is at the most when the poll that finds it missing begins: it has to be
    /// older than `grace` and `lag`, and polls are `every` apart. Until then the window, which
    /// begins `overlap` before the watermark, must still contain it.
    fn oldest_find(&self) -> Span {
        self.grace.max(self.lag).plus(self.every).plus(self.overlap)
    }

    fn contradictions(&self, dedupe_window: Span, listed: Option<Span>) -> Vec<String> {
        let mut found = Vec::new();
        let (look_back, remembered) = (self.look_back, dedupe_window.minus(DAY));
        if look_back > remembered {
            found.push(format!(
                "`look_back` ({}) must be at least a day below the dedupe window ({}): an event \
                 that is forgotten here but still listed there would be injected again",
                shown(look_back),
                shown(dedupe_window),
            ));
        }
        if let Some(listed) = listed.filter(|listed| look_back > *listed) {
            found.push(format!(
                "`look_back` ({}) is longer than the provider lists its events ({})",
                shown(look_back),
                shown(listed),
            ));
        }
        if look_back < self.oldest_find() {
            found.push(format!(
                "`look_back` ({}) must be at least the larger of `grace` ({}) and `lag` ({}), plus \
                 `every` ({}), plus `overlap` ({}): an event could leave the window before it is \
                 old enough to count as missed",
                shown(look_back),
                shown(self.grace),
                shown(self.lag),
                shown(self.every),
                shown(self.overlap),
            ));
        }
        found
    }
}

fn read_every(table: &mut Table<'_>) -> Option<Span> {
    let line = table.line_of("every");
    let every = table.span("every")?;
    let within = Span::from_mins(1)..=DAY;
    if !within.contains(&every) {
        table.problem_on_line(line, format!("`every` must be from 1m to 1d, not {}", shown(every)));
        return None;
    }
    Some(every)
}

fn read_api_key(table: &mut Table<'_>, signing: Option<&SecretName>) -> Option<SecretName> {
    if !table.has("secret") {
        table.problem("`secret` is missing: the name of the secret that holds the API key");
    }
    let line = table.line_of("secret");
    let api_key = secret_name::optional(table, "secret")?;
    if signing == Some(&api_key) {
        table.problem_on_line(
            line,
            format!(
                "`secret` names the source's signing secret ({api_key}); the API key is another"
            ),
        );
    }
    Some(api_key)
}

/// The API key travels with every request, so it goes out encrypted or not at all.
fn read_base_url(table: &mut Table<'_>) -> Option<String> {
    let line = table.line_of("base_url");
    let url = table.optional_string("base_url")?;
    let problem = match Address::parse(&url) {
        Err(problem) => Some(problem),
        Ok(address) if !address.encrypted && !address.is_loopback() => {
            Some("must begin with https://: the API key is sent there")
        }
        Ok(_) if url.contains('?') => Some("must not contain a query"),
        Ok(_) => None,
    };
    if let Some(problem) = problem {
        table.problem_on_line(line, format!("`base_url` {problem}"));
        return None;
    }
    Some(url.trim_end_matches('/').to_owned())
}
