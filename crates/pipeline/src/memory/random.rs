use super::lock;
use crate::ports::Random;
use std::sync::Mutex;

/// Numbers that only look random: the same seed gives the same ones (SplitMix64: Steele, Lea,
/// Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    fn next(&self) -> u64 {
        let mut state = lock(&self.0);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Random for SeededRandom {
    fn bytes(&self) -> [u8; 16] {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        wide.to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the authors' own program gives for this seed
    /// (<https://prng.di.unimi.it/splitmix64.c>).
    #[test]
    fn the_sequence_is_that_of_its_authors() {
        let random = SeededRandom::new(1_234_567);
        let numbers = [0; 3].map(|_| random.next());
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
        let random = SeededRandom::new(1_234_567);
        assert_eq!(random.number(), numbers[1], "the lower half");
        let random = SeededRandom::new(1_234_567);
        let wide = u128::from_le_bytes(random.bytes());
        assert_eq!(wide >> 64, u128::from(numbers[0]));
    }
}
