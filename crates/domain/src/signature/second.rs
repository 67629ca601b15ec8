//! A second proof: some providers send one beside the first, each for something else. Both have to
//! hold, so that a request that leaves one of them out is never taken for one that needs but the
//! other.
//!
//! Owns what a second proof may be. That it is asked for is the check's.

use super::scheme::Scheme;
use crate::reading::Table;

/// Reads `also`, a table like the scheme's own but without a second proof in it; `None` where there
/// is none, and after reporting what is wrong.
pub(super) fn read(table: &mut Table<'_>) -> Option<Scheme> {
    let mut inner = table.table("also")?;
    let read = Scheme::read_one(&mut inner);
    // The source has one kind of secret, and a request one page of keys.
    if read.as_ref().is_some_and(Scheme::takes_secret) {
        let why = "a second proof is one by keys that lie elsewhere: say where with `key_set` or \
                   `certificate`";
        inner.problem(why);
    }
    inner.finish();
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    const FIRST: &str = "header = \"S\"\nalgorithm = \"token\"\n";
    const SECOND: &str = "[also]\nsignature = \"item\"\neach = \"/tokens\"\n\
                          algorithm = \"jwt-rs256\"\nkey_set = \"https://keys.example.com/\"\n";

    #[test]
    fn two_proofs_are_one_scheme() {
        let scheme = read(&format!("{FIRST}{SECOND}"), Scheme::read).expect("valid");
        assert_eq!(scheme.proofs().count(), 2);
        assert!(scheme.needs_secret(), "the first one's");
        assert!(scheme.has_public_key() && scheme.key_place().is_some(), "the second one's");
        let alone = read(FIRST, Scheme::read).expect("valid");
        assert!(alone.also.is_none() && alone.key_place().is_none());
        assert_ne!(alone, scheme);
        let aged = format!("{FIRST}{SECOND}issued_within_secs = 300\n");
        let aged = read(&aged, Scheme::read).expect("valid");
        assert_eq!((alone.tolerances(), aged.tolerances()), (None, Some(1..=86_400)));
    }

    #[test]
    fn what_no_second_proof_can_be() {
        let all = format!("{FIRST}{SECOND}");
        for (text, expected) in [
            (
                format!("{FIRST}[also]\nheader = \"T\"\nalgorithm = \"token\"\n"),
                "line 3: in [also]: a second proof is one by keys that lie elsewhere",
            ),
            (
                all.replace("key_set = \"https://keys.example.com/\"\n", ""),
                "line 3: in [also]: a second proof is one by keys that lie elsewhere",
            ),
            (
                format!("{all}[also.also]\nheader = \"T\"\nalgorithm = \"token\"\n"),
                "line 8: in [also]: unknown key `also`",
            ),
            (
                all.replacen("\"token\"", "\"jwt-rs256\"\nkey_set = \"https://a.example.com/\"", 1),
                "`also` is for a scheme whose own keys are secrets of the source",
            ),
            (all.replace("each = \"/tokens\"\n", ""), "name it with `each`"),
            (format!("{all}claims = [{{}}]\n"), "`claims` must name claims"),
            (format!("{all}claims = [\"azp\"]\n"), "`claims` must be a list of tables"),
        ] {
            let found = read(&text, Scheme::read).expect_err(&text).to_string();
            assert!(found.contains(expected), "{text}\ngave:\n{found}");
        }
    }
}
