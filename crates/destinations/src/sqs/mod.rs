//! Delivery to an SQS queue: one message with the raw body.

mod client;
mod message;
mod send;

pub(crate) use client::for_deliveries;
pub use send::{Queue, Unusable};
