//! The relations between time-outs, leases, windows and retentions on which the protocol rests.
//!
//! The processor checks them when it starts, and a test checks them over the template: a deployment
//! that breaks one loses events in ways that no single component can see.

use super::Configuration;
use super::shown::shown;
use crate::time::Span;
use std::fmt;

/// The largest send time-out: body, record and ticket have to fit inside the strictest provider's
/// patience (Slack's 3 s).
pub const LONGEST_SEND: Span = Span::from_secs(2);

/// Receives that a ticket survives: throttles, busy hops and deferrals spend them too.
pub const LEAST_RECEIVES: u32 = 20;

/// The shortest retention of a body.
pub const LEAST_BODY_KEPT: Span = Span::from_days(30);

/// How long queue and dead-letter queue keep messages: the most that SQS offers. A redriven or
/// dead-lettered ticket keeps its clock, so any less is a loss.
pub const QUEUE_RETENTION: Span = Span::from_days(14);

/// What the platform is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// When Lambda ends a run of the function.
    pub function_timeout: Span,
    /// How long a received ticket stays hidden.
    pub visibility: Span,
    /// How long the mapping waits to fill a batch.
    pub batching_window: Span,
    /// Receives after which SQS moves a ticket to the dead-letter queue.
    pub max_receive_count: u32,
    /// What a function cannot see, only a reader of the template: `None` in a function.
    pub stored: Option<Stored>,
}

/// How long the platform keeps things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Messages of the queue.
    pub queue: Span,
    /// Messages of the dead-letter queue.
    pub dead_letter_queue: Span,
    /// Objects of the bodies bucket.
    pub bodies_bucket: Span,
}

/// What the program is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The longest that the work on one ticket takes: its delivery, and settling it.
    pub handler_budget: Span,
    /// By how much a claim's lease outlasts the run that took it.
    pub lease_margin: Span,
    /// When a send of a ticket is given up.
    pub send_timeout: Span,
}

/// A broken relation: what has to hold and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// All broken relations; none for a sound deployment.
pub fn violations(
    platform: &Platform,
    program: &Program,
    configuration: &Configuration,
) -> Vec<Violation> {
    let mut found = Found::default();
    of_time(&mut found, platform, program);
    of_memory(&mut found, configuration);
    if let Some(stored) = &platform.stored {
        of_storage(&mut found, stored, configuration);
    }
    found.0
}

fn of_time(found: &mut Found, platform: &Platform, program: &Program) {
    let run = platform.function_timeout;
    found.unless(
        program.handler_budget < run,
        format!(
            "the function's timeout must be longer than a handler's budget ({})",
            shown(program.handler_budget)
        ),
        shown(run),
    );
    found.unless(
        program.lease_margin > Span::ZERO,
        "a claim's lease must last longer than the function's deadline".to_owned(),
        format!("the deadline and {}", shown(program.lease_margin)),
    );
    let least = run.times(6).plus(platform.batching_window);
    found.unless(
        platform.visibility >= least,
        format!(
            "the queue's visibility timeout must be at least 6 × the function's timeout ({}) plus \
             the batching window ({}), {}",
            shown(run),
            shown(platform.batching_window),
            shown(least)
        ),
        shown(platform.visibility),
    );
    found.unless(
        platform.max_receive_count >= LEAST_RECEIVES,
        format!("the queue's maxReceiveCount must be at least {LEAST_RECEIVES}"),
        platform.max_receive_count.to_string(),
    );
    found.unless(
        program.send_timeout <= LONGEST_SEND,
        format!("a send must be given up after at most {}", shown(LONGEST_SEND)),
        shown(program.send_timeout),
    );
}

fn of_memory(found: &mut Found, configuration: &Configuration) {
    for source in configuration.sources() {
        let Some(reconcile) = &source.reconcile else { continue };
        found.unless(
            reconcile.look_back < source.dedupe_window,
            format!(
                "the look-back of source `{}` must be shorter than its dedupe window ({})",
                source.name.as_str(),
                shown(source.dedupe_window)
            ),
            shown(reconcile.look_back),
        );
    }
    found.unless(
        configuration.body_kept() >= LEAST_BODY_KEPT,
        format!("bodies must be kept for at least {}", shown(LEAST_BODY_KEPT)),
        shown(configuration.body_kept()),
    );
}

fn of_storage(found: &mut Found, stored: &Stored, configuration: &Configuration) {
    for (name, kept) in [("queue", stored.queue), ("dead-letter queue", stored.dead_letter_queue)] {
        found.unless(
            kept == QUEUE_RETENTION,
            format!("the {name} must retain messages for {}", shown(QUEUE_RETENTION)),
            shown(kept),
        );
    }
    let body_kept = configuration.body_kept();
    found.unless(
        stored.bodies_bucket >= body_kept,
        format!(
            "the bodies bucket must keep objects for at least body_days ({})",
            shown(body_kept)
        ),
        shown(stored.bodies_bucket),
    );
}

#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn unless(&mut self, holds: bool, rule: String, value: String) {
        if !holds {
            self.0.push(Violation(format!("{rule}, but is {value}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::configuration;
    use super::*;

    fn platform() -> Platform {
        Platform {
            function_timeout: Span::from_secs(60),
            visibility: Span::from_secs(360),
            batching_window: Span::ZERO,
            max_receive_count: 20,
            stored: Some(Stored {
                queue: Span::from_days(14),
                dead_letter_queue: Span::from_days(14),
                bodies_bucket: Span::from_days(60),
            }),
        }
    }

    fn program() -> Program {
        Program {
            handler_budget: Span::from_secs(20),
            lease_margin: Span::from_secs(5),
            send_timeout: Span::from_secs(2),
        }
    }

    fn shown_violations(platform: &Platform, program: &Program) -> Vec<String> {
        let found = violations(platform, program, &configuration(""));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_deployment_has_none() {
        assert_eq!(shown_violations(&platform(), &program()), Vec::<String>::new());
        let function = Platform { stored: None, ..platform() };
        assert_eq!(shown_violations(&function, &program()), Vec::<String>::new());
    }

    #[test]
    fn a_source_that_is_polled_is_sound_too() {
        let polled = "[sources.stripe]\nprovider = \"stripe\"\n[sources.stripe.reconcile]\nevery = \"5m\"\n\
                      secret = \"key\"\n";
        let found = violations(&platform(), &program(), &configuration(polled));
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn each_is_found() {
        let broken = Platform {
            visibility: Span::from_secs(365),
            batching_window: Span::from_secs(6),
            max_receive_count: 19,
            stored: Some(Stored {
                queue: Span::from_days(4),
                dead_letter_queue: Span::from_days(13),
                bodies_bucket: Span::from_days(59),
            }),
            ..platform()
        };
        let hasty = Program {
            handler_budget: Span::from_secs(60),
            lease_margin: Span::ZERO,
            send_timeout: Span::from_millis(2001),
        };
        assert_eq!(
            shown_violations(&broken, &hasty),
            [
                "the function's timeout must be longer than a handler's budget (1m), but is 1m",
                "a claim's lease must last longer than the function's deadline, but is the deadline and 0ms",
                "the queue's visibility timeout must be at least 6 × the function's timeout (1m) plus the \
                 batching window (6s), 366s, but is 365s",
                "the queue's maxReceiveCount must be at least 20, but is 19",
                "a send must be given up after at most 2s, but is 2001ms",
                "the queue must retain messages for 14d, but is 4d",
                "the dead-letter queue must retain messages for 14d, but is 13d",
                "the bodies bucket must keep objects for at least body_days (60d), but is 59d",
            ]
        );
    }
}
