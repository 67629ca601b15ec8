//! How events are named on the command line: `stripe/evt_1`; a replay of a processed event, which
//! is an event of its own, by its whole key `R#stripe#evt_1#1`.

use holdfast_domain::identity::EventKey;
use holdfast_domain::record::RecordKey;
use holdfast_domain::source::SourceName;

/// Reads a name.
///
/// # Errors
/// What is expected instead.
pub fn parse(text: &str) -> Result<RecordKey, String> {
    if let Some(key) = RecordKey::parse(text) {
        return Ok(key);
    }
    let named = text.split_once('/').filter(|(_, key)| !key.is_empty());
    let key = named.and_then(|(source, key)| {
        let source: SourceName = source.parse().ok()?;
        Some(RecordKey::event(&source, &EventKey::from_stored(key)))
    });
    key.ok_or_else(|| "an event is named <source>/<key>, like stripe/evt_1".to_owned())
}

/// Writes a name, so that it can be read again.
pub fn name(key: &RecordKey) -> String {
    if key.as_str().starts_with("E#") {
        format!("{}/{}", key.source(), key.event_key())
    } else {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for (text, key) in [
            ("stripe/evt_1", "E#stripe#evt_1"),
            ("github/a/b#c", "E#github#a/b#c"),
            ("R#stripe#evt_1#1", "R#stripe#evt_1#1"),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(parsed.as_str(), key);
            assert_eq!(name(&parsed), text);
        }
        assert_eq!(parse("E#stripe#evt_1").unwrap().as_str(), "E#stripe#evt_1");
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in ["", "stripe", "stripe/", "/evt_1", "Stripe/evt_1", "S#sweep"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
