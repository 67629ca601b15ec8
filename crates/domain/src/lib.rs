//! The pure core of Holdfast: no async, no clock, no randomness, no I/O.

pub mod reading;
pub mod time;
