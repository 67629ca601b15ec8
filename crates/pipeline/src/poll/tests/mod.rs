//! Polls in virtual time.

mod provider;
mod shaky;
mod single;
mod time;
mod world;
