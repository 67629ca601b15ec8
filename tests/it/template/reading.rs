//! The template as data.

use crate::journeys::stack::{python, root};
use holdfast_domain::time::Span;
use serde_json::Value;
use std::process::Command;

/// The functions and the packages of their programs.
pub(super) const FUNCTIONS: [(&str, &str); 3] = [
    ("ReceiverFunction", "receiver"),
    ("ProcessorFunction", "processor"),
    ("ReconcilerFunction", "reconciler"),
];

/// The template with its short functions in their long form, as the local stack deploys it.
pub(super) fn template() -> Value {
    let script = root().join("infra/local/template_json.py");
    let printed = Command::new(python()).arg(script).arg(root().join("template.yaml")).output();
    let printed = printed.expect("python starts");
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    serde_json::from_slice(&printed.stdout).expect("JSON")
}

/// A value of the template; a reference to a parameter stands for its default.
pub(super) fn value<'t>(template: &'t Value, pointer: &str) -> &'t Value {
    let found = template.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    match found.get("Ref").and_then(Value::as_str) {
        Some(name) if !template["Parameters"][name].is_null() => {
            &template["Parameters"][name]["Default"]
        }
        _ => found,
    }
}

/// The same as a number, also where it is written as text.
pub(super) fn number(template: &Value, pointer: &str) -> u64 {
    let found = value(template, pointer);
    let read = found.as_u64().or_else(|| found.as_str().and_then(|text| text.parse().ok()));
    read.unwrap_or_else(|| panic!("{pointer} is no number: {found}"))
}

pub(super) fn secs(template: &Value, pointer: &str) -> Span {
    Span::from_secs(number(template, pointer))
}

/// The resources of that type.
pub(super) fn of_type<'t>(template: &'t Value, kind: &str) -> Vec<(&'t String, &'t Value)> {
    let resources = template["Resources"].as_object().expect("resources").iter();
    resources.filter(|(_, resource)| resource["Type"] == kind).collect()
}
