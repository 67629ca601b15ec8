//! `retry = { … }` of a destination.

use super::shown::shown;
use crate::reading::Table;
use crate::retry::Policy;

/// Reads the policy; what is not written keeps its default.
pub(super) fn read(destination: &mut Table<'_>) -> Policy {
    let usual = Policy::default();
    let Some(mut table) = destination.table("retry") else { return usual };
    let number =
        |read: Option<i64>, usual| read.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual);
    let attempts = table.optional_integer("attempts", 1..=100);
    let factor = table.optional_integer("factor", 1..=100);
    let first = table.optional_span("first");
    let cap_line = table.line_of("cap");
    let cap = table.optional_span("cap");
    let policy = Policy {
        attempts: number(attempts, usual.attempts),
        factor: number(factor, usual.factor),
        first: first.unwrap_or(usual.first),
        cap: cap.unwrap_or(usual.cap.max(first.unwrap_or(usual.first)).min(Policy::LONGEST_CAP)),
    };
    for problem in contradictions(&policy) {
        table.problem_on_line(cap_line, problem);
    }
    table.finish();
    policy
}

fn contradictions(policy: &Policy) -> Vec<String> {
    let (first, cap) = (policy.first, policy.cap);
    let mut found = Vec::new();
    if first < Policy::LEAST {
        found.push(format!("`first` ({}) must be at least {}", shown(first), shown(Policy::LEAST)));
    }
    if cap > Policy::LONGEST_CAP {
        found.push(format!(
            "`cap` ({}) must be at most {}",
            shown(cap),
            shown(Policy::LONGEST_CAP)
        ));
    }
    if first > cap {
        found.push(format!(
            "`first` ({}) is longer than `cap` ({}): the cap would shorten the very first wait",
            shown(first),
            shown(cap)
        ));
    }
    found
}
