//! Alarms are about metrics that somebody writes.

use super::reading::{of_type, template};
use holdfast_aws::emf::{Emf, NAMESPACE};
use holdfast_domain::record::RecordKey;
use holdfast_domain::time::Span;
use holdfast_pipeline::facts::{Fact, Facts};
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
        let Watched { namespace, metric, dimensions } = watched(&alarm["Properties"]);
        match namespace.as_str() {
            NAMESPACE => {
                ours += 1;
                let one = (metric, dimensions.join(","));
                assert!(written.contains(&one), "{name}: nothing writes {one:?}: {written:?}");
            }
            "AWS/SQS" => assert_eq!(dimensions, ["QueueName"], "{name}"),
            "AWS/Lambda" => assert_eq!(dimensions, ["FunctionName"], "{name}"),
            "AWS/ApiGateway" => assert_eq!(dimensions, ["ApiId"], "{name}"),
            other => panic!("{name}: an unknown namespace {other}"),
        }
    }
    assert!(ours >= 7, "{ours} alarms on metrics of our own");
}

/// What an alarm watches.
struct Watched {
    namespace: String,
    metric: String,
    dimensions: Vec<String>,
}

fn watched(properties: &Value) -> Watched {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    match &properties["Metrics"][0]["Expression"]["Fn::Sub"] {
        Value::String(query) => queried(query),
        _ => Watched {
            namespace: text(&properties["Namespace"]),
            metric: text(&properties["MetricName"]),
            dimensions: properties["Dimensions"]
                .as_array()
                .expect("dimensions")
                .iter()
                .map(|dimension| text(&dimension["Name"]))
                .collect(),
        },
    }
}

/// `SELECT SUM("metric") FROM SCHEMA("namespace", "dimension", …) …`
fn queried(query: &str) -> Watched {
    let inside = |opening: &str| {
        let (_, rest) = query.split_once(opening).expect("a clause");
        let (names, _) = rest.split_once(')').expect("its end");
        names.split(", ").map(|name| name.trim_matches('"').to_owned()).collect::<Vec<_>>()
    };
    let mut schema = inside("FROM SCHEMA(").into_iter();
    let namespace = schema.next().expect("a namespace");
    Watched { namespace, metric: inside("SELECT SUM(").concat(), dimensions: schema.collect() }
}

/// The facts that alarms are about, as a function logs them: metric and dimensions.
fn written_metrics() -> BTreeSet<(String, String)> {
    let key = RecordKey::parse("E#stripe#evt_1").expect("a key");
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
        Fact::KeyCollision { key: key.clone(), beside: key },
        Fact::Renewed { looked_at: 0, renewed: 0, gone: 0, failed: 0, complete: true },
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
