//! Patterns for kinds: `*` stands for any run of characters, everything else for itself.

use crate::reading::Table;
use std::fmt;

/// A pattern such as `invoice.*`, `*.deleted` or `charge.refunded`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// The pattern that every kind matches.
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// Takes any text: every text is a pattern.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a kind matches.
    pub fn matches(&self, kind: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let kind: Vec<char> = kind.chars().collect();
        walk(&pattern, &kind, |wanted, found| wanted == found)
    }

    /// Whether every kind that matches `other` also matches this pattern.
    ///
    /// A star of `other` stands for characters that this pattern cannot name, so only a star of
    /// this pattern can take it: matching the other's text as if it were a kind decides it.
    pub fn covers(&self, other: &Self) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let other: Vec<char> = other.0.chars().collect();
        walk(&pattern, &other, |wanted, found| wanted == found && found != '*')
    }

    /// Whether some kind matches both patterns.
    pub fn meets(&self, other: &Self) -> bool {
        let left: Vec<char> = self.0.chars().collect();
        let right: Vec<char> = other.0.chars().collect();
        // reached[j]: the part of `left` seen so far and the first j of `right` have a kind in
        // common.
        let mut reached = vec![true];
        reached.extend(right.iter().scan(true, |on, to| {
            *on = *on && *to == '*';
            Some(*on)
        }));
        for from in &left {
            let mut next = vec![*from == '*' && reached.first() == Some(&true)];
            for (nth, to) in right.iter().enumerate() {
                let at = |row: &[bool], index: usize| row.get(index).copied().unwrap_or(false);
                let (diagonal, above, before) =
                    (at(&reached, nth), at(&reached, nth + 1), at(&next, nth));
                let starred = *from == '*' || *to == '*';
                next.push((starred && (above || before)) || (diagonal && (starred || from == to)));
            }
            reached = next;
        }
        reached.last() == Some(&true)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Reads `kinds`, a pattern or several; every kind where it is not written.
pub(super) fn read_kinds(table: &mut Table<'_>) -> Option<Vec<Glob>> {
    if !table.has("kinds") {
        // Marks the key as known.
        let _ = table.one_or_more("kinds");
        return Some(vec![Glob::any()]);
    }
    let kinds = table.one_or_more("kinds");
    (!kinds.is_empty()).then(|| kinds.into_iter().map(Glob::new).collect())
}

/// Matches greedily and goes back to the last star only: linear in practice, never more than the
/// product of both lengths, whatever a sender puts into a kind.
fn walk(pattern: &[char], text: &[char], same: impl Fn(char, char) -> bool) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(found) = text.get(seen) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(wanted) if same(*wanted, *found) => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((behind, taken)) = star else { return false };
                star = Some((behind, taken + 1));
                (at, seen) = (behind, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::new(text)
    }

    #[test]
    fn a_star_is_any_run_of_characters() {
        for (pattern, kind) in [
            ("*", ""),
            ("*", "anything"),
            ("invoice.*", "invoice.paid"),
            ("invoice.*", "invoice."),
            ("*.deleted", "customer.subscription.deleted"),
            ("a*b*c", "a-b-b-c"),
            ("**", "x"),
            ("exact", "exact"),
            ("ü*", "übung"),
        ] {
            assert!(glob(pattern).matches(kind), "{pattern} {kind}");
        }
        for (pattern, kind) in [
            ("", "x"),
            ("invoice.*", "invoice"),
            ("invoice.*", "invoiceXpaid"),
            ("*.deleted", "deleted"),
            ("a*b*c", "a-b-c-d"),
            ("exact", "exactly"),
            ("a?", "ab"),
        ] {
            assert!(!glob(pattern).matches(kind), "{pattern} {kind}");
        }
    }

    #[test]
    fn covering() {
        for (wide, narrow) in [
            ("*", "invoice.*"),
            ("invoice.*", "invoice.*"),
            ("invoice.*", "invoice.paid"),
            ("*a*", "*a"),
            ("*", ""),
        ] {
            assert!(glob(wide).covers(&glob(narrow)), "{wide} {narrow}");
        }
        for (wide, narrow) in
            [("invoice.*", "*"), ("invoice.*", "*.paid"), ("*a", "*a*"), ("a", "a*")]
        {
            assert!(!glob(wide).covers(&glob(narrow)), "{wide} {narrow}");
        }
    }

    #[test]
    fn meeting() {
        for (left, right) in [
            ("invoice.*", "*.paid"),
            ("*", ""),
            ("a*", "*b"),
            ("a*c", "ab*"),
            ("*x*", "*y*"),
            ("same", "same"),
        ] {
            assert!(glob(left).meets(&glob(right)), "{left} {right}");
            assert!(glob(right).meets(&glob(left)), "{right} {left}");
        }
        for (left, right) in [("invoice.*", "charge.*"), ("a", "b"), ("*a", "*b"), ("", "a*")] {
            assert!(!glob(left).meets(&glob(right)), "{left} {right}");
            assert!(!glob(right).meets(&glob(left)), "{right} {left}");
        }
    }

    /// All patterns and kinds over a small alphabet, against the definitions.
    #[test]
    fn covering_and_meeting_agree_with_matching() {
        let kinds = words(&['a', 'b'], 5);
        let patterns: Vec<Glob> = words(&['a', '*'], 3).into_iter().map(Glob::new).collect();
        for left in &patterns {
            for right in &patterns {
                let both = |kind: &&String| left.matches(kind) && right.matches(kind);
                assert_eq!(left.meets(right), kinds.iter().any(|k| both(&k)), "{left} {right}");
                let every = kinds.iter().all(|kind| !right.matches(kind) || left.matches(kind));
                assert_eq!(left.covers(right), every, "{left} {right}");
            }
        }
    }

    fn words(letters: &[char], longest: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last
                .iter()
                .flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}")))
                .collect();
            all.extend(last.clone());
        }
        all
    }

    #[test]
    fn a_hostile_kind_is_matched_in_bounded_time() {
        let kind = "a".repeat(256);
        assert!(!glob("*a*a*a*a*a*a*a*a*b").matches(&kind));
    }
}
