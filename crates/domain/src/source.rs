//! Names of sources: the last segment of the path a provider posts to, and part of every key.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The name of a source: 1–40 characters of `a–z`, `0–9`, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName(String);

/// The text is not the name of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a source's name has 1 to 40 characters of a-z, 0-9, - and _")]
pub struct NotAName;

impl SourceName {
    /// Checks a text.
    ///
    /// # Errors
    /// [`NotAName`] when it is empty, longer than 40, or has other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAName> {
        let text = text.into();
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let valid = (1..=40).contains(&text.len()) && text.bytes().all(allowed);
        if valid { Ok(Self(text)) } else { Err(NotAName) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl AsRef<str> for SourceName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        Self::new(text)
    }
}

impl TryFrom<String> for SourceName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        Self::new(text)
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "stripe", "my_shop-2", &"x".repeat(40)] {
            assert_eq!(SourceName::new(good).map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "Stripe", "a b", "a/b", "a#b", "é", &"x".repeat(41)] {
            assert_eq!(SourceName::new(bad), Err(NotAName), "{bad:?}");
        }
    }

    #[test]
    fn an_invalid_name_cannot_be_deserialised() {
        assert!(serde_json::from_str::<SourceName>("\"A\"").is_err());
        let name: SourceName = serde_json::from_str("\"stripe\"").expect("valid");
        assert_eq!(serde_json::to_string(&name).expect("text"), "\"stripe\"");
    }

    #[test]
    fn a_name_is_its_text_everywhere() {
        let name: SourceName = "stripe".parse().expect("valid");
        let shown = name.to_string();
        assert_eq!((name.as_str(), name.as_ref(), shown.as_str()), ("stripe", "stripe", "stripe"));
    }
}
