//! The environment variables that the functions read are those that they are given.

use super::reading::{FUNCTIONS, template};
use crate::journeys::stack::root;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_variable_that_is_read_is_set_and_every_one_that_is_set_is_read() {
    let template = template();
    let everywhere = variables(&template["Globals"]["Function"]["Environment"]["Variables"]);
    let shared = variables_read_in("crates/aws/src/env.rs");
    let (mut all_set, mut all_read) = (everywhere.clone(), shared.clone());
    for (function, package) in FUNCTIONS {
        let properties = &template["Resources"][function]["Properties"];
        let mut set = variables(&properties["Environment"]["Variables"]);
        all_set.extend(set.clone());
        set.extend(everywhere.clone());
        let mut read = variables_read_in(&format!("crates/{package}/src/config.rs"));
        read.extend(shared.clone());
        let missing: Vec<_> = read.difference(&set).collect();
        assert!(missing.is_empty(), "{function} reads {missing:?}, which it is not given");
        all_read.extend(read);
    }
    let unread: Vec<_> = all_set.difference(&all_read).collect();
    assert!(unread.is_empty(), "no function reads {unread:?}");
}

fn variables(environment: &Value) -> BTreeSet<String> {
    environment.as_object().expect("variables").keys().cloned().collect()
}

/// The variables that a file's code names; comments and its tests do not count.
fn variables_read_in(path: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(path)).expect("the file");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let quoted = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let read: BTreeSet<String> =
        quoted.filter(|text| text.starts_with("HOLDFAST_")).map(str::to_owned).collect();
    read
}
