//! What the processes are deployed with. A deploy may change what is allowed to change while events
//! are under way: where a source's events go, and how often they are tried.

use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Span;
use holdfast_providers::Definitions;
use std::sync::{Arc, LazyLock};

/// When the functions are killed, after they began.
pub(crate) const RECEIVER_TIMEOUT: Span = Span::from_secs(10);
pub(crate) const PROCESSOR_TIMEOUT: Span = Span::from_secs(60);
pub(crate) const RECONCILER_TIMEOUT: Span = Span::from_secs(55);
/// A command has no limit; somebody who waits for it has.
pub(crate) const COMMAND_TIMEOUT: Span = Span::from_mins(5);

/// How long a received ticket stays hidden.
pub(crate) const VISIBILITY: Span = Span::from_secs(361);

/// How long a queue keeps a message.
pub(crate) const RETENTION: Span = Span::from_days(14);

/// The most attempts that any of the configurations allows.
pub(crate) const MOST_ATTEMPTS: u32 = 4;

const SOURCES: &str = r#"
[sources.stripe]
provider = "stripe"
[sources.github]
provider = "github"
dedupe_days = 30
[sources.insistent]
provider = "stripe"
replay_dead = true
[sources.careful]
provider = "stripe"
on_send_failure = "refuse"
[sources.polled]
provider = "stripe"
[sources.polled.reconcile]
every = "5m"
secret = "api_key"
[[routes]]
from = "stripe"
kinds = ["invoice.*"]
to = "billing"
[[routes]]
from = "polled"
to = "billing"
[[routes]]
from = "insistent"
to = "billing"
[[routes]]
from = "careful"
to = "audit"
[destinations.audit]
kind = "http"
url = "https://audit.example.com/webhooks"
timeout_secs = 10
retry = { attempts = 2, first = "1s", factor = 2, cap = "1h" }
"#;

const FIRST: &str = r#"
[[routes]]
from = "github"
to = "billing"
[destinations.billing]
kind = "http"
url = "https://billing.example.com/webhooks"
timeout_secs = 25
retry = { attempts = 3, first = "10s", factor = 3, cap = "6h" }
"#;

const SECOND: &str = r#"
[[routes]]
from = "github"
to = "audit"
[destinations.billing]
kind = "http"
url = "https://billing.example.net/webhooks"
timeout_secs = 20
retry = { attempts = 4, first = "30s", factor = 40, cap = "2h" }
"#;

static VERSIONS: LazyLock<[Arc<Configuration>; 2]> = LazyLock::new(|| {
    [FIRST, SECOND].map(|routes| {
        let read = Configuration::read(&format!("{SOURCES}{routes}"), &Definitions);
        Arc::new(read.unwrap_or_else(|problems| panic!("{problems}")))
    })
});

/// The configuration that a deploy brings.
pub(crate) fn configuration(version: usize) -> Arc<Configuration> {
    VERSIONS[version % VERSIONS.len()].clone()
}

/// The fewest.
pub(crate) const LEAST_ATTEMPTS: u32 = 2;
