//! The use cases of Holdfast, interleaved: many processes at once, under one seed.
//!
//! The real code of `holdfast-pipeline` (receive, process a batch, sweep, poll, renew, replay, discard,
//! switch) runs on the adapters in memory. Several instances of every function live at once, and every
//! call that one of them makes to the world is a point at which all the others may go on, the call may
//! go wrong, the process may die, or time may pass. Which of it happens is decided by dice of one seed;
//! the same seed is the same world, to the last call.
//!
//! # How it runs
//!
//! Everything happens on one thread. Whoever waits, a call, a provider, a schedule, a ticket that is
//! hidden, waits in one `agenda`, ordered by virtual time and then by the dice; the main loop (`seed`)
//! takes the earliest entry, moves the clock there, and lets everything that can go on do so before it
//! takes the next. The tasks are tokio's, because the pipeline's are; its timers are never waited for:
//! what runs out of time here says so by the virtual clock.
//!
//! # What is simulated
//!
//! - **Calls** (`calls`): slow ones, refused ones, lost answers, repetitions by the SDK, requests that
//!   take effect after their caller gave up, or after their repetition, or after their process died.
//! - **Processes** (`fleet`, `process`): cold and warm instances with caches of their own and clocks that
//!   differ by up to a second (in some worlds by far more), crashes at any call, stalls, kills at the
//!   function's time-out and a little late, deploys that change routes and retries in mid-flight.
//! - **The queue** (`queue`): any order, at least once, visibility, receive counts, throttled receives,
//!   deletes that fail, mislaid messages, the dead-letter queue, redrives, retention.
//! - **The index** (`index`): it hears of writes late.
//! - **Providers** (`provider`, `listing`): bursts, duplicates, retries, or none at all, lost requests and
//!   answers, two events under one id, webhooks that never come, and a list that tells the truth.
//! - **Destinations and handlers** (`runs`): they work, fail, ask for later, reject, put off, panic, time
//!   out, take their process with them; some events are poison until somebody mends what they meet.
//! - **People** (`operator`): replays, discards, forced replays, redrives, switches.
//! - **Time** (`story`): minutes, and in some worlds months in the middle, in which bodies are renewed and
//!   what is finished is forgotten.
//!
//! Which of it a world has, and how much, is drawn first (`profile`): each kind of fault is missing in
//! some worlds, so that none always hides behind another.
//!
//! # What is checked
//!
//! After every change of a record (`watch` and `judge`, with `holdfast_testkit::invariants`): its shape, whether the
//! change is one that its maker may make, effects that took place once (I2), live runs (I3), finished
//! records (I4), tokens and holders (I5), acks (I6), bounds on runs, attempts and sends (I9), expiry
//! (I11), versions (I12), attempts without a run and replays without an order (I13); and that whoever
//! answered for a record tried to send its ticket. When the faults have stopped (`rest`), without any
//! help from the providers: that everything accepted is there (I1), comes to rest within bounds (I7),
//! can be redriven or replayed to its end (I8), that the index lists exactly what is open or dead (I10),
//! and that whatever the provider lists was found.
//!
//! In *wild* worlds clocks differ, and processes stall, by more than a lease allows for. There two
//! workers may run at once, and a late send may pass for a redrive: those two checks, and what follows
//! from them, are not made. All the others are.
//!
//! # What is not
//!
//! DynamoDB, SQS and Lambda as such: that is what the contract suites and the journeys are for. Secrets
//! that rotate and bodies that get lost are left to the crash points.
//!
//! `holdfast-simulator --seed N --trace` shows what happened in a seed, step by step.

// Whatever is out of place here is a mistake in the simulator, and has to end it.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod agenda;
mod calls;
mod campaign;
mod counts;
mod dice;
mod fleet;
mod functions;
mod index;
mod judge;
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
