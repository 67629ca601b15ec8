//! What happened, in the order in which it happened: a hash over everything, and, where somebody
//! wants to read it, lines.

use holdfast_domain::time::Timestamp;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The trace of a world.
pub(crate) struct Trace(Mutex<State>);

struct State {
    hash: Fnv,
    /// The last lines, and how many are kept; none where nobody reads them.
    lines: Option<(VecDeque<String>, usize)>,
}

impl Trace {
    /// A trace that keeps this many lines.
    pub(crate) fn new(keep: usize) -> Self {
        let lines = (keep > 0).then(|| (VecDeque::new(), keep));
        Self(Mutex::new(State { hash: Fnv::default(), lines }))
    }

    /// Writes down that something happened. The words are made only where somebody reads them, so
    /// what makes the difference has to be hashed.
    pub(crate) fn note(&self, at: Timestamp, what: impl Hash, words: impl FnOnce() -> String) {
        let mut state = self.lock();
        at.hash(&mut state.hash);
        what.hash(&mut state.hash);
        if let Some((lines, keep)) = &mut state.lines {
            if lines.len() == *keep {
                lines.pop_front();
            }
            lines.push_back(format!("{at} {}", words()));
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.lock().hash.finish()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().lines.iter().flat_map(|(lines, _)| lines.iter().cloned()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// FNV-1a over 64 bits (Fowler, Noll, Vo): the standard library's own hash may change from one
/// release to the next, and a seed's hash should not.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.cast_unsigned() as u64);
    }
}
