//! Delivery to an SQS queue: one message with the raw body.

mod message;
mod send;

pub use send::{Queue, Settings, Unusable};
