//! Delivery to an HTTP endpoint: one POST of the raw body, signed.

mod call;
mod endpoint;
mod guard;
mod headers;
mod network;
mod reach;
mod sign;

pub use endpoint::{Endpoint, Settings, Unusable};
pub use guard::Refused;
pub use network::Network;
