//! What the pages name exists: links, files, commands, tests, the example.

use super::Names;
use super::text::{
    commands, fenced, functions_of, headings, links, pages, quoted, read, root, rust_files, slug,
};

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in links(&read(&page)) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if path.is_empty() { root().join(&page) } else { root().join(folder).join(path) };
            let found = target.exists();
            let leads =
                |text: String| headings(&text).iter().any(|heading| slug(heading) == anchor);
            if !found || (!anchor.is_empty() && !std::fs::read_to_string(&target).is_ok_and(leads))
            {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn files_that_are_named_exist() {
    const KINDS: [&str; 8] = [".rs", ".toml", ".md", ".yaml", ".sh", ".json", ".jsonl", ".py"];
    let is_path = |name: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        name.contains('/')
            && name.chars().all(plain)
            && KINDS.iter().any(|kind| name.ends_with(kind))
    };
    let mut missing = Vec::new();
    for page in pages() {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in quoted(&read(&page)).into_iter().filter(|name| is_path(name)) {
            let places = [
                root().join(&name),
                root().join(folder).join(&name),
                root().join("crates").join(&name),
            ];
            // The walks name a file as `crate/src/file` or by its end, and link to it in full.
            let is_end = links(&read(&page)).iter().any(|link| link.ends_with(&name));
            if !is_end && !places.iter().any(|place| place.exists()) {
                missing.push(format!("{page}: {name}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_entry_of_the_top_level_is_explained() {
    let page = read("ARCHITECTURE.md");
    let ignored = read(".gitignore");
    let ignored: Names = ignored.lines().map(|line| line.trim_matches('/').to_owned()).collect();
    for entry in
        std::fs::read_dir(root()).unwrap().chain(std::fs::read_dir(root().join("crates")).unwrap())
    {
        let entry = entry.unwrap();
        // A target folder, under whatever name: cargo marks those that it makes
        // (<https://bford.info/cachedir/>), and one that was there empty holds its notes.
        let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
        if marks.iter().any(|mark| entry.path().join(mark).exists()) {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let is_known = name.starts_with('.') || ignored.contains(&name) || page.contains(&name);
        assert!(is_known, "ARCHITECTURE.md says nothing of {name}");
    }
}

#[test]
fn every_guarantee_is_proved_by_tests_that_exist() {
    let page = read("docs/GUARANTEES.md");
    let tests: Names = rust_files("crates")
        .into_iter()
        .chain(rust_files("tests"))
        .flat_map(|file| functions_of(&read(&file), file.contains("/contract/")))
        .collect();
    let promises =
        page.split("\n## ").skip(1).filter(|part| !part.starts_with("What is not promised"));
    for promise in promises {
        let (said, proof) =
            promise.split_once("**Proof.**").unwrap_or_else(|| panic!("no proof of {promise}"));
        let named: Vec<String> =
            quoted(proof).into_iter().filter(|name| !name.contains(['/', '.'])).collect();
        assert!(!named.is_empty(), "no test for {said}");
        for name in named {
            assert!(tests.contains(&name), "there is no test `{name}`");
        }
    }
}

#[test]
fn commands_that_are_shown_exist() {
    let makefile = read("Makefile");
    let targets: Names = makefile
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_owned())
        .collect();
    let verbs = read("crates/cli/src/arguments.rs");
    let verbs: Names = verbs
        .lines()
        .filter_map(|line| line.trim().split_once("::Arguments)"))
        .map(|(verb, _)| verb.split_once('(').unwrap_or_default().1.to_owned())
        .collect();
    for page in pages() {
        for command in commands(&read(&page)) {
            let mut words = command.split_whitespace();
            match (words.next(), words.next()) {
                (Some("make"), Some(target)) => {
                    assert!(targets.contains(target), "{page}: {command}")
                }
                (Some("holdfast"), Some(verb)) => {
                    assert!(verbs.contains(verb), "{page}: {command}")
                }
                _ => {}
            }
        }
    }
}

#[test]
fn the_handler_of_the_readme_compiles() {
    let example = read("crates/processor/examples/handlers.rs");
    let shown = fenced(&read("README.md"), "rust");
    assert_eq!(shown.len(), 1);
    assert!(example.contains(&shown[0]));
}
