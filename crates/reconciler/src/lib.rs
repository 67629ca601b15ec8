//! The reconciler Lambda: what the queue lost, and what the webhooks missed.

pub mod app;
pub mod config;
pub mod handler;
pub mod provider_api;
