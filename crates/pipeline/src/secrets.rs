//! The signing secrets as a process knows them: loaded once, believed for five minutes, and loaded
//! again at most once a minute when a signature does not match, since the secret may just have been
//! rotated.

use crate::ports::{Error, Ports, Result, SecretStore};
use holdfast_domain::secret::Secret;
use holdfast_domain::time::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long loaded secrets are believed. A removed value verifies nothing after this.
const BELIEVED_FOR: Span = Span::from_mins(5);

/// How often a process loads them at most: strangers' bad signatures must not become load.
const AT_MOST_EVERY: Span = Span::from_mins(1);

/// How long after a failed load the next one is tried, while nothing is known at all: every request
/// waits for it, and strangers send requests too.
const AFTER_FAILURE: Span = Span::from_secs(5);

type Values = Arc<HashMap<String, Vec<Secret>>>;

/// The secrets as last loaded.
#[derive(Default)]
pub struct SecretCache(Mutex<State>);

#[derive(Default)]
struct State {
    values: Option<(Timestamp, Values)>,
    tried_at: Option<Timestamp>,
}

impl SecretCache {
    /// The values of a name, the newest first; none if there is no such name.
    ///
    /// # Errors
    /// When they were never loaded and cannot be. Values that could not be loaded anew are believed
    /// on: an outage of the secret store must not stop what worked a minute ago.
    pub async fn get<P: Ports>(&self, ports: &P, name: &str) -> Result<Vec<Secret>> {
        let now = ports.now();
        let values = match self.known() {
            Some((at, values)) if now.since(at) < BELIEVED_FOR => values,
            Some((_, values)) if !self.may_try(now) => values,
            Some((_, values)) => self.load(ports, now).await.unwrap_or(values),
            None if self.tried_within(now, AFTER_FAILURE) => {
                return Err(Error::new("load the secrets", "it failed a moment ago"));
            }
            None => self.load(ports, now).await?,
        };
        Ok(values.get(name).cloned().unwrap_or_default())
    }

    /// Loads the secrets, so that the first who asks need not wait.
    ///
    /// # Errors
    /// When they cannot be loaded; the first who asks will try again.
    pub async fn warm_up<P: Ports>(&self, ports: &P) -> Result<()> {
        self.load(ports, ports.now()).await.map(drop)
    }

    /// The values of a name, loaded anew because those known do not fit; `None` if it is too early
    /// for that, if they cannot be loaded, or if nothing changed.
    pub async fn get_newer<P: Ports>(
        &self,
        ports: &P,
        name: &str,
        known: &[Secret],
    ) -> Option<Vec<Secret>> {
        let now = ports.now();
        if !self.may_try(now) {
            return None;
        }
        let values = self.load(ports, now).await.ok()?;
        values.get(name).filter(|newer| !are_same(newer, known)).cloned()
    }

    /// `tried_at` is set when nothing is known only after the load failed: requests that come while
    /// the first load runs load for themselves rather than being turned away.
    async fn load<P: Ports>(&self, ports: &P, now: Timestamp) -> Result<Values> {
        if self.known().is_some() {
            self.lock().tried_at = Some(now);
        }
        let loaded = ports.secrets().load().await;
        self.lock().tried_at = Some(now);
        let values = Arc::new(loaded?);
        self.lock().values = Some((now, values.clone()));
        Ok(values)
    }

    fn may_try(&self, now: Timestamp) -> bool {
        !self.tried_within(now, AT_MOST_EVERY)
    }

    fn tried_within(&self, now: Timestamp, span: Span) -> bool {
        self.lock().tried_at.is_some_and(|tried_at| now.since(tried_at) < span)
    }

    fn known(&self) -> Option<(Timestamp, Values)> {
        self.lock().values.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn are_same(some: &[Secret], others: &[Secret]) -> bool {
    some.len() == others.len()
        && some.iter().zip(others).all(|(one, other)| one.matches(other.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::KeptFacts;
    use crate::memory::{Memory, QueueSettings, SeededRandom, SetClock};

    struct Desk {
        clock: Arc<SetClock>,
        ports: Memory,
        cache: SecretCache,
    }

    fn desk() -> Desk {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let random = Box::new(SeededRandom::new(1));
        let facts = Arc::new(KeptFacts::default());
        let ports = Memory::new(clock.clone(), random, facts, QueueSettings::default());
        Desk { clock, ports, cache: SecretCache::default() }
    }

    impl Desk {
        async fn get(&self) -> Result<Vec<String>> {
            let values = self.cache.get(&self.ports, "a").await?;
            Ok(values.iter().map(|value| value.expose().to_owned()).collect())
        }
    }

    #[tokio::test]
    async fn values_are_believed_for_five_minutes() {
        let desk = desk();
        desk.ports.secrets.set("a", &["old"]);
        assert_eq!(desk.get().await.unwrap(), ["old"]);
        desk.ports.secrets.set("a", &["new", "old"]);
        desk.clock.advance(Span::from_secs(299));
        assert_eq!(desk.get().await.unwrap(), ["old"]);
        desk.clock.advance(Span::from_secs(1));
        assert_eq!(desk.get().await.unwrap(), ["new", "old"]);
    }

    #[tokio::test]
    async fn what_does_not_fit_is_loaded_anew_at_most_once_a_minute() {
        let desk = desk();
        desk.ports.secrets.set("a", &["old"]);
        let old = desk.cache.get(&desk.ports, "a").await.unwrap();
        desk.ports.secrets.set("a", &["new"]);
        assert!(desk.cache.get_newer(&desk.ports, "a", &old).await.is_none(), "too early");
        desk.clock.advance(Span::from_mins(1));
        let newer = desk.cache.get_newer(&desk.ports, "a", &old).await.unwrap();
        assert_eq!(newer.first().map(Secret::expose), Some("new"));
        desk.clock.advance(Span::from_secs(59));
        assert!(desk.cache.get_newer(&desk.ports, "a", &old).await.is_none(), "too early again");
        desk.clock.advance(Span::from_secs(1));
        assert!(desk.cache.get_newer(&desk.ports, "a", &newer).await.is_none(), "nothing new");
    }

    #[tokio::test]
    async fn an_outage_stops_only_who_knows_nothing() {
        let desk = desk();
        desk.ports.secrets.set("a", &["value"]);
        desk.ports.secrets.set_unreachable(true);
        assert!(desk.get().await.is_err());
        desk.ports.secrets.set_unreachable(false);
        assert!(desk.get().await.is_err(), "no storm of loads");
        desk.clock.advance(Span::from_secs(5));
        assert_eq!(desk.get().await.unwrap(), ["value"]);
        desk.ports.secrets.set_unreachable(true);
        desk.clock.advance(Span::from_days(1));
        assert_eq!(desk.get().await.unwrap(), ["value"]);
        desk.ports.secrets.set_unreachable(false);
        desk.ports.secrets.set("a", &["newer"]);
        desk.clock.advance(Span::from_secs(59));
        assert_eq!(desk.get().await.unwrap(), ["value"], "no storm of loads either");
        desk.clock.advance(Span::from_secs(1));
        assert_eq!(desk.get().await.unwrap(), ["newer"]);
    }
}
