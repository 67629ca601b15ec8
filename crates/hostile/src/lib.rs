//! What must hold for any bytes at all, as functions that panic where it does not.
//!
//! Each [`Target`] takes bytes and checks one promise about one parser that untrusted bytes reach.
//! The same functions stand behind the fuzzers in `fuzz/` (coverage-guided, for hours) and behind
//! `tests/mutated.rs` (a few thousand mutations on every run), and both start from the same
//! seeds: the requests of the corpus in `crates/providers/vectors`.
//!
//! | target | bytes | promise |
//! |---|---|---|
//! | `event` | what Lambda hands over | an answer, never a 5xx, and nothing stored |
//! | `forged` | a request to any source | believed by none whose secret was not used |
//! | `signed` | headers and body that a provider signed | stored once, however often it comes |
//! | `json` | a body | the same values as in a parsed tree |
//! | `moment` | a timestamp | read back as it was written, no overflow |
//! | `page` | a provider's list of events | read or refused |
//! | `ticket` | a message of the queue | read back as it was written, or refused |
//! | `configuration` | `holdfast.toml` | read, or refused at lines that are there |
//!
//! Only for tests: the functions panic by design.
#![allow(clippy::panic, clippy::expect_used, reason = "a check that fails has to stop the fuzzer")]

mod configuration;
mod endpoint;
mod event;
mod forged;
mod json;
mod moment;
mod page;
mod pieces;
mod seeds;
mod signed;
mod ticket;

/// One promise about one parser.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, also that of its fuzzer.
    pub name: &'static str,
    /// Checks the promise for some bytes; panics when it is broken.
    pub check: fn(&[u8]),
    /// Bytes worth starting from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: [Target; 8] = [
    Target { name: "event", check: event::check, seeds: seeds::events },
    Target { name: "forged", check: forged::check, seeds: seeds::requests },
    Target { name: "signed", check: signed::check, seeds: seeds::requests },
    Target { name: "json", check: json::check, seeds: seeds::bodies },
    Target { name: "moment", check: moment::check, seeds: seeds::moments },
    Target { name: "page", check: page::check, seeds: seeds::pages },
    Target { name: "ticket", check: ticket::check, seeds: seeds::tickets },
    Target { name: "configuration", check: configuration::check, seeds: seeds::configurations },
];

/// The target with a name; `None` when there is none.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
