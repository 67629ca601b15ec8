//! The relations between time-outs, windows and retentions hold for what is deployed by default.

use super::reading::{FUNCTIONS, number, secs, template};
use holdfast_domain::configuration::Configuration;
use holdfast_domain::configuration::inequalities::{Platform, Stored, violations};
use holdfast_domain::time::Span;
use holdfast_pipeline::handlers::Handlers;
use holdfast_processor::config::program;
use holdfast_providers::Definitions;
use serde_json::Value;

const OURS: &str = include_str!("../../../holdfast.toml");

#[test]
fn the_defaults_and_our_configuration_break_no_inequality() {
    let template = template();
    let configuration = Configuration::read(OURS, &Definitions).expect("no problems");
    let program = program(&configuration, &Handlers::default());
    let found = violations(&platform(&template), &program, &configuration);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_template_that_breaks_some_is_found_out() {
    let mut template = template();
    template["Parameters"]["VisibilitySecs"]["Default"] = 359.into();
    template["Resources"]["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] = 60.into();
    let configuration = Configuration::read(OURS, &Definitions).expect("no problems");
    let program = program(&configuration, &Handlers::default());
    let found = violations(&platform(&template), &program, &configuration);
    assert_eq!(found.len(), 2, "{found:#?}");
}

fn platform(template: &Value) -> Platform {
    Platform {
        function_timeout: secs(template, "/Resources/ProcessorFunction/Properties/Timeout"),
        visibility: secs(template, "/Resources/Queue/Properties/VisibilityTimeout"),
        batching_window: secs(
            template,
            "/Resources/TicketsToProcessor/Properties/MaximumBatchingWindowInSeconds",
        ),
        max_receive_count: u32::try_from(number(
            template,
            "/Resources/Queue/Properties/RedrivePolicy/maxReceiveCount",
        ))
        .expect("a small number"),
        stored: Some(Stored {
            queue: secs(template, "/Resources/Queue/Properties/MessageRetentionPeriod"),
            dead_letter_queue: secs(
                template,
                "/Resources/DeadLetterQueue/Properties/MessageRetentionPeriod",
            ),
            bodies_bucket: Span::from_days(lifecycle_days(template)),
        }),
    }
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
