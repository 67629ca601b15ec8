//! What the reconciler is told from outside: the environment, and `holdfast.toml`.

use holdfast_aws::env::{Environment, Problems};
use holdfast_aws::stack::Resources;
use holdfast_domain::configuration::Configuration;
use holdfast_providers::Definitions;

/// The reconciler's settings.
#[derive(Debug)]
pub struct Config {
    /// `HOLDFAST_TABLE`, `HOLDFAST_BODIES_TABLE`, `HOLDFAST_BODIES_BUCKET`, `HOLDFAST_QUEUE_URL`,
    /// `HOLDFAST_SECRET_ID`.
    pub resources: Resources,
    /// `HOLDFAST_CONFIG`: where the configuration is; `holdfast.toml` by default.
    pub configuration: Configuration,
    /// `HOLDFAST_LOG`: what is logged; `info` by default.
    pub log: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`: the dimension of the metrics.
    pub function: String,
}

impl Config {
    /// Reads the environment and the configuration.
    ///
    /// # Errors
    /// Everything that is missing or wrong, at once.
    pub fn read(mut env: Environment) -> Result<Self, Problems> {
        let resources = env.resources();
        let log = env.log_filter();
        let function = env.function_name("reconciler");
        let text = env.configuration_text();
        let configuration = Configuration::read(&text, &Definitions)
            .map_err(|problems| env.problem(format!("holdfast.toml: {problems}")))
            .ok();
        let config =
            configuration.map(|configuration| Self { resources, configuration, log, function });
        env.finish(config)
    }
}
