//! template.yaml against the program: the relations between time-outs, windows and retentions hold
//! for what is deployed by default.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use holdfast_domain::configuration::Configuration;
use holdfast_domain::configuration::inequalities::{Platform, Stored, violations};
use holdfast_domain::time::Span;
use holdfast_pipeline::handlers::Handlers;
use holdfast_processor::config::program;
use holdfast_providers::Definitions;

const TEMPLATE: &str = include_str!("../../template.yaml");
const CONFIGURATION: &str = include_str!("../../holdfast.toml");

#[test]
fn the_template_obeys_the_inequalities() {
    let configuration = Configuration::read(CONFIGURATION, &Definitions).expect("sound");
    let program = program(&configuration, &Handlers::default());
    let found = violations(&platform(TEMPLATE), &program, &configuration);
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_template_that_breaks_them_is_found_out() {
    let broken = TEMPLATE
        .replace("Default: 360", "Default: 359")
        .replace("ExpirationInDays: 60", "ExpirationInDays: 59");
    let configuration = Configuration::read(CONFIGURATION, &Definitions).expect("sound");
    let program = program(&configuration, &Handlers::default());
    assert_eq!(violations(&platform(&broken), &program, &configuration).len(), 2);
}

/// What a function is told of its own time-out is its time-out.
#[test]
fn functions_know_their_time_outs() {
    for function in ["ReceiverFunction", "ProcessorFunction", "ReconcilerFunction"] {
        let block = block(TEMPLATE, function);
        let told = value(block, "HOLDFAST_FUNCTION_TIMEOUT_SECS").trim_matches('"');
        assert_eq!(value(block, "Timeout"), told, "{function}");
    }
}

fn platform(template: &str) -> Platform {
    let parameter = |name: &str| number(block(template, name), "Default");
    let retained =
        |queue| Span::from_secs(number(block(template, queue), "MessageRetentionPeriod"));
    Platform {
        function_timeout: Span::from_secs(parameter("ProcessorTimeoutSecs")),
        visibility: Span::from_secs(parameter("VisibilitySecs")),
        batching_window: Span::from_secs(parameter("BatchingWindowSecs")),
        max_receive_count: u32::try_from(parameter("MaxReceiveCount")).expect("a small number"),
        stored: Some(Stored {
            queue: retained("Queue"),
            dead_letter_queue: retained("DeadLetterQueue"),
            bodies_bucket: Span::from_days(number(
                block(template, "BodiesBucket"),
                "ExpirationInDays",
            )),
        }),
    }
}

/// The lines below the heading of a parameter or a resource, which stand two blanks in.
fn block<'t>(template: &'t str, name: &str) -> &'t str {
    let heading = format!("\n  {name}:\n");
    let (_, rest) = template.split_once(&heading).unwrap_or_else(|| panic!("no {name}"));
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if !line.trim().is_empty() && !line.starts_with("   ") {
            break;
        }
        end += line.len();
    }
    &rest[..end]
}

fn value<'t>(block: &'t str, key: &str) -> &'t str {
    let prefix = format!("{key}: ");
    let line = block.lines().map(str::trim).find_map(|line| line.strip_prefix(&prefix));
    let value = line.unwrap_or_else(|| panic!("no {key} in\n{block}"));
    value.split(" #").next().unwrap_or(value).trim()
}

fn number(block: &str, key: &str) -> u64 {
    value(block, key).parse().unwrap_or_else(|_| panic!("{key} is no number in\n{block}"))
}
