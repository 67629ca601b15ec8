//! What a destination needs from whoever keeps the signing secrets.

use holdfast_domain::secret::Secret;
use holdfast_pipeline::ports::{Ports, Result};
use holdfast_pipeline::secrets::SecretCache;
use std::future::Future;
use std::sync::Arc;

/// The signing secrets of the destinations, by name.
pub trait SigningSecrets: Send + Sync {
    /// All live values of a secret, the newest first; none if there is no secret of that name.
    ///
    /// # Errors
    /// When nobody could find out.
    fn signing_secrets(&self, name: &str) -> impl Future<Output = Result<Vec<Secret>>> + Send;
}

/// The signing secrets as a process knows them.
pub struct Cached<P> {
    ports: Arc<P>,
    cache: Arc<SecretCache>,
}

impl<P> Cached<P> {
    /// The secrets of these ports, through this cache.
    pub fn new(ports: Arc<P>, cache: Arc<SecretCache>) -> Self {
        Self { ports, cache }
    }
}

impl<P: Ports> SigningSecrets for Cached<P> {
    async fn signing_secrets(&self, name: &str) -> Result<Vec<Secret>> {
        let ports = self.ports.as_ref();
        let values = self.cache.get(ports, name).await?;
        if !values.is_empty() {
            return Ok(values);
        }
        // It may have been added since: whoever adds a destination adds its secret with it.
        Ok(self.cache.get_newer(ports, name, &values).await.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::time::{Span, Timestamp};
    use holdfast_pipeline::facts::KeptFacts;
    use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};

    #[tokio::test]
    async fn a_secret_that_was_added_later_is_found() {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_700_000_000)));
        let random = Box::new(SeededRandom::new(1));
        let facts = Arc::new(KeptFacts::default());
        let ports = Arc::new(Memory::new(clock.clone(), random, facts, QueueSettings::default()));
        let secrets = Cached::new(ports.clone(), Arc::default());
        let values = async || {
            let values = secrets.signing_secrets("destinations.billing").await;
            values.map(|values| values.len()).map_err(|error| error.to_string())
        };

        ports.secrets.set_unreachable(true);
        assert!(values().await.is_err());
        ports.secrets.set_unreachable(false);
        clock.advance(Span::from_mins(1));
        assert_eq!(values().await, Ok(0));
        ports.secrets.set("destinations.billing", &["new", "old"]);
        assert_eq!(values().await, Ok(0), "loaded at most once a minute");
        clock.advance(Span::from_mins(1));
        assert_eq!(values().await, Ok(2));
    }
}
