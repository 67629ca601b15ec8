//! Foreign text in an error message: one short line without anything that a terminal or a log
//! viewer would act on.

use std::error::Error;

/// The most characters that are kept.
pub(crate) const MAX_CHARS: usize = 120;

/// One line of at most [`MAX_CHARS`] characters. Control and formatting characters and runs of
/// white space become one space; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut kept = String::new();
    let words = text.split(|c: char| c.is_whitespace() || is_unprintable(c));
    for word in words.filter(|word| !word.is_empty()) {
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
        if kept.len() > 4 * MAX_CHARS {
            break;
        }
    }
    match kept.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => {
            kept.truncate(end);
            kept.push('…');
            kept
        }
        None => kept,
    }
}

/// The errors behind an error, the innermost last.
pub(crate) fn causes(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The line that says why: the innermost cause. The outer errors of a client only say that a
/// request failed, and repeat its URL, which may hold a token.
pub(crate) fn innermost(error: &dyn Error) -> String {
    let cause = causes(error).last().map(ToString::to_string);
    line(cause.as_deref().unwrap_or("no cause is known").as_bytes())
}

/// Controls, and the invisible characters that reorder or hide text.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn becomes_one_harmless_line() {
        assert_eq!(line(b""), "");
        assert_eq!(line(b" \r\n no \t such\0key \n"), "no such key");
        assert_eq!(line(b"\x1b[31mred\x07"), "[31mred");
        assert_eq!(line("a\u{202e}b\u{2028}c".as_bytes()), "a b c");
        assert_eq!(line(b"\xffa\xc3"), "\u{fffd}a\u{fffd}");
    }

    #[test]
    fn is_cut_between_characters() {
        let long = "é".repeat(MAX_CHARS + 1);
        assert_eq!(line(long.as_bytes()), format!("{}…", "é".repeat(MAX_CHARS)));
        assert_eq!(line("é".repeat(MAX_CHARS).as_bytes()), "é".repeat(MAX_CHARS));
        assert_eq!(line(&b"x ".repeat(100_000)).chars().count(), MAX_CHARS + 1);
    }
}
