//! Use cases on the adapters in memory, where the clock stands still: what they report, and what
//! happens exactly at the edges of their limits.
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

mod batch;
mod facts;
mod greetings;
mod operate;
mod process;
mod receive;
mod renew;
mod stores;
mod sweep;
mod switches;
