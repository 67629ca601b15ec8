//! The port to a provider's API.

use crate::ports::Result;
use bytes::Bytes;
use holdfast_domain::poll::ApiRequest;
use holdfast_domain::secret::Secret;
use holdfast_domain::time::Span;
use std::fmt;
use std::future::Future;

/// A provider's API.
pub trait ProviderApi: Send + Sync {
    /// Makes a GET. Follows no redirect: the key goes nowhere else. Every status is an answer.
    fn get(
        &self,
        request: &ApiRequest,
        api_key: &Secret,
    ) -> impl Future<Output = Result<ApiAnswer>> + Send;
}

/// What a provider's API answered.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// For how long not to come again, where it was said (`Retry-After`).
    pub retry_after: Option<Span>,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for ApiAnswer {
    /// Shows no content: it is somebody's events.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ApiAnswer")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_shows_no_content() {
        let body = Bytes::from_static(b"somebody's events");
        let shown = format!("{:?}", ApiAnswer { status: 200, retry_after: None, body });
        assert_eq!(shown, "ApiAnswer { status: 200, retry_after: None, body_bytes: 17 }");
    }
}
