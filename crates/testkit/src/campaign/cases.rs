use crate::crash_points::{strike, undisturbed};
use crate::faults::Fault;
use crate::scenarios;
use crate::world::Functions;

/// The scenario whose calls fail in pairs.
const PAIRED: &str = "whole_way";

/// A scenario, and the faults at its calls.
pub(super) struct Case {
    pub(super) scenario: &'static str,
    pub(super) faults: Vec<(usize, Fault)>,
}

/// Every fault at each of some calls of a scenario, after a fault that is the same in all of them.
struct Part {
    scenario: &'static str,
    before: Option<(usize, Fault)>,
    /// The first of the calls, and how many there are.
    first: usize,
    calls: usize,
}

/// All cases, numbered from 0 in an order that mixes them, so that the first ones are a fair sample.
pub(super) struct Cases {
    parts: Vec<Part>,
    /// How many cases there are up to the end of each part.
    ends: Vec<u64>,
    step: u64,
}

impl Cases {
    /// Every call of every scenario with every fault.
    pub(super) async fn singles<F: Functions>() -> Self {
        let mut parts = Vec::new();
        for scenario in scenarios::NAMES {
            let calls = undisturbed::<F>(scenario).await.len();
            parts.push(Part { scenario, before: None, first: 1, calls });
        }
        Self::of(parts)
    }

    /// Every two calls of one scenario with every two faults: after each single fault, every call
    /// that is still made, those included that are made only because of the first.
    pub(super) async fn pairs<F: Functions>() -> Self {
        let mut parts = Vec::new();
        for call in undisturbed::<F>(PAIRED).await {
            for fault in Fault::ALL {
                let before = (call.number, fault);
                let all = strike::<F>(PAIRED, &[before]).await.calls;
                let (first, calls) = (call.number + 1, all - call.number);
                parts.push(Part { scenario: PAIRED, before: Some(before), first, calls });
            }
        }
        Self::of(parts)
    }

    fn of(parts: Vec<Part>) -> Self {
        let mut count = 0;
        let mut end = |part: &Part| {
            count += (part.calls * Fault::ALL.len()) as u64;
            count
        };
        let ends = parts.iter().map(&mut end).collect();
        Self { parts, ends, step: mixing(count) }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default()
    }

    /// The one with this number, below [`Cases::count`].
    pub(super) fn get(&self, number: u64) -> Case {
        let place = u128::from(number) * u128::from(self.step) % u128::from(self.count());
        let place = u64::try_from(place).expect("below the count");
        let at = self.ends.partition_point(|end| *end <= place);
        let part = &self.parts[at];
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let within = usize::try_from(place - begin).expect("small");
        let (call, fault) = (within / Fault::ALL.len(), within % Fault::ALL.len());
        let last = (part.first + call, Fault::ALL[fault]);
        Case { scenario: part.scenario, faults: part.before.into_iter().chain([last]).collect() }
    }
}

/// A step that comes to every one of so many places, and spreads the first few over all of them.
fn mixing(count: u64) -> u64 {
    let golden = count / 1000 * 618 + 1;
    (golden..).find(|step| common_divisor(*step, count) == 1).expect("one is found")
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn part(scenario: &'static str, before: Option<(usize, Fault)>, calls: usize) -> Part {
        Part { scenario, before, first: before.map_or(1, |(number, _)| number + 1), calls }
    }

    #[test]
    fn every_case_comes_once() {
        let before = Some((7, Fault::Repeat));
        let cases =
            Cases::of(vec![part("a", None, 3), part("b", before, 0), part("c", before, 90)]);
        assert_eq!(cases.count(), 93 * Fault::ALL.len() as u64);
        let seen: BTreeSet<String> = (0..cases.count())
            .map(|number| cases.get(number))
            .map(|case| format!("{} {:?}", case.scenario, case.faults))
            .collect();
        assert_eq!(seen.len() as u64, cases.count());
        assert!(seen.contains("a [(1, CrashBefore)]"), "{seen:?}");
        assert!(seen.contains("c [(7, Repeat), (97, SlowAfter)]"), "{seen:?}");
    }
}
