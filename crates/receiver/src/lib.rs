//! The receiver Lambda: an HTTP event in, a durable record and a 2xx out.

#[cfg(feature = "aws")]
pub mod app;
#[cfg(feature = "aws")]
pub mod config;
pub mod event;
pub mod handler;
