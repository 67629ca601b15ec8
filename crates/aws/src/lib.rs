//! The ports of the pipeline on AWS: DynamoDB, S3, SQS, Secrets Manager, the clock, randomness and
//! the log. No rule of the product is decided here: a guard is rendered, a record is encoded, an
//! answer is handed on.

pub mod bodies;
#[cfg(test)]
mod canned;
mod cause;
pub mod clients;
pub mod clock;
mod connector;
pub mod emf;
pub mod env;
pub mod event_store;
mod expiry;
pub mod queue;
pub mod random;
pub mod secrets;
pub mod stack;
pub mod telemetry;
pub mod web;
