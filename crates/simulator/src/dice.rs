//! The one source of chance. Everything that is decided in a world is decided here, so that a seed is
//! a world.

use holdfast_domain::time::Span;
use holdfast_pipeline::memory::SeededRandom;
use holdfast_pipeline::ports::Random;

/// Dice that fall the same way for the same seed.
pub(crate) struct Dice(SeededRandom);

impl Dice {
    /// The dice of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    pub(crate) fn number(&self) -> u64 {
        self.0.number()
    }

    /// A number in `0..most`; 0 where `most` is.
    pub(crate) fn below(&self, most: u64) -> u64 {
        // Not quite uniform, which no world minds.
        self.number().checked_rem(most).unwrap_or(0)
    }

    /// A number in `least..=most`.
    pub(crate) fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// A span of `least..=most` milliseconds.
    pub(crate) fn millis(&self, least: u64, most: u64) -> Span {
        Span::from_millis(self.between(least, most))
    }

    /// Whether something happens that happens this often in a hundred times.
    pub(crate) fn percent(&self, often: u64) -> bool {
        self.below(100) < often
    }

    /// Whether something happens that happens this often in ten thousand times.
    pub(crate) fn myriad(&self, often: u64) -> bool {
        often > 0 && self.below(10_000) < often
    }

    /// An index into a list of this length.
    pub(crate) fn index(&self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// One of these.
    pub(crate) fn one_of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    /// Takes something out of a list; the rest loses its order.
    pub(crate) fn take<T>(&self, list: &mut Vec<T>) -> Option<T> {
        (!list.is_empty()).then(|| list.swap_remove(self.index(list.len())))
    }
}
