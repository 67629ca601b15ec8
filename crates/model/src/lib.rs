//! The no-loss protocol, explored exhaustively: every order of steps, every fault at every point,
//! within small bounds.
//!
//! The transitions are not written down a second time. A step of the model asks
//! [`holdfast_domain::lifecycle`] for the update, evaluates its guard with the domain, applies it
//! with the domain, and has the domain read the answer. What the model adds is what happens
//! *around* a transition: which process makes it when, with what it read earlier, and what becomes
//! of its answer and of the ticket. That part follows `holdfast-pipeline`.
//!
//! # What is modelled
//!
//! - One event or two; with two, they are versions of one entity, and completions carry the guard.
//! - Receivers (body, put, send, answer), workers (park or defer by the labels, claim, revive, run,
//!   settle), sweeps that may overlap, and an operator (replay, discard, redrive, switch). Each call
//!   to the store is a step of its own; between two, anybody else may act.
//! - The queue: shown and hidden tickets in any order, receive counts, the move to the dead-letter
//!   queue, redriven tickets, letters that expire.
//! - Faults, a bounded number in all: receivers and workers die at any step; a write holds and its
//!   answer is lost, upon which the SDK repeats it or the process dies; a send fails or is doubled;
//!   tickets are lost, doubled and throttled; a worker outlives its lease.
//! - Time, as flags that turn one by one, in any order: a lease ends, a wait ends, a ticket is so
//!   old that it may be lost, a hidden ticket shows. That is more than any clock does, skew included.
//!
//! # What is not
//!
//! Real durations (the gate and budget of the sweep, patience, backoff), a stale index (a sweep here
//! sees a record as soon as it may, or later; what it reads is the record itself), bodies and
//! records that expire and are renewed, collisions of keys, fan-out, breakers, the number of
//! sends, and whether the pipeline makes these calls in this order.
//!
//! # What is checked
//!
//! The invariants I1 to I13, in every state, by [`stateright`]; I7 ("everything comes to rest") and
//! the last part of I8 ("what is dead can be replayed") also by a search backwards over the whole
//! graph: from every state some path without faults, orders or the provider's help leads to rest.
//!
//! Tests explore [`QUICK`]; `cargo run --release -p holdfast-model -- long` explores [`LONG`] and prints
//! how many states there were.
//!
//! [`Ablation`] takes away one protection at a time, in the model only; each breaks an invariant.

// Whatever is out of place here is a mistake in the model, and has to end it.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

#[cfg(test)]
mod ablations;
mod action;
mod canonical;
mod check;
mod concrete;
mod configurations;
mod environment;
mod invariants;
mod possible;
mod projection;
mod protocol;
mod reach;
mod receiver;
mod settings;
mod settle;
mod shortest;
mod state;
mod steps;
mod sweep;
mod table;
mod trace;
mod worker;

pub use check::{CounterExample, Exploration, check};
pub use configurations::{LONG, QUICK};
pub use settings::{Ablation, Kinds, Outcomes, Settings};
