//! The fuzzers' way to the promises of `crates/hostile`.

/// Checks the promise of one target.
///
/// # Panics
/// When it is broken, or there is no such target.
pub fn check(name: &str, data: &[u8]) {
    let target = holdfast_hostile::target(name).expect("a target of crates/hostile");
    (target.check)(data);
}
