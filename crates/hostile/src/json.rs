//! Values by pointer, against the same values in a tree.

use holdfast_domain::json::{Pointer, items_at, pick, raw_at};
use serde_json::Value;

const POINTERS: [&str; 9] =
    ["/id", "/type", "/data/object/id", "/0", "/0/id", "/events/1/type", "/a~1b/~0", "/", "/id/id"];

/// Every value that a pointer leads to is the tree's, and there is none where the tree has none.
/// Numbers are compared as written: a tree rounds long ones.
pub(crate) fn check(data: &[u8]) {
    let tree = std::str::from_utf8(data).ok().and_then(|text| {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        serde_json::from_str::<Value>(text).ok()
    });
    let pointers = POINTERS.map(|text| Pointer::parse(text).expect("a pointer"));
    let all: Vec<&Pointer> = pointers.iter().collect();
    let together = pick(data, &all);
    for (nth, (text, pointer)) in POINTERS.iter().zip(&pointers).enumerate() {
        let alone = pick(data, &[pointer]);
        let values =
            (alone.as_ref().map(|one| one.first()), together.as_ref().map(|all| all.get(nth)));
        assert_eq!(values.0, values.1, "{text}: alone and with others");
        let raw = raw_at(data, pointer);
        let items = items_at(data, pointer);
        // A tree is limited in depth and refuses lone surrogates; the pointers do not care.
        let Some(tree) = &tree else { continue };
        let found = alone.expect("JSON").into_iter().next().flatten();
        match tree.pointer(text) {
            Some(Value::String(expected)) => assert_eq!(found.as_ref(), Some(expected), "{text}"),
            Some(Value::Bool(expected)) => assert_eq!(found, Some(expected.to_string()), "{text}"),
            Some(Value::Number(_)) => assert!(found.is_some_and(|one| !one.is_empty()), "{text}"),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => {
                assert_eq!(found, None, "{text}");
            }
        }
        // Both go through objects only.
        if let (Some(raw), Some(expected)) = (raw, tree.pointer(text)) {
            assert_eq!(serde_json::from_str::<Value>(raw).ok().as_ref(), Some(expected), "{text}");
            let lengths = (items.map(|items| items.len()), expected.as_array().map(Vec::len));
            assert_eq!(lengths.0, lengths.1, "{text}");
        }
    }
}
