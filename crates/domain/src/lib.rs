//! The pure core of Holdfast: no async, no clock, no randomness, no I/O.

pub mod body_hash;
pub mod expression;
pub mod headers;
pub mod identity;
pub mod inbound;
pub mod json;
pub mod moment;
pub mod provider;
pub mod reading;
pub mod rfc3339;
pub mod secret;
pub mod signature;
pub mod source;
pub mod time;
