//! Polls in virtual time.

mod provider;
mod single;
mod time;
mod world;
