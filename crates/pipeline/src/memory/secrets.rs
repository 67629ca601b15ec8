use super::lock;
use crate::ports::{Error, Result, SecretStore};
use holdfast_domain::secret::Secret;
use std::collections::HashMap;
use std::sync::Mutex;

/// Secrets on memory.
#[derive(Default)]
pub struct MemorySecrets {
    values: Mutex<HashMap<String, Vec<Secret>>>,
    unreachable: Mutex<bool>,
}

impl MemorySecrets {
    /// Sets the values of a name, the newest first.
    pub fn set(&self, name: &str, values: &[&str]) {
        let values = values.iter().map(|value| Secret::new(*value)).collect();
        lock(&self.values).insert(name.to_owned(), values);
    }

    /// Forgets a name.
    pub fn remove(&self, name: &str) {
        lock(&self.values).remove(name);
    }

    /// Makes every load fail, or work again.
    pub fn set_unreachable(&self, unreachable: bool) {
        *lock(&self.unreachable) = unreachable;
    }
}

impl SecretStore for MemorySecrets {
    async fn load(&self) -> Result<HashMap<String, Vec<Secret>>> {
        if *lock(&self.unreachable) {
            return Err(Error::new("load the secrets", "unreachable"));
        }
        Ok(lock(&self.values).clone())
    }
}
