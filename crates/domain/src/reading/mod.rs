//! Reading TOML written by people: provider definitions and `holdfast.toml`.
//!
//! Owns the walk over a document that collects *every* problem, each with its line, instead of
//! stopping at the first. Does not own what the keys mean: each type that can be configured reads
//! itself from a [`Table`].

mod nearest;
mod problem;
mod span;
mod table;
mod values;

pub use problem::{Problem, Problems};
pub use span::parse_span;
pub use table::Table;

use table::Context;
use toml::de::DeTable;

/// Reads one document: `build` takes what it knows out of the root table and returns `None` where
/// something it needs was missing or wrong. Keys that nobody asked for are problems too.
///
/// # Errors
/// All problems of the document in the order of their lines.
pub fn read<T>(text: &str, build: impl FnOnce(&mut Table<'_>) -> Option<T>) -> Result<T, Problems> {
    let context = Context::new(text);
    let (root, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let offset = fault.span().map_or(0, |span| span.start);
        context.report_at(offset, fault.message().to_owned());
    }
    if !faults.is_empty() {
        return Err(context.into_problems());
    }
    let mut root = Table::root(&context, root.into_inner());
    let built = build(&mut root);
    root.finish();
    match built {
        Some(value) if context.is_clean() => Ok(value),
        Some(_) => Err(context.into_problems()),
        None => Err(context.into_problems().or_else_incomplete()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[derive(Debug, PartialEq)]
    struct Sample {
        name: String,
        wait: Span,
        size: i64,
        colour: u8,
        tags: Vec<String>,
        on: bool,
    }

    fn sample(root: &mut Table<'_>) -> Option<Sample> {
        let name = root.string("name");
        let wait = root.span("wait");
        let size = root.integer("size", 1..=10);
        let colour = root.one_of("colour", &[("red", 1), ("green", 2)]);
        let tags = root.strings("tags");
        let on = root.boolean("on", true);
        Some(Sample { name: name?, wait: wait?, size: size?, colour: colour?, tags, on })
    }

    fn problems(text: &str) -> Vec<(usize, String)> {
        let problems = read(text, sample).expect_err("the document should have problems");
        problems.iter().map(|problem| (problem.line, problem.message.clone())).collect()
    }

    #[test]
    fn a_document_without_problems_is_read() {
        let text =
            "name = \"a\"\nwait = \"5m\"\nsize = 3\ncolour = \"green\"\ntags = [\"x\", \"y\"]\n";
        let expected = Sample {
            name: "a".into(),
            wait: Span::from_mins(5),
            size: 3,
            colour: 2,
            tags: vec!["x".into(), "y".into()],
            on: true,
        };
        assert_eq!(read(text, sample), Ok(expected));
    }

    #[test]
    fn all_problems_are_listed_at_once_in_the_order_of_lines() {
        let text = "wait = \"5 parsecs\"\nsize = 11\ncolor = \"green\"\ntags = [1]\non = \"yes\"\n";
        let found = problems(text);
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 1, 1, 2, 3, 4, 5], "{found:#?}");
        let problems = read(text, sample).expect_err("the same");
        assert_eq!((problems.len(), problems.is_empty()), (7, false));
        assert!(Problems::default().is_empty());
        let all = found.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>().join("\n");
        for expected in [
            "`wait` must be a time like \"10s\", \"5m\", \"6h\" or \"2d\"",
            "`name` is missing",
            "`colour` is missing",
            "`size` must be an integer from 1 to 10, not 11",
            "unknown key `color`, did you mean `colour`? Allowed here: name, wait, size, colour, tags, on",
            "`tags` must be a list of strings",
            "`on` must be true or false, not a string",
        ] {
            assert!(all.contains(expected), "missing {expected:?} in:\n{all}");
        }
    }

    #[test]
    fn faults_of_syntax_carry_their_lines() {
        let found = problems("name = \"a\"\nwait = \nname = \"b\"\n");
        assert_eq!(found.first().map(|(line, _)| *line), Some(2), "{found:?}");
    }

    #[test]
    fn nested_tables_name_their_path() {
        let text = "[sources.stripe]\nprovider = \"stripe\"\nfoo = 1\n[sources.acme]\n[[routes]]\nto = 3\n";
        let found = read(text, |root| {
            for (_, mut source) in root.tables("sources") {
                source.string("provider");
                source.finish();
            }
            for mut route in root.array("routes") {
                route.string("to");
                route.finish();
            }
            Some(())
        })
        .expect_err("three problems");
        let text = found.to_string();
        for expected in [
            "line 3: in [sources.stripe]: unknown key `foo`",
            "line 4: in [sources.acme]: `provider` is missing",
            "line 6: in [[routes]]: `to` must be a string, not an integer",
        ] {
            assert!(text.contains(expected), "missing {expected:?} in:\n{text}");
        }
    }

    #[test]
    fn no_document_makes_the_reader_panic() {
        for text in [
            "",
            "\u{feff}",
            "[",
            "a = 9999999999999999999999",
            "size = 0xffffffffffffffffff",
            "é = \"ü\"",
        ] {
            assert!(read(text, sample).is_err(), "{text:?}");
        }
    }

    #[test]
    fn free_keys_hold_one_text_or_a_list_of_them() {
        let lists = |text: &str| read(text, |root| Some(root.lists()));
        let expected = [("a", vec!["x"]), ("b", vec!["y", "z"])].map(|(name, texts)| {
            (name.to_owned(), texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        assert_eq!(lists("a = \"x\"\nb = [\"y\", \"z\"]\n"), Ok(expected.to_vec()));
        let found = lists("a = [1]\n").expect_err("a number").to_string();
        assert_eq!(found, "line 1: `a` must be a string or a list of strings");
    }

    #[test]
    fn an_empty_text_is_none() {
        let found = read("name = \"\"\n", |root| root.string("name")).expect_err("empty");
        assert_eq!(found.to_string(), "line 1: `name` must not be empty");
    }
}
