//! The SDK's clients: their time-outs, their retries, and the connections opened while the
//! function starts.
//!
//! The SDK waits for an answer for ever unless it is told not to. While a provider waits for our
//! answer, body, record and ticket have to be through in 2.5 s, because the strictest providers
//! give up after 3 s:
//!
//! | pace | call | one attempt | in all | attempts |
//! |---|---|---|---|---|
//! | answering | put of a body | 450 ms (S3: 900 ms) | 900 ms | 2 |
//! | answering | put of a record | 450 ms | 900 ms | 2 |
//! | answering | send of a ticket | 350 ms | 700 ms | 2 |
//! | working | each | 2 s (S3: 5 s) | 5 s (S3: 15 s, with the body that is read) | 3 |
//! | working | send of a ticket | 1 s | 2 s | 2 |
//!
//! Deliveries to queues have limits of their own, with `holdfast-destinations`.

use crate::connector;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use std::time::Duration;

/// Who waits for the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A provider that gives up after a few seconds: the receiver.
    Answering,
    /// Nobody in particular: processor, reconciler, command line.
    Working,
}

/// The time allowed for one kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    attempt: Duration,
    operation: Duration,
    attempts: u32,
}

impl Limits {
    const fn new(attempt_ms: u64, operation_ms: u64, attempts: u32) -> Self {
        Self {
            attempt: Duration::from_millis(attempt_ms),
            operation: Duration::from_millis(operation_ms),
            attempts,
        }
    }

    fn timeouts(self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }

    fn retries(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(500))
    }
}

impl Pace {
    const fn of_tables(self) -> Limits {
        match self {
            Self::Answering => Limits::new(450, 900, 2),
            Self::Working => Limits::new(2000, 5000, 3),
        }
    }

    const fn of_bucket(self) -> Limits {
        match self {
            Self::Answering => Limits::new(900, 900, 2),
            Self::Working => Limits::new(5000, 15_000, 3),
        }
    }

    const fn of_queue(self) -> Limits {
        match self {
            Self::Answering => Limits::new(350, 700, 2),
            Self::Working => Limits::new(1000, 2000, 2),
        }
    }

    const fn of_secrets(self) -> Limits {
        Limits::new(2000, 5000, 3)
    }

    /// No connection is cut off before it, not even a delivery's.
    fn longest_attempt(self) -> Duration {
        let all = [self.of_tables(), self.of_bucket(), self.of_queue(), self.of_secrets()];
        all.into_iter().map(|limits| limits.attempt).max().unwrap_or_default()
    }
}

/// One client per service.
#[derive(Clone, Debug)]
pub struct Clients {
    /// For the events table and the bodies table.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// For large bodies.
    pub s3: aws_sdk_s3::Client,
    /// For tickets.
    pub sqs: aws_sdk_sqs::Client,
    /// For signing secrets.
    pub secrets_manager: aws_sdk_secretsmanager::Client,
}

impl Clients {
    /// Clients with region, credentials and endpoints as the SDK finds them in the environment.
    pub async fn from_env(pace: Pace) -> Self {
        let connector = connector::shared(pace.longest_attempt());
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(connector);
        Self::new(&config.load().await, pace)
    }

    /// Clients with settings of the caller's; time-outs and retries are those of the pace.
    pub fn new(config: &SdkConfig, pace: Pace) -> Self {
        let (tables, bucket) = (pace.of_tables(), pace.of_bucket());
        let (queue, secrets) = (pace.of_queue(), pace.of_secrets());
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(config)
            .timeout_config(tables.timeouts())
            .retry_config(tables.retries());
        // An endpoint of one's own has no host name for each bucket.
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .timeout_config(bucket.timeouts())
            .retry_config(bucket.retries())
            .force_path_style(config.endpoint_url().is_some());
        let sqs = aws_sdk_sqs::config::Builder::from(config)
            .timeout_config(queue.timeouts())
            .retry_config(queue.retries());
        let secrets_manager = aws_sdk_secretsmanager::config::Builder::from(config)
            .timeout_config(secrets.timeouts())
            .retry_config(secrets.retries());
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
            secrets_manager: aws_sdk_secretsmanager::Client::from_conf(secrets_manager.build()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::configuration::Destination;

    /// The strictest provider waits 3 s; half a second is for everything else.
    #[test]
    fn body_record_and_ticket_fit_into_what_a_provider_waits() {
        let pace = Pace::Answering;
        let body = pace.of_tables().operation.max(pace.of_bucket().operation);
        let all = body + pace.of_tables().operation + pace.of_queue().operation;
        assert!(all <= Duration::from_millis(2500), "{all:?}");
    }

    #[test]
    fn a_send_is_over_after_two_seconds() {
        for pace in [Pace::Answering, Pace::Working] {
            assert!(pace.of_queue().operation <= Duration::from_secs(2));
        }
    }

    /// A destination's time-out is kept by the destination; the connector must not be faster.
    #[test]
    fn a_delivery_to_a_queue_is_not_cut_off_by_the_connector() {
        assert!(Pace::Working.longest_attempt() >= Duration::from(Destination::SQS_TIMEOUT));
    }

    #[test]
    fn every_client_has_every_time_out() {
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::v2026_01_12()).build();
        let clients = Clients::new(&config, Pace::Answering);
        for timeouts in [
            clients.dynamodb.config().timeout_config(),
            clients.s3.config().timeout_config(),
            clients.sqs.config().timeout_config(),
            clients.secrets_manager.config().timeout_config(),
        ] {
            let timeouts = timeouts.expect("time-outs are set");
            assert!(timeouts.operation_attempt_timeout().is_some());
            assert!(timeouts.operation_timeout().is_some());
        }
    }
}
