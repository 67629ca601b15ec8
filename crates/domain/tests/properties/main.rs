//! Properties of random inputs: what is written is read again, and no number, date or text makes
//! anything overflow or panic. What each is held against is told in another way than the code's.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod backoff;
mod calendar;
mod configuration;
mod freshness;
mod labels;
mod poll_window;
mod ticket;
mod time;

use proptest::test_runner::{Config, RngSeed};

/// The same cases at each run, unless `PROPTEST_RNG_SEED` and `PROPTEST_CASES` say otherwise.
fn config(cases: u32) -> Config {
    let usual = Config { failure_persistence: None, ..Config::default() };
    let is_set = |name| std::env::var_os(name).is_some();
    Config {
        cases: if is_set("PROPTEST_CASES") { usual.cases } else { cases },
        rng_seed: if is_set("PROPTEST_RNG_SEED") { usual.rng_seed } else { RngSeed::Fixed(7) },
        ..usual
    }
}

/// Any number, and often one at the edge of what fits.
fn hostile() -> impl proptest::strategy::Strategy<Value = i64> {
    use proptest::prelude::*;
    let edges = [i64::MIN, i64::MIN + 1, -1001, -1000, -1, 0, 1, 999, 1000, i64::MAX - 1, i64::MAX];
    prop_oneof![
        3 => proptest::sample::select(edges.to_vec()),
        1 => proptest::sample::select(edges.map(|edge| edge / 1000).to_vec()),
        2 => any::<i64>(),
        2 => -4_000_000_000_000..4_000_000_000_000_i64,
    ]
}
