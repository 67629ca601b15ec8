//! How long a send may take, and that it is made once.
//!
//! A client for tickets is impatient and sends once more when no answer came: a ticket may be
//! doubled, and the sweep sends what is missing. An event that is sent once more is a copy in
//! somebody's queue. So a send here is one request that may take as long as the destination: what
//! comes after a failure is an attempt of its own, which the retry policy makes and the record counts.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use holdfast_domain::configuration::Destination;
use std::time::Duration;

/// The same client (connections, credentials, endpoint) with the limits of a delivery.
pub(crate) fn for_deliveries(client: &Client) -> Client {
    let limit = Duration::from(Destination::SQS_TIMEOUT);
    let limits = TimeoutConfig::builder().operation_attempt_timeout(limit).operation_timeout(limit);
    let config = client.config().to_builder();
    let config = config.timeout_config(limits.build()).retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}
