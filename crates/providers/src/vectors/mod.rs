//! Corpora of conformance vectors: requests that a receiver must accept, refuse or answer.
//!
//! Owns the file format, the request as API Gateway delivers it, the choice of a provider for a
//! row, and the judgement of an answer. Does not own how the answer is found: a caller may ask the
//! domain or a whole receiver.

mod event;
mod judge;
mod neutral;
mod row;

pub use event::inbound;
pub use judge::{Answer, Seen};
pub use neutral::generic;
pub use row::{Config, Expect, NeutralScheme, Row};

use crate::registry::{Missing, find};
use holdfast_domain::provider::Provider;
use holdfast_domain::time::Span;

/// Reads a corpus, one JSON object a line.
///
/// # Errors
/// The number of the first unreadable line, from 1, and why it is.
pub fn read(corpus: &str) -> Result<Vec<Row>, (usize, serde_json::Error)> {
    let lines = corpus.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(nth, line)| serde_json::from_str(line).map_err(|error| (nth + 1, error))).collect()
}

impl Row {
    /// Our definition for the row's provider, set up with the row's tolerance and URL; if there is
    /// none, a generic provider from the row's own description of the scheme.
    ///
    /// # Errors
    /// Why neither can be had.
    pub fn provider(&self) -> Result<Provider, String> {
        match find(&self.provider_name()) {
            Ok(defined) => Ok(self.configured(defined.clone())),
            Err(Missing::Unknown { .. }) => self.generic_provider(),
            Err(unreadable) => Err(unreadable.to_string()),
        }
    }

    /// A generic provider from the row's own description of the scheme, whether or not we have a
    /// definition.
    ///
    /// # Errors
    /// Why the scheme cannot be expressed.
    pub fn generic_provider(&self) -> Result<Provider, String> {
        let scheme = self.config.scheme.as_ref().ok_or("the row describes no scheme")?;
        Ok(self.configured(generic(scheme)?))
    }

    fn configured(&self, mut provider: Provider) -> Provider {
        if let Some(secs) = self.config.tolerance_s {
            provider = provider.with_tolerance(Span::from_secs(secs));
        }
        if let Some(url) = &self.config.url {
            provider = provider.with_public_url(url);
        }
        provider
    }
}
