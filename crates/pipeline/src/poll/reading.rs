//! Reading a window page by page, until its end or until time runs out.

use super::api::{ApiAnswer, ProviderApi};
use super::error::Error;
use super::inject::Tally;
use super::state::Open;
use crate::accept::Rules;
use crate::ports::Ports;
use crate::secrets::SecretCache;
use holdfast_domain::configuration::{Reconcile, Source};
use holdfast_domain::poll::{Item, Listing};
use holdfast_domain::secret::Secret;
use holdfast_domain::time::{Span, Timestamp};
use std::collections::HashSet;

/// A run stops this long before its deadline, to leave time for writing down where it stopped.
const STOP_BEFORE: Span = Span::from_secs(5);

/// How long to stay away when the provider says "too often" without saying how long.
const STAY_AWAY: Span = Span::from_mins(1);

/// One run over one source.
pub(super) struct Reading<'r, P, A> {
    pub(super) ports: &'r P,
    pub(super) api: &'r A,
    pub(super) source: &'r Source,
    pub(super) reconcile: &'r Reconcile,
    pub(super) listing: &'r Listing,
    pub(super) rules: Rules,
    pub(super) secrets: &'r SecretCache,
    pub(super) deadline: Timestamp,
}

/// How far a window was read.
pub(super) enum Read {
    Whole,
    OutOfTime,
    TooOften(Span),
}

impl<P: Ports, A: ProviderApi> Reading<'_, P, A> {
    pub(super) async fn read(&self, open: &mut Open, tally: &mut Tally) -> Result<Read, Error> {
        if open.window.is_empty() {
            return Ok(Read::Whole);
        }
        let mut key = self.api_key().await?;
        let (mut items_seen, mut places_seen) = (HashSet::new(), HashSet::new());
        loop {
            let left = self.time_left();
            if left == Span::ZERO {
                return Ok(Read::OutOfTime);
            }
            let answer = tokio::time::timeout(left.into(), self.ask(open, &mut key)).await;
            let Ok(answer) = answer else { return Ok(Read::OutOfTime) };
            let ApiAnswer { status, retry_after, body } = answer?;
            match status {
                200 => {}
                429 => return Ok(Read::TooOften(retry_after.unwrap_or(STAY_AWAY))),
                _ => return Err(Error::Status { status, retry_after }),
            }
            let page = self.listing.page(self.reconcile.base_url.as_deref(), &body)?;
            tally.listed = tally.listed.saturating_add(page.odd);
            tally.odd = tally.odd.saturating_add(page.odd);
            let new: Vec<&Item<'_>> =
                page.items.iter().filter(|item| items_seen.insert(item.id.clone())).collect();
            let brings_nothing = new.is_empty() && !page.items.is_empty();
            if !self.see_to(new, open, tally).await? {
                return Ok(Read::OutOfTime);
            }
            open.pages = open.pages.saturating_add(1);
            let Some(next) = page.next else { return Ok(Read::Whole) };
            if brings_nothing || !places_seen.insert(next.clone()) {
                return Err(Error::Repeats);
            }
            if open.pages >= self.listing.max_pages() {
                return Err(Error::Endless(self.listing.max_pages()));
            }
            open.at = Some(next);
        }
    }

    /// Asks for the next page; once more with another key, where the key was just rotated.
    async fn ask(&self, open: &Open, key: &mut Secret) -> Result<ApiAnswer, Error> {
        let base_url = self.reconcile.base_url.as_deref();
        let request = self.listing.request(base_url, &open.window, open.at.as_ref());
        let answer = self.api.get(&request, key).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let (name, known) = (self.reconcile.api_key.as_str(), std::slice::from_ref(key));
        let newer = self.secrets.get_newer(self.ports, name, known).await;
        let newer = newer.and_then(usable);
        match newer.filter(|newer| !newer.matches(key.expose().as_bytes())) {
            Some(newer) => {
                *key = newer;
                Ok(self.api.get(&request, key).await?)
            }
            None => Ok(answer),
        }
    }

    async fn api_key(&self) -> Result<Secret, Error> {
        let name = self.reconcile.api_key.as_str();
        let keys = self.secrets.get(self.ports, name).await?;
        usable(keys).ok_or_else(|| Error::NoApiKey { name: name.to_owned() })
    }

    fn time_left(&self) -> Span {
        self.deadline.minus(STOP_BEFORE).since(self.ports.now())
    }

    pub(super) fn is_out_of_time(&self) -> bool {
        self.time_left() == Span::ZERO
    }
}

/// The first key that is one.
fn usable(keys: Vec<Secret>) -> Option<Secret> {
    keys.into_iter().find(|key| !key.is_empty())
}
