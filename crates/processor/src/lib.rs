//! The processor Lambda: a batch of tickets in, settled records out.

pub mod handler;
