//! What comes from outside fits into its field, and stays different where it was different.

use super::config;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::headers::Headers;
use holdfast_domain::identity::{EventKey, Kind};
use holdfast_domain::record::{RecordKey, SHARDS};
use holdfast_domain::source::SourceName;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Texts around the longest that fit, of narrow, wide and control characters.
fn text() -> impl Strategy<Value = String> {
    let filler = proptest::sample::select(vec!["x", "é", "€", "🚀", "\u{1}", "#", "~"]);
    prop_oneof![
        any::<String>(),
        (filler, 0..530_usize, any::<String>())
            .prop_map(|(filler, times, end)| filler.repeat(times) + &end),
    ]
}

fn sources() -> impl Strategy<Value = SourceName> {
    "[a-z0-9_-]{1,40}".prop_map(|name| SourceName::new(name).expect("a name"))
}

fn is_tidy(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn an_event_key_is_bounded_and_tidy(bytes in prop_oneof![text().prop_map(String::into_bytes), any::<Vec<u8>>()]) {
        let key = EventKey::new(&bytes);
        prop_assert!(is_tidy(key.as_str()) && key.as_str().len() <= 512);
        let verbatim = key.as_str().as_bytes() == bytes;
        let fits = std::str::from_utf8(&bytes).is_ok_and(|text| is_tidy(text) && text.len() <= 512);
        prop_assert_eq!(verbatim, fits);
        prop_assert!(key.beside(&BodyHash::of(&bytes)).as_str().len() <= 529);
    }

    #[test]
    fn a_label_is_bounded_tidy_and_fits_from_then_on(text in text()) {
        let kind = Kind::new(&text);
        prop_assert!(kind.as_str().len() <= 256);
        prop_assert!(!kind.as_str().chars().any(char::is_control));
        prop_assert_eq!(Kind::new(kind.as_str()), kind.clone());
        let fits = text.len() <= 256 && !text.chars().any(char::is_control);
        prop_assert_eq!(kind.as_str() == text, fits);
    }

    #[test]
    fn different_texts_are_different_labels(one in text(), other in text()) {
        prop_assert_eq!(Kind::new(&one) == Kind::new(&other), one == other);
        prop_assert_eq!(EventKey::new(&one) == EventKey::new(&other), one == other);
    }

    #[test]
    fn a_records_key_is_read_as_written(source in sources(), text in text(), number: u32) {
        let key = RecordKey::event(&source, &EventKey::new(&text));
        let replay = key.replay(number);
        for written in [&key, &replay] {
            let read = RecordKey::parse(written.as_str());
            prop_assert_eq!(read.as_ref(), Some(written));
            prop_assert_eq!(written.source(), source.as_str());
            prop_assert!(written.shard() < SHARDS);
        }
        prop_assert_ne!(&key, &replay);
        prop_assert_ne!(key.idempotency_key(), replay.idempotency_key());
        let event_key = EventKey::new(&text);
        prop_assert_eq!(key.event_key(), event_key.as_str());
        prop_assert_eq!(replay.event_key(), format!("{}#{number}", event_key.as_str()));
    }

    #[test]
    fn a_body_hash_is_read_as_written(body in any::<Vec<u8>>()) {
        let hash = BodyHash::of(&body);
        let hex = hash.hex();
        prop_assert_eq!((hex.len(), BodyHash::from_hex(&hex)), (64, Some(hash)));
        prop_assert_eq!(hex::encode(hash.bytes()), hex.as_str());
        prop_assert_eq!(format!("{hash} {hash:?}"), format!("{hex} BodyHash({hex})"));
        let json = serde_json::to_string(&hash).expect("JSON");
        prop_assert_eq!(&json, &format!("\"{hex}\""));
        prop_assert_eq!(serde_json::from_str::<BodyHash>(&json).ok(), Some(hash));
        prop_assert!(serde_json::from_str::<BodyHash>(&json.replacen(&hex, "00", 1)).is_err());
    }

    #[test]
    fn labels_are_stored_and_shown_as_they_are(source in sources(), text in text()) {
        let kind = Kind::new(&text);
        let json = serde_json::to_string(&(&source, &kind)).expect("JSON");
        let read: (SourceName, Kind) = serde_json::from_str(&json).expect("as written");
        prop_assert_eq!(&read, &(source.clone(), kind.clone()));
        prop_assert_eq!(format!("{source} {kind}"), format!("{} {}", source.as_str(), kind.as_str()));
        prop_assert_eq!(source.as_ref() as &str, source.as_str());
        prop_assert_eq!(source.as_str().parse::<SourceName>(), Ok(source.clone()));
        prop_assert_eq!(SourceName::try_from(source.to_string()), Ok(source.clone()));
        prop_assert_eq!(String::from(kind.clone()), kind.as_str());
        let key = EventKey::new(&text);
        prop_assert_eq!((key.to_string(), EventKey::from_stored(key.as_str())), (key.as_str().to_owned(), key));
    }

    #[test]
    fn other_names_are_refused(text in text()) {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let fits = (1..=40).contains(&text.len()) && text.chars().all(allowed);
        prop_assert_eq!(SourceName::new(text.as_str()).is_ok(), fits);
        prop_assert_eq!(serde_json::from_value::<SourceName>(text.into()).is_ok(), fits);
    }

    /// Names without case, values joined by commas, in the order of arrival.
    #[test]
    fn headers_are_kept_as_a_gateway_would_show_them(
        sent in vec(("[a-cA-Cé]{0,2}", any::<Vec<u8>>()), 0..12),
    ) {
        let mut wanted: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (name, value) in &sent {
            wanted.entry(name.to_ascii_lowercase()).or_default().push(value.clone());
        }
        let headers: Headers = sent.iter().map(|(name, value)| (name, value)).collect();
        prop_assert_eq!(headers.iter().count(), wanted.len());
        for (name, values) in &wanted {
            let joined = values.join(&b','.to_owned());
            prop_assert_eq!(headers.get(name), Some(joined.as_slice()));
            prop_assert_eq!(headers.get(&name.to_ascii_uppercase()), Some(joined.as_slice()));
        }
        let again: Headers = headers.iter().collect();
        prop_assert!(again == headers);
    }
}
