//! Names of keys: some providers say which of their keys signed. A secret written as `name:key` then
//! signs under its name alone; one without a name under any.

use crate::expression::{Facts, Place};
use crate::reading::Table;

/// Where a request names the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyName {
    /// At a place of its own.
    At(Place),
    /// Before each signature, with this between the two.
    Before(String),
}

impl KeyName {
    /// Reads `key_name` and `key_name_separator`.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let line = table.line_of("key_name");
        let at = table.optional_string("key_name");
        let before = table.optional_string("key_name_separator");
        let place = at.as_deref().and_then(Place::parse);
        if at.is_some() && (place.is_none() || before.is_some()) {
            let why = "`key_name` must be a place like \"header:X-Key-Id\", and excludes \
                       `key_name_separator`";
            table.problem_on_line(line, why);
        }
        place.map(Self::At).or(before.map(Self::Before))
    }

    /// The name and the key of a secret's text.
    pub(super) fn split(text: &str) -> (Option<&str>, &str) {
        text.split_once(':').map_or((None, text), |(name, key)| (Some(name), key))
    }

    /// The signature of a candidate, if it may be one under the key of that name.
    pub(super) fn signature<'v>(
        &self,
        name: Option<&str>,
        candidate: &'v [u8],
        facts: &Facts<'_>,
    ) -> Option<&'v [u8]> {
        let is_named = |found: &[u8]| name.is_none_or(|name| name.as_bytes() == found);
        match self {
            Self::At(place) => is_named(facts.at(place).unwrap_or_default()).then_some(candidate),
            Self::Before(separator) => {
                let separator = separator.as_bytes();
                let at = candidate.windows(separator.len()).position(|one| one == separator)?;
                let (found, rest) = candidate.split_at_checked(at)?;
                is_named(found).then(|| rest.get(separator.len()..)).flatten()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    #[test]
    fn a_definition_names_keys_in_one_way() {
        let named = |text: &str| {
            read(text, |table| Some(KeyName::read(table))).map_err(|problems| problems.to_string())
        };
        let place = Place::parse("header:X-Key-Id").expect("a place");
        let (at, before) = ("key_name = \"header:X-Key-Id\"\n", "key_name_separator = \"=\"\n");
        assert_eq!(named(""), Ok(None));
        assert_eq!(named(at), Ok(Some(KeyName::At(place))));
        assert_eq!(named(before), Ok(Some(KeyName::Before("=".to_owned()))));
        for wrong in ["key_name = \"X-Key-Id\"\n", &format!("{at}{before}")] {
            let found = named(wrong).expect_err(wrong);
            assert!(found.contains("`key_name` must be a place"), "{found}");
        }
    }
}
