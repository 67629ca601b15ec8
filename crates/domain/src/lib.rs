//! The pure core of Holdfast: no async, no clock, no randomness, no I/O.

pub mod body_hash;
pub mod configuration;
pub mod effect;
pub mod expression;
mod form;
pub mod headers;
pub mod identity;
pub mod inbound;
pub mod json;
pub mod lifecycle;
pub mod moment;
pub mod outcome;
pub mod poll;
pub mod provider;
pub mod reading;
pub mod record;
pub mod retry;
pub mod rfc3339;
pub mod secret;
pub mod signature;
pub mod source;
pub mod ticket;
pub mod time;
pub mod web;
mod xml;
