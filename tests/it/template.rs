//! `template.yaml` against the programs that it deploys: what they are told, what they check when
//! they start, what they call their metrics and attributes.

use crate::journeys::stack::{python, root};
use holdfast_aws::emf::{Emf, NAMESPACE};
use holdfast_aws::event_store::keys;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::configuration::inequalities::{Platform, Stored, violations};
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::{Fact, Facts};
use holdfast_pipeline::handlers::Handlers;
use holdfast_processor::config::program;
use holdfast_providers::Definitions;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// The template with its short functions in their long form, as the local stack deploys it.
fn template() -> Value {
    let script = root().join("infra/local/template_json.py");
    let printed = Command::new(python()).arg(script).arg(root().join("template.yaml")).output();
    let printed = printed.expect("python starts");
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    serde_json::from_slice(&printed.stdout).expect("JSON")
}

/// A value of the template; a reference to a parameter stands for its default.
fn value<'t>(template: &'t Value, pointer: &str) -> &'t Value {
    let found = template.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    match found.get("Ref").and_then(Value::as_str) {
        Some(name) if !template["Parameters"][name].is_null() => {
            &template["Parameters"][name]["Default"]
        }
        _ => found,
    }
}

/// The same as a number, also where it is written as text.
fn number(template: &Value, pointer: &str) -> u64 {
    let found = value(template, pointer);
    let read = found.as_u64().or_else(|| found.as_str().and_then(|text| text.parse().ok()));
    read.unwrap_or_else(|| panic!("{pointer} is no number: {found}"))
}

fn secs(template: &Value, pointer: &str) -> Span {
    Span::from_secs(number(template, pointer))
}

// -------------------------------------------------------------------------- Relations

#[test]
fn the_defaults_and_our_configuration_break_no_inequality() {
    let template = template();
    let text = fs::read_to_string(root().join("holdfast.toml")).expect("holdfast.toml");
    let configuration = Configuration::read(&text, &Definitions).expect("no problems");
    let program = program(&configuration, &Handlers::default());
    let expiry = lifecycle_days(&template);
    let platform = Platform {
        function_timeout: secs(&template, "/Resources/ProcessorFunction/Properties/Timeout"),
        visibility: secs(&template, "/Resources/Queue/Properties/VisibilityTimeout"),
        batching_window: secs(
            &template,
            "/Resources/TicketsToProcessor/Properties/MaximumBatchingWindowInSeconds",
        ),
        max_receive_count: u32::try_from(number(
            &template,
            "/Resources/Queue/Properties/RedrivePolicy/maxReceiveCount",
        ))
        .expect("a small number"),
        stored: Some(Stored {
            queue: secs(&template, "/Resources/Queue/Properties/MessageRetentionPeriod"),
            dead_letter_queue: secs(
                &template,
                "/Resources/DeadLetterQueue/Properties/MessageRetentionPeriod",
            ),
            bodies_bucket: Span::from_days(expiry),
        }),
    };
    let found = violations(&platform, &program, &configuration);
    assert!(found.is_empty(), "{found:#?}");
}

/// What a function is told has to be what the platform does.
#[test]
fn the_functions_are_told_what_the_platform_is_set_to() {
    let template = template();
    let told =
        |name: &str| number(&template, &format!("/Globals/Function/Environment/Variables/{name}"));
    let queue = "/Resources/Queue/Properties";
    let mapping = "/Resources/TicketsToProcessor/Properties";
    assert_eq!(
        told("HOLDFAST_VISIBILITY_SECS"),
        number(&template, &format!("{queue}/VisibilityTimeout"))
    );
    assert_eq!(
        told("HOLDFAST_MAX_RECEIVE_COUNT"),
        number(&template, &format!("{queue}/RedrivePolicy/maxReceiveCount"))
    );
    assert_eq!(
        told("HOLDFAST_BATCHING_WINDOW_SECS"),
        number(&template, &format!("{mapping}/MaximumBatchingWindowInSeconds"))
    );
    for (function, _) in FUNCTIONS {
        let properties = format!("/Resources/{function}/Properties");
        let told = format!("{properties}/Environment/Variables/HOLDFAST_FUNCTION_TIMEOUT_SECS");
        let timeout = format!("{properties}/Timeout");
        assert_eq!(number(&template, &told), number(&template, &timeout), "{function}");
    }
}

fn lifecycle_days(template: &Value) -> u64 {
    let rules = &template["Resources"]["BodiesBucket"]["Properties"]["LifecycleConfiguration"];
    let rules = rules["Rules"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["Prefix"] == "bodies/").expect("a rule for bodies");
    rule["ExpirationInDays"].as_u64().expect("days")
}

// -------------------------------------------------------------------------- Variables

const FUNCTIONS: [(&str, &str); 3] = [
    ("ReceiverFunction", "receiver"),
    ("ProcessorFunction", "processor"),
    ("ReconcilerFunction", "reconciler"),
];

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

// ----------------------------------------------------------------------------- Alarms

#[test]
fn every_alarm_on_our_own_metrics_is_about_one_that_is_written() {
    let template = template();
    let written = written_metrics();
    let mut ours = 0;
    for (name, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        let metric = properties["MetricName"].as_str().expect("a metric");
        let dimensions: Vec<&str> = properties["Dimensions"]
            .as_array()
            .expect("dimensions")
            .iter()
            .map(|dimension| dimension["Name"].as_str().expect("a name"))
            .collect();
        match properties["Namespace"].as_str().expect("a namespace") {
            NAMESPACE => {
                ours += 1;
                let one = (metric.to_owned(), dimensions.join(","));
                assert!(written.contains(&one), "{name}: nothing writes {one:?}: {written:?}");
            }
            "AWS/SQS" => assert_eq!(dimensions, ["QueueName"], "{name}"),
            "AWS/Lambda" => assert_eq!(dimensions, ["FunctionName"], "{name}"),
            "AWS/ApiGateway" => assert_eq!(dimensions, ["ApiId"], "{name}"),
            other => panic!("{name}: an unknown namespace {other}"),
        }
    }
    assert!(ours >= 2, "dead events and the sweep's heartbeat");
}

