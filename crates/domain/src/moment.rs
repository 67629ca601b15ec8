//! Points in time as providers write them, in one of a few units. Hostile numbers are refused or
//! saturate; nothing overflows.

use crate::rfc3339;
use crate::time::Timestamp;

/// How a provider writes a point in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Whole seconds since the Unix epoch.
    #[default]
    Seconds,
    /// Whole milliseconds since the Unix epoch.
    Millis,
    /// A date such as `2025-11-13T02:13:20.5Z`.
    Rfc3339,
}

impl Unit {
    /// The words for the units in a definition.
    pub const WORDS: [(&'static str, Self); 3] =
        [("s", Self::Seconds), ("ms", Self::Millis), ("rfc3339", Self::Rfc3339)];

    /// Reads a point in time; `None` when the text is not one in this unit.
    pub fn read(self, text: &[u8]) -> Option<Timestamp> {
        let text = std::str::from_utf8(text).ok()?;
        match self {
            Self::Seconds => integer(text).map(Timestamp::from_secs),
            Self::Millis => integer(text).map(Timestamp::from_millis),
            Self::Rfc3339 => rfc3339::parse(text),
        }
    }

    /// Writes a point in time.
    pub fn write(self, point: Timestamp) -> String {
        match self {
            Self::Seconds => point.secs().to_string(),
            Self::Millis => point.millis().to_string(),
            Self::Rfc3339 => point.to_string(),
        }
    }
}

/// Digits with an optional minus, nothing else: no plus, no blanks, no fraction.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(Unit::Seconds.read(b"17"), Some(Timestamp::from_secs(17)));
        assert_eq!(Unit::Millis.read(b"-17"), Some(Timestamp::from_millis(-17)));
        assert_eq!(Unit::Rfc3339.read(b"1970-01-01T00:00:17Z"), Some(Timestamp::from_secs(17)));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let point = Timestamp::from_secs(1_780_286_655);
        for (_, unit) in Unit::WORDS {
            assert_eq!(unit.read(unit.write(point).as_bytes()), Some(point));
        }
    }

    #[test]
    fn hostile_numbers() {
        let least = i64::MIN.to_string();
        assert_eq!(Unit::Seconds.read(least.as_bytes()), Some(Timestamp::from_millis(i64::MIN)));
        for text in [
            &b""[..],
            b"-",
            b"--1",
            b"+1",
            b" 1",
            b"1.5",
            b"1e3",
            b"9223372036854775808",
            b"\xd9\xa1",
            b"\xff",
        ] {
            assert_eq!(Unit::Seconds.read(text), None, "{text:?}");
        }
    }
}
