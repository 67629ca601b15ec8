//! What the code, the template and the facts name is listed in the pages, and the other way round.

use super::Names;
use super::text::{headings, quoted, read, rust_files, section, words};

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
            resource.lines().find_map(|line| Some(line.trim().strip_prefix(name)?.trim()))
        };
        match (value("Namespace:"), value("SELECT SUM(")) {
            (Some("Holdfast"), _) => {
                assert!(metrics.contains(value("MetricName:").unwrap()), "{resource}");
            }
            (Some(_), _) => {}
            (None, query) => {
                let (metric, from) = query.unwrap().split_once(')').unwrap();
                assert!(metrics.contains(metric.trim_matches('"')), "{resource}");
                let from = from.trim().strip_prefix("FROM SCHEMA(\"Holdfast\", ").unwrap();
                assert_eq!(from, "\"FunctionName\", \"Source\")", "{resource}");
            }
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

/// The names of all metrics of facts.
pub(crate) fn metrics() -> Names {
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
