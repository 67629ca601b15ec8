//! Equal bodies under different keys, for sources whose signature does not cover the key.
//!
//! Whoever caught such a request can post it again under another key, and it is taken for a new
//! event. That cannot be refused, because two events may have equal bodies; but it can be noticed.
//! What a process has seen is remembered in its memory alone: it costs no call, and sees no more
//! than what reached this process since it started, at most the last few thousand.

use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::EventKey;
use holdfast_domain::source::SourceName;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many bodies are remembered: about half a megabyte.
const MOST: usize = 4096;

/// The bodies that this process has seen, and under which keys.
#[derive(Default)]
pub(crate) struct EqualBodies(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    keys: HashMap<(SourceName, BodyHash), EventKey>,
    oldest_first: VecDeque<(SourceName, BodyHash)>,
}

impl EqualBodies {
    /// Remembers a body; the key under which the same one came before, if that is another.
    pub(crate) fn seen(
        &self,
        source: &SourceName,
        key: &EventKey,
        body: &BodyHash,
    ) -> Option<EventKey> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (source.clone(), *body);
        if let Some(other) = remembered.keys.get(&place) {
            return (other != key).then(|| other.clone());
        }
        if remembered.oldest_first.len() >= MOST
            && let Some(oldest) = remembered.oldest_first.pop_front()
        {
            remembered.keys.remove(&oldest);
        }
        remembered.oldest_first.push_back(place.clone());
        remembered.keys.insert(place, key.clone());
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_body_under_another_key_is_noticed() {
        let seen = EqualBodies::default();
        let (github, other) = (SourceName::new("github").unwrap(), SourceName::new("a").unwrap());
        let (first, second) = (EventKey::new("1"), EventKey::new("2"));
        let body = BodyHash::of(b"{}");
        assert_eq!(seen.seen(&github, &first, &body), None);
        assert_eq!(seen.seen(&github, &first, &body), None, "a repetition");
        assert_eq!(seen.seen(&github, &second, &body), Some(first));
        assert_eq!(seen.seen(&other, &second, &body), None, "another source");
        assert_eq!(seen.seen(&github, &second, &BodyHash::of(b"[]")), None);
    }

    #[test]
    fn memory_is_bounded() {
        let seen = EqualBodies::default();
        let source = SourceName::new("github").unwrap();
        for number in 0..MOST + 10 {
            let key = EventKey::new(number.to_string());
            assert_eq!(seen.seen(&source, &key, &BodyHash::of(key.as_str().as_bytes())), None);
        }
        assert_eq!(seen.0.lock().unwrap().keys.len(), MOST);
    }
}
