//! "Did you mean": the allowed word nearest to what was typed.

/// The candidate at the smallest edit distance, if it is near enough to be a slip of the finger.
pub(super) fn nearest<'c>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let allowed = (typed.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(typed, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (nth, from) in left.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(nth + 1);
        for ((to, above), diagonal) in right.iter().zip(row.iter().skip(1)).zip(row.iter()) {
            let before = next.last().copied().unwrap_or_default();
            let replaced = diagonal + usize::from(from != *to);
            next.push(replaced.min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let words = ["algorithm", "encoding", "header"];
        assert_eq!(nearest("algoritm", words), Some("algorithm"));
        assert_eq!(nearest("headers", words), Some("header"));
        assert_eq!(nearest("algoritmh", words), Some("algorithm"), "two of nine characters");
        assert_eq!(nearest("tolerance", words), None);
    }
}
