//! No failure is silent: each metric that counts one has an alarm, or a row in the runbook that says
//! what it means and what tells of it.

use super::alarms::watched;
use super::facts::facts;
use super::reading::{of_type, template};
use crate::docs::{metrics, quoted, read, section};
use holdfast_aws::emf::NAMESPACE;
use holdfast_pipeline::facts::Level;
use std::collections::BTreeSet;

/// What counts the ordinary course. A new metric is a failure's until it stands here.
const ORDINARY: [&str; 12] = [
    "AttemptDuration",
    "BodiesRenewed",
    "ClaimsNotGranted",
    "DuplicateEvents",
    "EventsAccepted",
    "EventsProcessed",
    "EventsPutOff",
    "EventsRedriven",
    "EventsReleased",
    "Handshakes",
    "PollListed",
    "SweepCompleted",
];

#[test]
fn every_failure_is_alarmed_or_listed() {
    let template = template();
    let alarms = of_type(&template, "AWS::CloudWatch::Alarm").into_iter();
    let watched = alarms.map(|(_, alarm)| watched(&alarm["Properties"]));
    let alarmed: BTreeSet<String> = watched
        .filter(|(namespace, ..)| namespace == NAMESPACE)
        .map(|(_, metric, _)| metric)
        .collect();
    let listed = listed();
    let failures: Vec<String> =
        metrics().into_iter().filter(|metric| !ORDINARY.contains(&metric.as_str())).collect();
    assert!(failures.len() > 20, "{failures:?}");
    let silent: Vec<&String> = failures
        .iter()
        .filter(|metric| !alarmed.contains(*metric) && !listed.contains(*metric))
        .collect();
    assert_eq!(silent, Vec::<&String>::new());
    let twice: Vec<&String> = alarmed.intersection(&listed).collect();
    assert_eq!(twice, Vec::<&String>::new(), "listed as without an alarm");
}

/// What is counted by loud facts alone is no ordinary course.
#[test]
fn what_is_ordinary_is_told_of_quietly() {
    let facts = facts();
    let quiet: BTreeSet<&str> = facts
        .iter()
        .filter(|fact| fact.level() == Level::Info)
        .flat_map(|fact| fact.points())
        .map(|point| point.name)
        .collect();
    let loud: Vec<&str> = ORDINARY.into_iter().filter(|metric| !quiet.contains(metric)).collect();
    assert_eq!(loud, Vec::<&str>::new());
}

/// The metrics in the first cells of the runbook's table.
fn listed() -> BTreeSet<String> {
    let page = read("docs/OPERATIONS.md");
    let table = section(&page, "## Without an alarm, but worth a look");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    rows.flat_map(quoted).collect()
}
