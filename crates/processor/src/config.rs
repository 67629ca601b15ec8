//! What the processor is told from outside: the environment, and `holdfast.toml`.

use holdfast_aws::env::{Environment, Problems};
use holdfast_aws::stack::Resources;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::configuration::inequalities::{LONGEST_SEND, Platform, Program, violations};
use holdfast_domain::lifecycle::claim::LEASE_MARGIN;
use holdfast_domain::time::Span;
use holdfast_pipeline::handlers::Handlers;
use holdfast_pipeline::process::{MARGIN, QueueTerms};
use holdfast_providers::Definitions;

/// The processor's settings.
#[derive(Debug)]
pub struct Config {
    /// `HOLDFAST_TABLE`, `HOLDFAST_BODIES_TABLE`, `HOLDFAST_BODIES_BUCKET`, `HOLDFAST_QUEUE_URL`,
    /// `HOLDFAST_SECRET_ID`.
    pub resources: Resources,
    /// `HOLDFAST_CONFIG`: where the configuration is; `holdfast.toml` by default.
    pub configuration: Configuration,
    /// `HOLDFAST_FUNCTION_TIMEOUT_SECS`, `HOLDFAST_VISIBILITY_SECS`,
    /// `HOLDFAST_BATCHING_WINDOW_SECS`, `HOLDFAST_MAX_RECEIVE_COUNT`: what the template sets on
    /// function, queue and mapping.
    pub platform: Platform,
    /// `HOLDFAST_LOG`: what is logged; `info` by default.
    pub log: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`: the dimension of the metrics.
    pub function: String,
}

impl Config {
    /// Reads the environment and the configuration, and checks the relations between time-outs on
    /// which the protocol rests.
    ///
    /// # Errors
    /// Everything that is missing or wrong, at once.
    pub fn read(mut env: Environment, handlers: &Handlers) -> Result<Self, Problems> {
        let resources = env.resources();
        let log = env.log_filter();
        let function = env.function_name("processor");
        let platform = Platform {
            function_timeout: env.seconds("HOLDFAST_FUNCTION_TIMEOUT_SECS"),
            visibility: env.seconds("HOLDFAST_VISIBILITY_SECS"),
            batching_window: env.seconds("HOLDFAST_BATCHING_WINDOW_SECS"),
            max_receive_count: env.number("HOLDFAST_MAX_RECEIVE_COUNT"),
            stored: None,
        };
        let text = env.configuration_text();
        let configuration = Configuration::read(&text, &Definitions)
            .map_err(|problems| env.problem(format!("holdfast.toml: {problems}")))
            .ok();
        if let Some(configuration) = &configuration {
            let program = program(configuration, handlers);
            violations(&platform, &program, configuration)
                .iter()
                .for_each(|violation| env.problem(violation));
        }
        let config = configuration
            .map(|configuration| Self { resources, configuration, platform, log, function });
        env.finish(config)
    }

    /// The queue's settings, for the claims.
    pub fn queue(&self) -> QueueTerms {
        QueueTerms {
            visibility: self.platform.visibility,
            max_receives: self.platform.max_receive_count,
        }
    }
}

/// What this program needs of the platform: the longest run of any destination or handler, and
/// settling it.
pub fn program(configuration: &Configuration, handlers: &Handlers) -> Program {
    let destinations = configuration.destinations().map(|destination| destination.timeout());
    let longest = destinations.chain(handlers.longest_timeout()).max().unwrap_or(Span::ZERO);
    Program {
        handler_budget: longest.plus(MARGIN),
        lease_margin: LEASE_MARGIN,
        send_timeout: LONGEST_SEND,
    }
}
