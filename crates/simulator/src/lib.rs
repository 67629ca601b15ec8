//! The use cases of Holdfast, interleaved, under one seed.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod agenda;
mod calls;
mod campaign;
mod counts;
mod dice;
mod fleet;
mod functions;
mod index;
mod listing;
mod operator;
mod process;
mod profile;
mod provider;
mod queue;
mod rest;
mod runs;
mod seed;
mod settings;
mod story;
mod tally;
mod trace;
mod watch;
mod wire;
mod world;

pub use campaign::{Campaign, Totals};
pub use counts::Counts;
pub use seed::{Report, run};
