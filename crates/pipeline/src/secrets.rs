//! The signing secrets as a process knows them: loaded once, believed for five minutes, and loaded
//! again at most once a minute when a signature does not match, since the secret may just have been
//! rotated.

use crate::ports::{Ports, Result, SecretStore};
use holdfast_domain::secret::Secret;
use holdfast_domain::time::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long loaded secrets are believed. A removed value verifies nothing after this.
const BELIEVED_FOR: Span = Span::from_mins(5);

/// How often a process loads them at most: strangers' bad signatures must not become load.
const AT_MOST_EVERY: Span = Span::from_mins(1);

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

    async fn load<P: Ports>(&self, ports: &P, now: Timestamp) -> Result<Values> {
        self.lock().tried_at = Some(now);
        let values = Arc::new(ports.secrets().load().await?);
        self.lock().values = Some((now, values.clone()));
        Ok(values)
    }

    fn may_try(&self, now: Timestamp) -> bool {
        self.lock().tried_at.is_none_or(|tried_at| now.since(tried_at) >= AT_MOST_EVERY)
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
