//! Asking a provider for its own list of events, to find those that no webhook brought.
//!
//! ```text
//! [list] of the definition ─▶ Listing ─▶ ApiRequest ─▶ (the provider's API) ─▶ Page of Items
//! watermark, now ─▶ Window ────┘                                                  │
//!                     └─ judges each item's age: outside, pending, due ◀──────────┘
//! ```
//!
//! Owns what to ask, how an answer is read, and which of the listed events are due. Does not own
//! the call itself, nor what is remembered between polls: those are the pipeline's.

mod listing;
mod page;
mod paging;
mod request;
mod window;

pub use listing::{Listing, Order};
pub use page::{Item, Page, PageError};
pub use paging::Continuation;
pub use request::{ApiRequest, Auth};
pub use window::{Age, Window};

use crate::configuration::Source;
use crate::headers::Headers;
use crate::identity::{Identified, Kind};
use crate::inbound::Inbound;
use crate::provider::Provider;
use crate::time::Timestamp;
use bytes::Bytes;

/// The headers that a listed event is stored with: a consumer sees what it would have seen of a
/// webhook, as far as the list tells.
pub const HEADERS: [(&str, &str); 1] = [("content-type", "application/json")];

/// Who a listed event is, by the same rules as if a webhook had brought it: the same event has one
/// key, whichever way it came. There is no signature, and so no signed timestamp.
pub fn identify_listed(provider: &Provider, item: &Bytes, now: Timestamp) -> Identified {
    let inbound = as_webhook(item);
    provider.rules().identify(&inbound, &inbound.body, None, now)
}

/// Whether a source takes a listed event: an API lists whatever happened in an account, and its webhooks
/// may be meant for others, or not be subscribed to.
pub fn is_wanted(source: &Source, item: &Bytes, kind: &Kind) -> bool {
    let kinds = source.reconcile.as_ref().map_or(&[][..], |reconcile| &reconcile.kinds);
    kinds.iter().any(|glob| glob.matches(kind.as_str()))
        && source.provider.lists_for(&as_webhook(item))
}

fn as_webhook(item: &Bytes) -> Inbound {
    let headers: Headers = HEADERS.into_iter().collect();
    Inbound::post("/", headers, item.clone())
}
