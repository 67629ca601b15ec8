//! Which deployed stack a verb works on: by its name, by the names of its resources, or both.
//!
//! The SDK finds region, credentials and endpoints (`AWS_ENDPOINT_URL`) by itself.

use anyhow::{Context, Result, anyhow};
use aws_config::BehaviorVersion;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use holdfast_aws::clients::{Clients, Pace};
use holdfast_aws::stack::{Resources, Stack};
use holdfast_pipeline::facts::KeptFacts;
use std::collections::HashMap;
use std::sync::Arc;

/// Where the events are. What is not given is asked of CloudFormation.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Stack")]
#[group(skip)]
pub struct Arguments {
    /// The CloudFormation stack.
    #[arg(
        long,
        global = true,
        env = "HOLDFAST_STACK",
        default_value = "holdfast",
        value_name = "NAME"
    )]
    pub stack: String,
    /// The events table, instead of the stack's output TableName.
    #[arg(long, global = true, env = "HOLDFAST_TABLE", value_name = "NAME")]
    pub table: Option<String>,
    /// The bodies table, instead of BodiesTableName.
    #[arg(long, global = true, env = "HOLDFAST_BODIES_TABLE", value_name = "NAME")]
    pub bodies_table: Option<String>,
    /// The bodies bucket, instead of BodiesBucketName.
    #[arg(long, global = true, env = "HOLDFAST_BODIES_BUCKET", value_name = "NAME")]
    pub bodies_bucket: Option<String>,
    /// The queue, instead of QueueUrl.
    #[arg(long, global = true, env = "HOLDFAST_QUEUE_URL", value_name = "URL")]
    pub queue_url: Option<String>,
}

/// Opens the stack.
///
/// # Errors
/// When CloudFormation does not answer, or does not know the stack or one of its outputs.
pub async fn open(arguments: &Arguments) -> Result<Stack> {
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let outputs = match complete(arguments, &HashMap::new()) {
        Ok(_) => HashMap::new(),
        Err(_) => outputs(&config, &arguments.stack).await?,
    };
    let resources = complete(arguments, &outputs)?;
    let clients = Clients::new(&config, Pace::Working);
    Ok(Stack::new(&clients, &resources, Arc::new(KeptFacts::default())))
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

/// What is given, and for the rest the stack's outputs.
fn complete(arguments: &Arguments, outputs: &HashMap<String, String>) -> Result<Resources> {
    let find = |given: &Option<String>, output: &str| {
        given.clone().or_else(|| outputs.get(output).cloned()).with_context(|| {
            format!("the stack {} has no output {output}; is it Holdfast's?", arguments.stack)
        })
    };
    Ok(Resources {
        table: find(&arguments.table, "TableName")?,
        bodies_table: find(&arguments.bodies_table, "BodiesTableName")?,
        bodies_bucket: find(&arguments.bodies_bucket, "BodiesBucketName")?,
        queue_url: find(&arguments.queue_url, "QueueUrl")?,
        // No verb here signs or verifies.
        secret_id: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_wins_over_the_outputs() {
        let outputs: HashMap<String, String> =
            ["TableName", "BodiesTableName", "BodiesBucketName", "QueueUrl"]
                .map(|name| (name.to_owned(), format!("{name} of the stack")))
                .into();
        let given = Arguments { table: Some("mine".to_owned()), ..Arguments::default() };
        let resources = complete(&given, &outputs).unwrap();
        assert_eq!(resources.table, "mine");
        assert_eq!(resources.queue_url, "QueueUrl of the stack");
        let error = complete(&Arguments::default(), &HashMap::new()).expect_err("nothing is known");
        assert!(error.to_string().contains("has no output TableName"), "{error}");
    }
}