/// The facts that alarms are about, as a function logs them: metric and dimensions.
fn written_metrics() -> BTreeSet<(String, String)> {
    let facts = [
        Fact::Swept {
            looked_at: 0,
            resent: 0,
            released: 0,
            failed: 0,
            visible: 0,
            lag: Span::ZERO,
            dead: 0,
            complete: true,
        },
        Fact::SecretUnavailable { source: "stripe".to_owned(), cause: "none".to_owned() },
        Fact::NotStored { source: "stripe".to_owned(), cause: "none".to_owned() },
        Fact::PollFailed { source: "stripe".to_owned(), cause: "none".to_owned() },
    ];
    let log = Log::default();
    let emf = Emf::new("function", log.clone());
    facts.into_iter().for_each(|fact| emf.record(fact));
    let text = String::from_utf8(log.0.lock().expect("a log").clone()).expect("text");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.flat_map(|line| metrics_of(&line)).collect()
}

fn metrics_of(line: &Value) -> Vec<(String, String)> {
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], NAMESPACE);
    let texts = |value: &Value| -> Vec<String> {
        let all = value.as_array().expect("a list").iter();
        all.map(|one| one.as_str().expect("text").to_owned()).collect()
    };
    let sets: Vec<String> = directive["Dimensions"]
        .as_array()
        .expect("sets")
        .iter()
        .map(|set| texts(set).join(","))
        .collect();
    let metrics = directive["Metrics"].as_array().expect("metrics").iter();
    let names = metrics.map(|metric| metric["Name"].as_str().expect("a name").to_owned());
    names.flat_map(|name| sets.iter().map(move |set| (name.clone(), set.clone()))).collect()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// ----------------------------------------------------------------------------- Stores

#[test]
fn tables_and_index_are_as_the_adapters_name_them() {
    let template = template();
    let table = |name: &str| template["Resources"][name]["Properties"].clone();
    for name in ["EventsTable", "BodiesTable"] {
        let table = table(name);
        assert_eq!(keys_of(&table), [(keys::PK, "HASH")], "{name}");
        assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], keys::EXPIRES_AT, "{name}");
        assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true, "{name}");
    }
    let events = table("EventsTable");
    let indexes = events["GlobalSecondaryIndexes"].as_array().expect("indexes");
    let [index] = &indexes[..] else { panic!("one index, not {}", indexes.len()) };
    assert_eq!(index["IndexName"], keys::OPEN_INDEX);
    assert_eq!(keys_of(index), [(keys::OPEN_SHARD, "HASH"), (keys::INDEX_AT, "RANGE")]);
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
    for definition in events["AttributeDefinitions"].as_array().expect("attributes") {
        let is_number = definition["AttributeName"] == keys::INDEX_AT;
        assert_eq!(definition["AttributeType"], if is_number { "N" } else { "S" }, "{definition}");
    }
}

fn keys_of(table: &Value) -> Vec<(&str, &str)> {
    let schema = table["KeySchema"].as_array().expect("a key").iter();
    schema
        .map(|key| {
            let name = key["AttributeName"].as_str().expect("a name");
            (name, key["KeyType"].as_str().expect("a type"))
        })
        .collect()
}

// -------------------------------------------------------------------------- The queue

/// Without it Lambda takes an answer for "all succeeded" and deletes what is to be kept.
#[test]
fn the_mapping_heeds_which_tickets_are_to_be_kept() {
    let template = template();
    let mapping = &template["Resources"]["TicketsToProcessor"]["Properties"];
    assert_eq!(mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures");
    assert_eq!(mapping["EventSourceArn"]["Fn::GetAtt"][0], "Queue");
    assert!(mapping["FunctionName"].to_string().contains("ProcessorFunction"), "{mapping}");
    assert!(
        number(
            &template,
            "/Resources/TicketsToProcessor/Properties/ScalingConfig/MaximumConcurrency"
        ) >= 2
    );
    let policy = &template["Resources"]["Queue"]["Properties"]["RedrivePolicy"];
    assert_eq!(policy["deadLetterTargetArn"]["Fn::GetAtt"][0], "DeadLetterQueue");
}

/// Each schedule asks for a task that the reconciler knows.
#[test]
fn every_schedule_names_a_task() {
    let template = template();
    let mut tasks = BTreeSet::new();
    for (name, schedule) in of_type(&template, "AWS::Scheduler::Schedule") {
        let input = schedule["Properties"]["Target"]["Input"].as_str().expect("an input");
        let input: Value =
            serde_json::from_str(input).unwrap_or_else(|_| panic!("{name}: {input}"));
        tasks.insert(input["task"].as_str().expect("a task").to_owned());
    }
    assert_eq!(tasks.into_iter().collect::<Vec<_>>(), ["poll", "renew", "sweep"]);
}

fn of_type<'t>(template: &'t Value, kind: &str) -> Vec<(&'t String, &'t Value)> {
    let resources = template["Resources"].as_object().expect("resources").iter();
    resources.filter(|(_, resource)| resource["Type"] == kind).collect()
}
