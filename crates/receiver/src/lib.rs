//! The receiver Lambda: an HTTP event in, a durable record and a 2xx out.

pub mod app;
pub mod config;
pub mod event;
pub mod handler;
