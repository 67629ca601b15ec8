//! Alarms are about metrics that somebody writes.

use super::facts::facts;
use super::reading::{FUNCTIONS, of_type, template};
use holdfast_aws::emf::{Emf, NAMESPACE};
use holdfast_pipeline::facts::Facts;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[test]
fn every_alarm_on_our_own_metrics_is_about_one_that_is_written() {
    let template = template();
    let written = written_metrics();
    let mut ours = 0;
    for (name, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        let (namespace, metric, dimensions) = watched(&alarm["Properties"]);
        let dimensions = dimensions.join(",");
        match namespace.as_str() {
            NAMESPACE => {
                ours += 1;
                let one = (metric, dimensions);
                assert!(written.contains(&one), "{name}: nothing writes {one:?}: {written:?}");
            }
            "AWS/SQS" => assert_eq!(dimensions, "QueueName", "{name}"),
            "AWS/Lambda" => assert_eq!(dimensions, "FunctionName", "{name}"),
            "AWS/ApiGateway" => assert_eq!(dimensions, "ApiId", "{name}"),
            other => panic!("{name}: an unknown namespace {other}"),
        }
    }
    assert!(ours >= 2, "dead events and the sweep's heartbeat");
}

/// A function that crashes, runs out of time or does not start writes no fact of its own.
#[test]
fn every_function_has_an_alarm_on_its_errors() {
    let template = template();
    let functions = of_type(&template, "AWS::Serverless::Function");
    assert_eq!(functions.len(), FUNCTIONS.len());
    for (function, _) in functions {
        assert!(alarm_on_errors(&template, function).is_some(), "{function}");
    }
}

/// The alarm on what Lambda counts as an error of a function.
pub(super) fn alarm_on_errors<'t>(template: &'t Value, function: &str) -> Option<&'t Value> {
    let alarms = of_type(template, "AWS::CloudWatch::Alarm").into_iter();
    let mut properties = alarms.map(|(_, alarm)| &alarm["Properties"]);
    properties.find(|alarm| {
        alarm["Namespace"] == "AWS/Lambda"
            && alarm["MetricName"] == "Errors"
            && alarm["Dimensions"][0]["Value"]["Ref"] == function
    })
}

/// Namespace, metric and dimensions of an alarm, whether it names a metric or queries one.
pub(super) fn watched(alarm: &Value) -> (String, String, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let Some(dimensions) = alarm["Dimensions"].as_array() else { return queried(alarm) };
    let dimensions = dimensions.iter().map(|dimension| text(&dimension["Name"])).collect();
    (text(&alarm["Namespace"]), text(&alarm["MetricName"]), dimensions)
}

/// `SELECT SUM("Metric") FROM SCHEMA("Namespace", "Dimension", …) WHERE …`
fn queried(alarm: &Value) -> (String, String, Vec<String>) {
    let query = alarm["Metrics"][0]["Expression"]["Fn::Sub"].as_str().expect("a query");
    let (schema, _) = query.split_once("WHERE").expect("one function's own");
    let mut quoted = schema.split('"').skip(1).step_by(2).map(str::to_owned);
    let (metric, namespace) = (quoted.next().expect("a metric"), quoted.next());
    (namespace.expect("a namespace"), metric, quoted.collect())
}

/// All facts as a function logs them: metric and dimensions.
fn written_metrics() -> BTreeSet<(String, String)> {
    let log = Log::default();
    let emf = Emf::new("function", log.clone());
    facts().into_iter().for_each(|fact| emf.record(fact));
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
