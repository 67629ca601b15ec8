//! What a destination needs from whoever keeps the signing secrets.

use holdfast_domain::secret::Secret;
use holdfast_pipeline::ports::Result;
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

impl<S: SigningSecrets> SigningSecrets for Arc<S> {
    fn signing_secrets(&self, name: &str) -> impl Future<Output = Result<Vec<Secret>>> + Send {
        S::signing_secrets(self, name)
    }
}
