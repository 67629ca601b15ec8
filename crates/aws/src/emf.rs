//! Facts as log lines with their metric points inside (CloudWatch embedded metric format): one
//! JSON object a line, from which CloudWatch makes the metrics by itself.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
//!
//! Each point is counted per function, and per function and source where the fact has a source:
//! alarms look at the first, people at the second.

use crate::clock::SystemClock;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::facts::{Fact, Facts, Level};
use holdfast_pipeline::ports::Clock;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Holdfast";

/// The function's facts on their way to CloudWatch.
pub struct Emf<W = std::io::Stdout> {
    function: String,
    out: Mutex<W>,
}

impl Emf {
    /// Writes to standard output, in the name of this function.
    pub fn stdout(function: impl Into<String>) -> Self {
        Self::new(function, std::io::stdout())
    }
}

impl<W: Write + Send> Emf<W> {
    /// Writes lines in the name of this function.
    pub fn new(function: impl Into<String>, out: W) -> Self {
        Self { function: function.into(), out: Mutex::new(out) }
    }
}

impl<W: Write + Send> Facts for Emf<W> {
    fn record(&self, fact: Fact) {
        let line = format!("{}\n", line(&fact, &self.function, SystemClock.now()));
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody is left to tell when the log itself cannot be written.
        let _lost = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}

fn line(fact: &Fact, function: &str, now: Timestamp) -> Value {
    let mut line = Map::new();
    line.insert("timestamp".to_owned(), json!(now.to_string()));
    line.insert("level".to_owned(), json!(level(fact.level())));
    line.insert("message".to_owned(), json!(fact.message()));
    line.insert("FunctionName".to_owned(), json!(function));
    if let Some(source) = fact.source() {
        line.insert("Source".to_owned(), json!(source));
    }
    if let Some(key) = fact.key() {
        line.insert("key".to_owned(), json!(key.as_str()));
    }
    for (name, value) in fact.fields() {
        line.insert(name.to_owned(), json!(value));
    }
    add_points(&mut line, fact, now);
    Value::Object(line)
}

fn add_points(line: &mut Map<String, Value>, fact: &Fact, now: Timestamp) {
    let points = fact.points();
    if points.is_empty() {
        return;
    }
    let mut dimensions = vec![json!(["FunctionName"])];
    if fact.source().is_some() {
        dimensions.push(json!(["FunctionName", "Source"]));
    }
    let metrics: Vec<Value> =
        points.iter().map(|point| json!({ "Name": point.name, "Unit": point.unit })).collect();
    for point in points {
        line.insert(point.name.to_owned(), json!(point.value));
    }
    let directive = json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics });
    let metadata = json!({ "Timestamp": now.millis(), "CloudWatchMetrics": [directive] });
    line.insert("_aws".to_owned(), metadata);
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Info => "INFO",
        Level::Warning => "WARN",
        Level::Error => "ERROR",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::record::{Origin, RecordKey};

    fn key() -> RecordKey {
        RecordKey::parse("E#stripe#evt_1").expect("a key")
    }

    #[test]
    fn a_fact_is_one_line_with_its_metrics() {
        let fact =
            Fact::Accepted { key: key(), kind: "invoice.paid".to_owned(), origin: Origin::Webhook };
        let expected = json!({
            "timestamp": "1970-01-01T00:00:01.000Z",
            "level": "INFO",
            "message": "event accepted",
            "FunctionName": "receiver",
            "Source": "stripe",
            "key": "E#stripe#evt_1",
            "kind": "invoice.paid",
            "origin": "webhook",
            "EventsAccepted": 1.0,
            "_aws": {
                "Timestamp": 1000,
                "CloudWatchMetrics": [{
                    "Namespace": "Holdfast",
                    "Dimensions": [["FunctionName"], ["FunctionName", "Source"]],
                    "Metrics": [{ "Name": "EventsAccepted", "Unit": "Count" }],
                }],
            },
        });
        assert_eq!(line(&fact, "receiver", Timestamp::from_millis(1000)), expected);
    }

    #[test]
    fn a_fact_without_points_makes_no_metric() {
        let fact = Fact::Missed { key: key(), kind: "a\nb".to_owned() };
        let line = line(&fact, "reconciler", Timestamp::EPOCH);
        assert_eq!(line.get("_aws"), None);
        assert_eq!(line.get("level"), Some(&json!("WARN")));
    }

    #[test]
    fn each_fact_ends_its_line() {
        let mut out = Vec::new();
        {
            let emf = Emf::new("receiver", &mut out);
            emf.record(Fact::Redriven { key: key() });
            emf.record(Fact::Missed { key: key(), kind: "a\nb".to_owned() });
        }
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
    }
}
