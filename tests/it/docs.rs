//! The documentation says what is so: what it names exists, and what exists is named.
//!
//! Read from the files as text, with nothing but the standard library.

mod text;

use std::collections::BTreeSet;
use text::{
    commands, fenced, functions_of, headings, links, pages, quoted, read, root, rust_files,
    section, slug, words,
};

type Names = BTreeSet<String>;

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
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = name == ".git" || ignored.contains(&name) || page.contains(&name);
        assert!(is_known, "ARCHITECTURE.md says nothing of {name}");
    }
}

#[test]
fn environment_variables_are_documented() {
    let mut used = words(&read("template.yaml"), "HOLDFAST_");
    for file in rust_files("crates")
        .iter()
        .filter(|file| file.contains("/src/") && !file.contains("/testkit/"))
    {
        used.extend(words(&read(file), "HOLDFAST_"));
    }
    assert_eq!(words(&read("docs/CONFIGURATION.md"), "HOLDFAST_"), used);
}

#[test]
fn template_parameters_are_documented() {
    let template = read("template.yaml");
    let parameters = section(&template, "Parameters:");
    let declared: Names = parameters
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .map(str::to_owned)
        .collect();
    let page = read("docs/CONFIGURATION.md");
    let documented = quoted(page.split_once("## Template parameters").unwrap().1);
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(declared.difference(&documented).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn keys_of_the_configuration_are_documented() {
    let documented = quoted(&read("docs/CONFIGURATION.md"));
    let folders = ["configuration", "signature", "identity", "provider"];
    let files =
        folders.iter().flat_map(|folder| rust_files(&format!("crates/domain/src/{folder}")));
    let mut keys = Names::new();
    for file in files.filter(|file| !file.ends_with("tests.rs")) {
        let code = read(&file);
        let code = code.split("#[cfg(test)]").next().unwrap();
        // `table.string("key")`, `optional(table, "key")`.
        for rest in code.split("table").skip(1) {
            let before = rest.split('"').next().unwrap_or_default();
            let key = rest.split('"').nth(1).unwrap_or_default();
            let is_method = before.starts_with('.') && before.find('(') == Some(before.len() - 1);
            let is_key = key.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !key.is_empty();
            if is_key && (is_method || before == ", ") {
                keys.insert(key.to_owned());
            }
        }
    }
    assert!(keys.contains("max_body_bytes") && keys.contains("without_key"), "{keys:?}");
    assert_eq!(keys.difference(&documented).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_alarm_has_a_section_and_a_metric_that_exists() {
    let template = read("template.yaml");
    let resources: Vec<&str> =
        template.split("\n\n").filter(|part| part.contains("AWS::CloudWatch::Alarm")).collect();
    let mut alarms = Names::new();
    let metrics = metrics();
    for resource in resources {
        let mut lines = resource.lines().filter(|line| !line.trim_start().starts_with('#'));
        alarms.insert(lines.next().unwrap().trim().trim_end_matches(':').to_owned());
        let value = |name: &str| {
            resource.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap().trim()
        };
        if value("Namespace:") == "Holdfast" {
            assert!(metrics.contains(value("MetricName:")), "{resource}");
        }
    }
    let page = read("docs/OPERATIONS.md");
    let sections = section(&page, "## Alarms");
    let sections: Names = headings(&sections).into_iter().collect();
    assert_eq!(sections, alarms);
}

#[test]
fn facts_are_documented() {
    let page = read("docs/LOGGING.md");
    let (quoted, metrics) = (quoted(&page), metrics());
    let capitals = |name: &String| name.chars().filter(|c| c.is_uppercase()).count();
    let looks_so = |name: &&String| {
        name.chars().all(char::is_alphabetic)
            && name.starts_with(char::is_uppercase)
            && capitals(name) > 1
    };
    let invented: Vec<&String> = quoted
        .difference(&metrics)
        .filter(looks_so)
        .filter(|name| *name != "FunctionName" && capitals(name) < name.len())
        .collect();
    assert_eq!(invented, Vec::<&String>::new());
    assert_eq!(metrics.difference(&quoted).collect::<Vec<_>>(), Vec::<&String>::new());

    let code = read("crates/pipeline/src/facts.rs");
    let messages = code
        .split_once("pub const fn message")
        .unwrap()
        .1
        .split_once("pub const fn level")
        .unwrap()
        .0;
    let messages: Vec<&str> = messages
        .lines()
        .filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\","))
        .collect();
    assert!(messages.len() > 20, "{messages:?}");
    for message in messages {
        assert!(page.contains(&format!("| {message} |")), "{message}");
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

/// The names of all metrics of facts.
fn metrics() -> Names {
    const UNITS: [&str; 3] = ["Count", "Milliseconds", "Seconds"];
    let code = read("crates/pipeline/src/facts.rs");
    code.split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| {
            text.starts_with(char::is_uppercase) && text.chars().all(char::is_alphabetic)
        })
        .filter(|text| !UNITS.contains(text))
        .map(str::to_owned)
        .collect()
}
