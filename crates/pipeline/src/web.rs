//! Pages of a provider that a signed request leads to: its keys, and a confirmation that it wants
//! visited. Which addresses may be visited is the domain's: they are checked before they come here.
//! What is remembered of pages is not here but in `key_pages`.

use crate::ports::{Error, Result};
use bytes::Bytes;
use futures_util::future::BoxFuture;

/// What came of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visit {
    /// The page, answered with a 2xx.
    Page(Bytes),
    /// There is no such page: the host answered with this status, 404 or 410.
    None(u16),
}

/// The web as far as the receiver may go: one GET over `https`, without redirects, with a short
/// time-out and at most 64 KiB of answer.
pub trait Web: Send + Sync {
    /// Visits a page.
    ///
    /// An error means that it could not be found out: no connection, no answer in time, or a status
    /// that says nothing about the page: a 5xx, a redirect, a host's refusal (403, 429).
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Visit>>;
}

/// Nothing can be visited.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWeb;

impl Web for NoWeb {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Visit>> {
        Box::pin(async { Err(Error::new("visit a page", "nothing here can visit pages")) })
    }
}
