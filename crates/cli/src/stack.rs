//! Which deployed stack a verb works on: whose table, whose bodies, whose queue.
//!
//! | said | then |
//! |---|---|
//! | `--stack` | the stack's outputs; no variable is looked at |
//! | else all four variables | these |
//! | else some of them | nothing is done: the rest would be another stack's |
//! | else | the outputs of `HOLDFAST_STACK`, or of `holdfast` |
//!
//! An option like `--table` outranks all of it, for that one name.
//!
//! The SDK finds region, credentials and endpoints (`AWS_ENDPOINT_URL`) by itself.

use anyhow::{Context, Result, anyhow, bail};
use aws_config::BehaviorVersion;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::env::Environment;
use holdfast_aws::stack::{Resources, Stack};
use holdfast_pipeline::facts::KeptFacts;
use std::collections::HashMap;
use std::sync::Arc;

/// The stack's outputs, and the variables that may stand for all of them.
const NAMES: [(&str, &str); 4] = [
    ("TableName", "HOLDFAST_TABLE"),
    ("BodiesTableName", "HOLDFAST_BODIES_TABLE"),
    ("BodiesBucketName", "HOLDFAST_BODIES_BUCKET"),
    ("QueueUrl", "HOLDFAST_QUEUE_URL"),
];

/// Where the events are: a stack's outputs, or what stands in the environment in their stead.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Stack")]
#[group(skip)]
pub struct Arguments {
    /// The CloudFormation stack. Outranks the environment: all four below are then this stack's. Without
    /// it, they are taken from the environment if all four are set, and from none of it if none is;
    /// then the stack is HOLDFAST_STACK, or holdfast.
    #[arg(long, global = true, value_name = "NAME")]
    pub stack: Option<String>,
    /// The events table, instead of TableName of the stack or HOLDFAST_TABLE.
    #[arg(long, global = true, value_name = "NAME")]
    pub table: Option<String>,
    /// The bodies table, instead of BodiesTableName or HOLDFAST_BODIES_TABLE.
    #[arg(long, global = true, value_name = "NAME")]
    pub bodies_table: Option<String>,
    /// The bodies bucket, instead of BodiesBucketName or HOLDFAST_BODIES_BUCKET.
    #[arg(long, global = true, value_name = "NAME")]
    pub bodies_bucket: Option<String>,
    /// The queue, instead of QueueUrl or HOLDFAST_QUEUE_URL.
    #[arg(long, global = true, value_name = "URL")]
    pub queue_url: Option<String>,
}

impl Arguments {
    /// What an option says in an output's stead.
    fn given(&self, output: &str) -> Option<&String> {
        match output {
            "TableName" => self.table.as_ref(),
            "BodiesTableName" => self.bodies_table.as_ref(),
            "BodiesBucketName" => self.bodies_bucket.as_ref(),
            _ => self.queue_url.as_ref(),
        }
    }
}

/// Where the names come from that no option says.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// They are known, by output.
    Known(HashMap<String, String>),
    /// The stack of this name has to be asked.
    Stack(String),
}

/// Opens the stack.
///
/// # Errors
/// When the environment names some of the resources only. When CloudFormation does not answer, or
/// does not know the stack or one of its outputs.
pub async fn open(arguments: &Arguments) -> Result<Stack> {
    let source = source(arguments, &Environment::of_process())?;
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let names = match &source {
        Source::Known(names) => names.clone(),
        Source::Stack(stack) => outputs(&config, stack).await?,
    };
    let resources = complete(arguments, &source, &names)?;
    let clients = Clients::new(&config, Pace::Working);
    Ok(Stack::new(&clients, &resources, Arc::new(KeptFacts::default())))
}

/// One source for all of the names: the table of one stack and the queue of another would change an
/// event here and send its ticket there.
fn source(arguments: &Arguments, environment: &Environment) -> Result<Source> {
    if NAMES.iter().all(|(output, _)| arguments.given(output).is_some()) {
        return Ok(Source::Known(HashMap::new()));
    }
    if let Some(stack) = &arguments.stack {
        return Ok(Source::Stack(stack.clone()));
    }
    let (mut known, mut set, mut missing) = (HashMap::new(), Vec::new(), Vec::new());
    for (output, variable) in NAMES {
        match environment.optional(variable) {
            Some(value) => {
                set.push(variable);
                known.insert(output.to_owned(), value);
            }
            None if arguments.given(output).is_none() => missing.push(variable),
            None => {}
        }
    }
    match (set.is_empty(), missing.is_empty()) {
        (true, _) => {
            let stack = environment.optional("HOLDFAST_STACK");
            Ok(Source::Stack(stack.unwrap_or_else(|| "holdfast".to_owned())))
        }
        (false, true) => Ok(Source::Known(known)),
        (false, false) => bail!(
            "{} stands in the environment, but not {}: set all of them, or none, or say --stack",
            set.join(", "),
            missing.join(", ")
        ),
    }
}

/// The outputs of a stack of `template.yaml`.
async fn outputs(config: &aws_config::SdkConfig, stack: &str) -> Result<HashMap<String, String>> {
    let client = aws_sdk_cloudformation::Client::new(config);
    let described = client.describe_stacks().stack_name(stack).send().await;
    let described = described
        .map_err(|error| anyhow!("{}", cause(&error)))
        .with_context(|| format!("could not look up the stack {stack}"))?;
    let stacks = described.stacks.unwrap_or_default();
    let outputs = stacks.into_iter().flat_map(|stack| stack.outputs.unwrap_or_default());
    Ok(outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect())
}

/// The service's own words where it answered, else what kept it from answering.
fn cause<E>(error: &SdkError<E>) -> String
where
    SdkError<E>: ProvideErrorMetadata + std::error::Error,
{
    match error.message() {
        Some(said) => said.to_owned(),
        None => DisplayErrorContext(error).to_string(),
    }
}

/// What the options say, and for the rest what the source says.
fn complete(
    arguments: &Arguments,
    source: &Source,
    names: &HashMap<String, String>,
) -> Result<Resources> {
    let find = |output: &str| {
        let name = arguments.given(output).or_else(|| names.get(output));
        name.cloned().with_context(|| match source {
            Source::Stack(stack) => {
                format!("the stack {stack} has no output {output}; is it Holdfast's?")
            }
            Source::Known(_) => format!("{output} is not known"),
        })
    };
    Ok(Resources {
        table: find("TableName")?,
        bodies_table: find("BodiesTableName")?,
        bodies_bucket: find("BodiesBucketName")?,
        queue_url: find("QueueUrl")?,
        // No verb here signs or verifies.
        secret_id: String::new(),
    })
}

#[cfg(test)]
mod tests;
