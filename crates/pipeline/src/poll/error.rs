//! What can go wrong in a poll, and whether it may pass by itself.

use crate::ports;
use holdfast_domain::poll::PageError;
use holdfast_domain::time::Span;

/// Why a run failed. The watermark is where it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A call to the world failed, the provider's API included.
    #[error(transparent)]
    Call(#[from] ports::Error),
    /// There is no API key.
    #[error("there is no secret `{name}` with an API key")]
    NoApiKey {
        /// The secret's name.
        name: String,
    },
    /// The API refused.
    #[error("the provider's API answered {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// For how long not to come again.
        retry_after: Option<Span>,
    },
    /// The API's answer is not what the provider's definition says.
    #[error("the provider's list cannot be read: {0}")]
    Page(#[from] PageError),
    /// The list goes round in circles.
    #[error("the provider's list repeats itself")]
    Repeats,
    /// The list does not end.
    #[error("the provider's list has more than {0} pages")]
    Endless(u32),
}

impl Error {
    /// Whether trying again may help, so that it is worth keeping the place.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Call(_) => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    pub(super) fn retry_after(&self) -> Option<Span> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
