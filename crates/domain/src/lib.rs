//! The pure core of Holdfast: no async, no clock, no randomness, no I/O.

pub mod configuration;
pub mod effect;
pub mod headers;
pub mod identity;
pub mod lifecycle;
pub mod outcome;
pub mod provider;
pub mod reading;
pub mod record;
pub mod retry;
pub mod secret;
pub mod source;
pub mod ticket;
pub mod time;
