//! The system's randomness.

use holdfast_pipeline::ports::Random;
use std::hash::{BuildHasher, RandomState};

/// Random bytes from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            bytes = unlikely_to_repeat();
        }
        bytes
    }
}

/// For a system without a source of randomness: enough for a nonce, which need not be secret.
fn unlikely_to_repeat() -> [u8; 16] {
    let half = || RandomState::new().hash_one(std::time::SystemTime::now());
    (u128::from(half()) << 64 | u128::from(half())).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_repeats() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            assert!(seen.insert(SystemRandom.bytes()));
            assert!(seen.insert(unlikely_to_repeat()));
        }
    }
}
