use super::*;
use crate::arguments::{Arguments as CommandLine, Verb};
use crate::samples::memory;
use clap::Parser;
use holdfast_pipeline::memory::Memory;

fn parsed(line: &str) -> Arguments {
    match CommandLine::try_parse_from(line.split(' ')).unwrap().verb {
        Verb::Switch(arguments) => arguments,
        other => panic!("{other:?}"),
    }
}

async fn ordered(memory: &Memory, line: &str) -> Report {
    run(memory, parsed(line).order.as_ref()).await.unwrap()
}

fn well(text: &str) -> Report {
    Report { text: text.to_owned(), ..Report::new() }
}

#[tokio::test]
async fn what_is_off_is_listed_as_it_is_typed() {
    let memory = memory();
    assert_eq!(ordered(&memory, "holdfast switch").await, well("Nothing is off.\n"));
    for what in ["source stripe", "kind stripe invoice.created", "destination billing"] {
        ordered(&memory, &format!("holdfast switch off {what}")).await;
    }
    assert_eq!(
        ordered(&memory, "holdfast switch").await,
        well("off  source stripe\noff  kind stripe invoice.created\noff  destination billing\n")
    );
    let on =
        "kind stripe invoice.created: turned on\n\noff  source stripe\noff  destination billing\n";
    assert_eq!(ordered(&memory, "holdfast switch on kind stripe invoice.created").await, well(on));
}

#[tokio::test]
async fn an_order_given_twice_is_no_trouble() {
    let memory = memory();
    let off = "holdfast switch off source stripe";
    let first = "source stripe: turned off; every function knows within 15 seconds";
    assert_eq!(ordered(&memory, off).await, well(&format!("{first}\n\noff  source stripe\n")));
    let second = "source stripe: was off already\n\noff  source stripe\n";
    assert_eq!(ordered(&memory, off).await, well(second));
    let on = "holdfast switch on source stripe";
    assert_eq!(ordered(&memory, on).await, well("source stripe: turned on\n\nNothing is off.\n"));
    let again = "source stripe: was not off\n\nNothing is off.\n";
    assert_eq!(ordered(&memory, on).await, well(again));
}

#[tokio::test]
async fn what_the_command_turns_off_is_off_for_the_processor() {
    let memory = memory();
    ordered(&memory, "holdfast switch off kind stripe invoice.created").await;
    ordered(&memory, "holdfast switch off destination billing").await;
    let (switches, _) = switches::load(&memory).await.unwrap();
    let is_on = |kind, to| switches.is_on(&"stripe".parse().unwrap(), &Kind::new(kind), to);
    assert!(!is_on("invoice.created", None));
    assert!(is_on("invoice.paid", None));
    assert!(!is_on("invoice.paid", Some("billing")));
}

#[test]
fn the_stack_may_be_named_before_or_after_the_order() {
    for line in [
        "holdfast switch --stack prod off source stripe",
        "holdfast switch off --stack prod source stripe",
        "holdfast switch off source stripe --stack prod",
    ] {
        assert_eq!(parsed(line).stack.stack.as_deref(), Some("prod"), "{line}");
    }
}
