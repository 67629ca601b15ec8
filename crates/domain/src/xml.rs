//! Just enough of XML to see who an event is: elements and their text, as the JSON that says the
//! same. Attributes, comments and processing instructions are passed over; there are no entities but
//! the five that XML has by itself, so that nothing can be made to grow.

use serde_json::{Map, Value};

/// More elements within elements than any event has.
const DEEPEST: usize = 32;

/// The text as JSON: an element is an object of its elements, or a string where it has none. Where an
/// element stands twice, the last one counts. `None` unless every element is closed in its turn.
pub(crate) fn to_json(text: &[u8]) -> Option<Vec<u8>> {
    let mut rest = std::str::from_utf8(text).ok()?;
    let mut open: Vec<Open<'_>> = vec![Open::default()];
    while let Some((before, after)) = rest.split_once('<') {
        let current = open.last_mut()?;
        current.text.push_str(&unescape(before));
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let (tag, after) = after.split_once('>')?;
        rest = after;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let done = open.pop().filter(|done| done.name == name.trim())?;
            let name = done.name.to_owned();
            open.last_mut()?.children.insert(name, done.value());
            continue;
        }
        let name = tag.trim_end_matches('/').split_ascii_whitespace().next()?;
        if tag.ends_with('/') {
            open.last_mut()?.children.insert(name.to_owned(), Value::String(String::new()));
        } else if open.len() < DEEPEST {
            open.push(Open { name, ..Open::default() });
        } else {
            return None;
        }
    }
    let root = open.pop().filter(|_| open.is_empty())?;
    serde_json::to_vec(&Value::Object(root.children)).ok()
}

#[derive(Default)]
struct Open<'t> {
    name: &'t str,
    text: String,
    children: Map<String, Value>,
}

impl Open<'_> {
    fn value(self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text.trim().to_owned());
        }
        Value::Object(self.children)
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_their_text() {
        let text = "<?xml version=\"1.0\"?>\n<n a=\"b\"><!-- <x> --><kind type=\"k\">a &amp; b</kind>\
                    <in><id>1</id><id>2</id><none/></in></n>\n";
        let json = to_json(text.as_bytes()).expect("XML");
        let expected = r#"{"n":{"in":{"id":"2","none":""},"kind":"a & b"}}"#;
        let same = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("JSON");
        assert_eq!(same(&json), same(expected.as_bytes()));
    }

    #[test]
    fn what_is_no_xml() {
        let deep = "<a>".repeat(100_000);
        for text in ["<a>", "</a>", "<a></b>", "<a", "<a><b></a></b>", "<!-- ", "<>", &deep] {
            assert_eq!(to_json(text.as_bytes()), None, "{text:.20}");
        }
        assert_eq!(to_json(b"\xff"), None);
    }

    #[test]
    fn elements_may_be_nested_but_not_to_any_depth() {
        let nested = |deep: usize| format!("{}{}", "<a>".repeat(deep), "</a>".repeat(deep));
        assert!(to_json(nested(DEEPEST - 1).as_bytes()).is_some());
        assert_eq!(to_json(nested(DEEPEST).as_bytes()), None);
    }
}
