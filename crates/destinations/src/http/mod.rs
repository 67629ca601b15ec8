//! Delivery to an HTTP endpoint: one POST of the raw body, signed.

mod call;
mod endpoint;
mod guard;
mod headers;
mod reach;
mod sign;

pub use endpoint::{Endpoint, Unusable};
pub use guard::Refused;
