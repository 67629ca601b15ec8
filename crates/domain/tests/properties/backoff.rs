//! Waits between attempts, up to the most absurd of policies.

use super::config;
use holdfast_domain::retry::Policy;
use holdfast_domain::time::Span;
use proptest::prelude::*;
use proptest::sample::select;

fn policy() -> impl Strategy<Value = Policy> {
    let number = || prop_oneof![select(vec![0, 1, 2, 3, 100, u32::MAX]), any::<u32>()];
    (number(), length(), number(), length()).prop_map(|(attempts, first, factor, cap)| Policy {
        attempts,
        first,
        factor,
        cap,
    })
}

fn length() -> impl Strategy<Value = Span> {
    let edges = vec![0, 1, 999, 1000, 1001, 10_000, 86_400_000, u64::MAX - 1, u64::MAX];
    prop_oneof![select(edges), any::<u64>(), 0..100_000_000_u64].prop_map(Span::from_millis)
}

/// The longest wait, multiplied step by step in wide numbers.
fn longest(policy: &Policy, attempt: u32) -> u128 {
    let cap = u128::from(policy.cap.millis());
    let mut wait = u128::from(policy.first.millis()).min(cap);
    // Beyond this many steps it has long reached the cap, or does not grow at all.
    for _ in 1..attempt.min(200) {
        wait = (wait * u128::from(policy.factor)).min(cap);
    }
    wait.max(1000)
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn a_wait_lies_between_a_second_and_the_grown_first(
        policy in policy(),
        attempt in prop_oneof![1..30_u32, any::<u32>()],
        random in prop_oneof![Just(0), Just(u64::MAX), any::<u64>()],
    ) {
        let longest = longest(&policy, attempt);
        let wait = u128::from(policy.wait(attempt, None, random).millis());
        prop_assert!((1000..=longest).contains(&wait), "{wait} of {longest}");
        prop_assert_eq!(policy.wait(attempt, None, 0), Span::from_secs(1));
        let most = u128::from(policy.wait(attempt, None, u64::MAX).millis());
        prop_assert_eq!(most, longest);
    }

    #[test]
    fn more_chance_is_no_shorter_wait(policy in policy(), attempt in 1..20_u32, a: u64, b: u64) {
        let (less, more) = (a.min(b), a.max(b));
        prop_assert!(policy.wait(attempt, None, less) <= policy.wait(attempt, None, more));
    }

    #[test]
    fn what_was_asked_for_is_heard_up_to_the_cap(
        policy in policy(),
        attempt in 1..20_u32,
        asked in length(),
        random: u64,
    ) {
        let (unasked, wait) =
            (policy.wait(attempt, None, random), policy.wait(attempt, Some(asked), random));
        prop_assert_eq!(wait, unasked.max(asked.min(policy.cap)));
    }
}
