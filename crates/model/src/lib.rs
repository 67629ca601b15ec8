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
//!   settle), sweeps that may overlap, the daily pass over the bodies, and an operator (replay,
//!   discard, redrive, switch). Each call to a store is a step of its own; between two, anybody else
//!   may act, so that whatever was read may be old by the time it is used.
//! - The queue: shown and hidden tickets in any order, receive counts, the move to the dead-letter
//!   queue, redriven tickets, letters that expire; the three rooms of the index.
//! - Effects inside the transaction of the completion, and outside of it.
//! - Faults, a bounded number in all: any process dies at any step; a write holds and its answer is
//!   lost, upon which the SDK repeats it or the process dies; a send fails or is doubled; tickets are
//!   lost, doubled and throttled; a worker outlives its lease; a ticket that was sent late or moved
//!   is dated to the wrong side of a death, as clocks a second apart do.
//! - Time, as flags that turn one by one, in any order: a lease ends, a wait ends, a ticket is so
//!   old that it may be lost, a hidden ticket shows, a body has two weeks left and expires, a
//!   processed record is forgotten. That is more than any clock does, skew included.
//!
//! The gate and budget of the sweep are about durations and rates, which no order of steps shows:
//! [`backlog`] lets an outage pass in seconds, with the domain's own patience and budget.
//!
//! # What is not
//!
//! Whether the pipeline makes these calls in this order is for its own tests, the crash points of
//! `holdfast-testkit` and the simulator, which run it. There are also: backoff and jitter, an index
//! that shows a record late (here a sweep may come late, which is the same) or still shows one that
//! moved (it reads the record itself), pages and cursors, polls, keys that collide, forced replays of
//! processed events, and more than two events at once.
//!
//! # What is checked
//!
//! In every state, by [`stateright`], as properties of these names (`invariants.rs`):
//!
//! | invariant | property | noticed where |
//! |---|---|---|
//! | I1 | a 2xx means record and body | in the state |
//! | I2 | an effect in the transaction happens once, any other at least once | in the state; at a completion |
//! | I3 | a run has the current token, and none beside it | in the state; when a handler starts |
//! | I4 | PROCESSED absorbs | at each write |
//! | I5 | only its holder changes a running record | at each write |
//! | I6 | no ticket is deleted that is needed | at each ack |
//! | I7 | what is open has somewhere to go | in the state; over the graph |
//! | I8 | what is dead is listed and has its body | in the state; over the graph |
//! | I9 | runs, attempts and sends are bounded | in the state; at each resend |
//! | I10 | each record is in the room of its state | in the state; at each release |
//! | I11 | only what is processed expires | in the state |
//! | I12 | no stale version overwrites a newer one | at a completion |
//! | I13 | no attempt, send or replay is wasted | in the state; at refusals, replays and burials |
//! | W1 | no wait is cut short | at each deferral |
//! | W2 | no ticket dies of waiting | at the move to the dead-letter queue |
//!
//! "Over the graph" is a search backwards from every good end (`reach.rs`): for I7, that from every
//! state a path without faults, orders or the provider's help leads to where nothing is open, and one
//! even if no handler is ever done; for I8, that from every dead record an order leads to PROCESSED.
//!
//! # What would break
//!
//! [`Ablation`] takes away one protection at a time, in the model only; the tests of `ablations.rs`
//! demand a counter-example for each and print it, a line per step. Rows are those of the table in
//! `tests/ablations/README.md`, which has patches that take the same away from the code:
//!
//! | row | taken away | breaks |
//! |---|---|---|
//! | 1 | [`Ablation::SweepOfLapsedClaims`] | I7 |
//! | 2 | [`Ablation::BusyIsNoAck`] | I6 |
//! | 3 | [`Ablation::FencingToken`], [`Ablation::ConditionalClose`], [`Ablation::TokenRises`] | I5, I4, I2 |
//! | 4 | [`Ablation::AttemptsInRecord`] | I13 |
//! | 5 | [`Ablation::DeadIsNoAck`], [`Ablation::RedriveRule`] | I6, I13 |
//! | 6 | [`Ablation::ReplayFromRecord`] | I8 |
//! | 7 | [`Ablation::ExpiryOnlyWhenProcessed`], [`Ablation::LongWindow`] | I1, I2 |
//! | 8 | [`Ablation::BodyBeforeRecord`] | I1, I8 |
//! | 9 | [`Ablation::Sweep`] | I7 |
//! | 10 | [`Ablation::WaitingRooms`] | W2 |
//! | 11 | gate and budget of the sweep | the queue never becomes short again ([`backlog`]) |
//! | 12 | [`Ablation::IngestNonce`], [`Ablation::ClaimNonce`], [`Ablation::ReplayNonce`] | I13 |
//! | 13 | [`Ablation::SweepConditions`], [`Ablation::LastSentInResend`], [`Ablation::RoomInResend`], [`Ablation::PlaceInRelease`] | I4, I9, I10 |
//! | 14 | [`Ablation::DeathIsTheOneSeen`] | I13 |
//! | 15 | [`Ablation::ReceivedInDeferral`], [`Ablation::DueInDeferral`] | I4, I5, W1 |
//! | 16 | [`Ablation::OpenInClaim`] | I10 |
//! | none | [`Ablation::EarlyIsNoAck`], [`Ablation::LapseInClaim`], [`Ablation::AckOnlyWhileWaiting`], [`Ablation::VersionGuard`], [`Ablation::Renewal`] | I6, I5, I12, I1 |
//!
//! # How it is run
//!
//! Tests explore [`QUICK`]. `cargo run -p holdfast-model -- all` goes on with every ablation and with
//! [`LONG`], which takes an hour and up to four gigabytes; `--json` says in one line what was done.
//! `-- ablations` prints what happens without each protection.

// Whatever is out of place here is a mistake in the model, and has to end it.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod ablation;
mod ablations;
mod action;
pub mod backlog;
mod canonical;
mod check;
mod concrete;
mod configurations;
mod environment;
#[cfg(test)]
mod front_page;
mod invariants;
mod possible;
mod projection;
mod protocol;
mod reach;
mod receiver;
mod renewal;
mod settings;
mod settle;
mod shortest;
mod state;
mod steps;
mod sweep;
mod table;
mod task;
mod trace;
mod worker;

pub use ablation::{Ablation, Row};
pub use ablations::ablate;
pub use check::{CounterExample, Exploration, check};
pub use configurations::{LONG, QUICK};
pub use invariants::INVARIANTS;
pub use settings::{Kinds, Outcomes, Settings};
pub use task::{Found, Task};
