//! Reading the repository's files as text.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The top of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file's text, by its path from the top.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All pages of the documentation, by their paths from the top.
pub(super) fn pages() -> Vec<String> {
    let mut pages = files("", "md", false);
    pages.extend(files("docs", "md", true));
    pages.extend(files("tests/ablations", "md", false));
    pages
}

/// All Rust files below a folder, by their paths from the top.
pub(super) fn rust_files(folder: &str) -> Vec<String> {
    files(folder, "rs", true)
}

fn files(folder: &str, extension: &str, deep: bool) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if deep && entry.file_type().unwrap().is_dir() {
            found.extend(files(&path, extension, deep));
        } else if path.ends_with(&format!(".{extension}")) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The targets of a page's links that stay in the repository.
pub(super) fn links(page: &str) -> Vec<String> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://")).map(str::to_owned).collect()
}

/// Everything that stands between backticks, outside of blocks.
pub(crate) fn quoted(page: &str) -> BTreeSet<String> {
    let prose: Vec<&str> = page.split("```").step_by(2).collect();
    prose.iter().flat_map(|part| part.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The blocks of a language.
pub(super) fn fenced(page: &str, language: &str) -> Vec<String> {
    let blocks = page.split("```").skip(1).step_by(2);
    let of = |block: &str| Some(block.strip_prefix(language)?.strip_prefix('\n')?.to_owned());
    blocks.filter_map(of).collect()
}

/// The lines of all blocks that name no language.
pub(super) fn commands(page: &str) -> Vec<String> {
    fenced(page, "")
        .iter()
        .flat_map(|block| block.lines())
        .map(|line| line.trim().to_owned())
        .collect()
}

/// The headings of a page below its title.
pub(super) fn headings(page: &str) -> Vec<String> {
    let prose: String = page.split("```").step_by(2).collect();
    let heading = |line: &str| Some(line.trim_start_matches('#').strip_prefix(' ')?.to_owned());
    prose.lines().filter(|line| line.starts_with("##")).filter_map(heading).collect()
}

/// The anchor of a heading: lower case, spaces as hyphens, nothing but letters, digits and those.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What stands below a line, up to the next one that is indented no deeper or is a heading as high.
pub(crate) fn section(text: &str, title: &str) -> String {
    let mut lines = text.lines().skip_while(|line| *line != title);
    assert!(lines.next().is_some(), "there is no {title}");
    let is_markdown = title.starts_with('#');
    let ends = |line: &&str| {
        if is_markdown { line.starts_with("## ") } else { line.starts_with(char::is_alphabetic) }
    };
    lines.take_while(|line| !ends(line)).map(|line| format!("{line}\n")).collect()
}

/// All words in capitals that begin with a prefix.
pub(super) fn words(text: &str, prefix: &str) -> BTreeSet<String> {
    let is_inside = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.split(|c| !is_inside(c))
        .filter(|word| word.starts_with(prefix) && *word != prefix)
        .map(str::to_owned)
        .collect()
}

/// The names of a file's tests; of all its functions, where it is a suite that others call.
pub(super) fn functions_of(code: &str, is_suite: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = is_suite;
    for line in code.lines().map(str::trim) {
        is_test |= line.starts_with("#[test") || line.starts_with("#[tokio::test");
        if let Some((_, rest)) =
            line.split_once("fn ").filter(|_| is_test && !line.starts_with("//"))
        {
            found.extend(rest.split(['(', '<']).next().map(str::to_owned));
            is_test = is_suite;
        }
    }
    found
}
