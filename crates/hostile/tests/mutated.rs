//! The fuzzers' promises on mutations of their seeds, a few thousand at each run: what a stable
//! toolchain can do without coverage.
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use holdfast_hostile::{TARGETS, target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

/// Bytes that mean something to one of the parsers.
const FRAGMENTS: [&[u8]; 24] = [
    b"",
    b"\n",
    b"\n\n",
    b": ",
    b",",
    b"=",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xc3\xa9",
    b"\xef\xbb\xbf",
    b"\0",
    b"-1",
    b"9223372036854775808",
    b"1e999",
    b"null",
    b"v1=",
    b"%00",
    b"==",
];

#[derive(Clone, Debug)]
enum Change {
    Byte(Index, u8),
    Cut(Index, Index),
    Insert(Index, &'static [u8]),
    Repeat(Index, Index),
    Splice(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(place, byte)| Change::Byte(place, byte)),
        (at(), at()).prop_map(|(from, to)| Change::Cut(from, to)),
        (at(), select(&FRAGMENTS[..])).prop_map(|(place, text)| Change::Insert(place, text)),
        (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
        (at(), at()).prop_map(|(seed, place)| Change::Splice(seed, place)),
    ]
}

fn range(data: &[u8], from: Index, to: Index) -> std::ops::Range<usize> {
    let (from, to) = (from.index(data.len() + 1), to.index(data.len() + 1));
    from.min(to)..from.max(to)
}

fn apply(mut data: Vec<u8>, change: &Change, seeds: &[Vec<u8>]) -> Vec<u8> {
    match *change {
        Change::Byte(_, _) if data.is_empty() => {}
        Change::Byte(place, byte) => {
            let at = place.index(data.len());
            data.splice(at..=at, [byte]);
        }
        Change::Cut(from, to) => drop(data.drain(range(&data, from, to))),
        Change::Insert(place, text) => {
            let at = place.index(data.len() + 1);
            data.splice(at..at, text.iter().copied());
        }
        Change::Repeat(from, to) => {
            let range = range(&data, from, to);
            let copy = data.get(range.clone()).unwrap_or_default().to_vec();
            data.splice(range.end..range.end, copy);
        }
        Change::Splice(seed, place) => {
            let other = seed.get(seeds);
            let at = place.index(data.len().min(other.len()) + 1);
            data.truncate(at);
            data.extend_from_slice(other.get(at..).unwrap_or_default());
        }
    }
    data
}

fn holds_for_mutations(name: &str, cases: u32) {
    let target = target(name).expect("a target");
    let seeds = (target.seeds)();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let inputs = (any::<Index>(), vec(change(), 0..6));
    let outcome = TestRunner::new(config).run(&inputs, |(seed, changes)| {
        let data = changes.iter().fold(seed.get(&seeds).clone(), |d, one| apply(d, one, &seeds));
        (target.check)(&data);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn every_seed_holds() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has nothing to start from", target.name);
        seeds.iter().for_each(|seed| (target.check)(seed));
    }
}

#[test]
fn events_of_any_shape_are_answered() {
    holds_for_mutations("event", 2000);
}

#[test]
fn forgeries_are_believed_by_none() {
    holds_for_mutations("forged", 2000);
}

#[test]
fn what_is_signed_is_stored_once() {
    holds_for_mutations("signed", 2000);
}

#[test]
fn values_by_pointer_are_those_of_a_tree() {
    holds_for_mutations("json", 4000);
}

#[test]
fn timestamps_read_back_as_written() {
    holds_for_mutations("moment", 4000);
}

#[test]
fn lists_are_read_or_refused() {
    holds_for_mutations("page", 2000);
}

#[test]
fn tickets_read_back_as_written() {
    holds_for_mutations("ticket", 4000);
}

#[test]
fn configurations_are_read_or_refused() {
    holds_for_mutations("configuration", 500);
}
