//! Which headers of a request are stored.

use crate::headers::Headers;

/// Kept for every provider, because they say how the body is to be read.
const ALWAYS: [&str; 2] = ["content-type", "content-encoding"];
const BYTES_IN_ALL: usize = 4096;

/// The headers on the list, in its order, as far as 4 KB reach; one that is too long is left out
/// and the next is tried. Bytes that are not UTF-8 become U+FFFD.
pub(super) fn kept(list: &[String], headers: &Headers) -> Vec<(String, String)> {
    let mut room = BYTES_IN_ALL;
    let mut kept: Vec<(String, String)> = Vec::new();
    for name in ALWAYS.into_iter().chain(list.iter().map(String::as_str)) {
        if kept.iter().any(|(known, _)| known == name) {
            continue;
        }
        let Some(value) = headers.text(name) else { continue };
        if let Some(left) = room.checked_sub(name.len() + value.len()) {
            room = left;
            kept.push((name.to_owned(), value.into_owned()));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_headers_and_not_too_much_of_them() {
        let long = "x".repeat(4090);
        let headers: Headers = [
            ("Content-Type", "application/json"),
            ("Authorization", "Bearer hunter2"),
            ("X-Long", long.as_str()),
            ("X-Short", "a"),
        ]
        .into_iter()
        .collect();
        let list = ["x-long", "x-short", "content-type", "x-none"].map(String::from);
        let expected = [("content-type", "application/json"), ("x-short", "a")];
        assert_eq!(
            kept(&list, &headers),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn four_kilobytes_are_room_for_one_long_header() {
        let headers: Headers = [("X-Long", "x".repeat(4090))].into_iter().collect();
        let found = kept(&["x-long".to_owned()], &headers);
        assert_eq!(found.len(), 1, "six bytes of a name and 4090");
    }
}
