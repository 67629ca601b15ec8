use super::*;
use clap::Parser;

/// The options as they are typed.
fn typed(line: &str) -> Arguments {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        stack: Arguments,
    }
    Line::parse_from(std::iter::once("holdfast").chain(line.split_whitespace())).stack
}

/// An environment where these variables name something of the stack `env`.
fn environment(set: &'static [&'static str]) -> Environment {
    Environment::new(|name| set.contains(&name).then(|| format!("{name} of env")))
}

const ALL: [&str; 4] =
    ["HOLDFAST_TABLE", "HOLDFAST_BODIES_TABLE", "HOLDFAST_BODIES_BUCKET", "HOLDFAST_QUEUE_URL"];

fn of(stack: &str) -> Source {
    Source::Stack(stack.to_owned())
}

/// The resources that a command works on, with outputs that name their stack.
fn resolved(line: &str, set: &'static [&'static str]) -> Result<Resources> {
    let arguments = typed(line);
    let source = source(&arguments, &environment(set))?;
    let names = match &source {
        Source::Known(names) => names.clone(),
        Source::Stack(stack) => NAMES
            .map(|(output, _)| (output.to_owned(), format!("{output} of {stack}")))
            .into_iter()
            .collect(),
    };
    complete(&arguments, &source, &names)
}

#[test]
fn a_stack_that_is_said_outranks_the_environment() {
    for set in [&ALL[..], &ALL[..1], &["HOLDFAST_QUEUE_URL", "HOLDFAST_STACK"], &[]] {
        let resources = resolved("--stack prod", set).unwrap();
        assert_eq!(resources.table, "TableName of prod");
        assert_eq!(resources.bodies_table, "BodiesTableName of prod");
        assert_eq!(resources.bodies_bucket, "BodiesBucketName of prod");
        assert_eq!(resources.queue_url, "QueueUrl of prod");
    }
}

#[test]
fn a_whole_environment_needs_no_stack() {
    let resources = resolved("", &ALL).unwrap();
    assert_eq!(resources.table, "HOLDFAST_TABLE of env");
    assert_eq!(resources.queue_url, "HOLDFAST_QUEUE_URL of env");
}

#[test]
fn half_an_environment_is_refused() {
    let error = resolved("", &ALL[..2]).unwrap_err().to_string();
    assert_eq!(
        error,
        "HOLDFAST_TABLE, HOLDFAST_BODIES_TABLE stands in the environment, but not \
         HOLDFAST_BODIES_BUCKET, HOLDFAST_QUEUE_URL: set all of them, or none, or say --stack"
    );
    assert!(resolved("", &["HOLDFAST_TABLE", "HOLDFAST_STACK"]).is_err());
}

#[test]
fn without_either_the_stack_has_its_usual_name() {
    let none = typed("");
    assert_eq!(source(&none, &environment(&[])).unwrap(), of("holdfast"));
    let named = environment(&["HOLDFAST_STACK"]);
    assert_eq!(source(&none, &named).unwrap(), of("HOLDFAST_STACK of env"));
    assert_eq!(source(&typed("--stack prod"), &named).unwrap(), of("prod"));
    let empty = Environment::new(|_| Some(String::new()));
    assert_eq!(source(&none, &empty).unwrap(), of("holdfast"));
}

#[test]
fn an_option_outranks_either_for_its_one_name() {
    let restored = resolved("--stack prod --table restored", &ALL).unwrap();
    assert_eq!(
        (restored.table.as_str(), restored.queue_url.as_str()),
        ("restored", "QueueUrl of prod")
    );
    let restored = resolved("--table restored", &ALL).unwrap();
    assert_eq!(restored.table, "restored");
    assert_eq!(restored.queue_url, "HOLDFAST_QUEUE_URL of env");
    let completed = resolved("--queue-url q", &ALL[..3]).unwrap();
    assert_eq!(
        (completed.table.as_str(), completed.queue_url.as_str()),
        ("HOLDFAST_TABLE of env", "q")
    );
    let all = "--table t --bodies-table b --bodies-bucket c --queue-url q";
    assert_eq!(source(&typed(all), &environment(&[])).unwrap(), Source::Known(HashMap::new()));
    assert_eq!(resolved(all, &ALL).unwrap().bodies_bucket, "c");
}

#[test]
fn a_stack_of_something_else_is_told() {
    let error = complete(&typed(""), &of("other"), &HashMap::new()).unwrap_err();
    assert_eq!(error.to_string(), "the stack other has no output TableName; is it Holdfast's?");
}
