//! What leads tickets to the processor, and schedules to the reconciler.

use super::reading::{number, of_type, template};
use serde_json::Value;
use std::collections::BTreeSet;

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

/// A statement of a queue's policy is about that queue: SQS has been seen to refuse one that names two.
#[test]
fn every_queue_has_a_policy_of_its_own() {
    let template = template();
    let mut covered = BTreeSet::new();
    for (name, policy) in of_type(&template, "AWS::SQS::QueuePolicy") {
        let properties = &policy["Properties"];
        assert_eq!(properties["Queues"].as_array().map(Vec::len), Some(1), "{name}");
        let queue = properties["Queues"][0]["Ref"].as_str().expect("a queue");
        for statement in properties["PolicyDocument"]["Statement"].as_array().expect("statements") {
            assert_eq!(statement["Resource"]["Fn::GetAtt"][0], queue, "{name}");
        }
        covered.insert(queue.to_owned());
    }
    let queues = of_type(&template, "AWS::SQS::Queue").into_iter();
    assert_eq!(covered, queues.map(|(name, _)| name.to_owned()).collect());
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
