use super::runs::{Runs, handle};
use holdfast_domain::configuration::{Configuration, Glob};
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_pipeline::deliver::Delivery;
use holdfast_pipeline::handlers::{Handlers, Registered};
use holdfast_pipeline::memory::Memory;
use holdfast_providers::Definitions;
use std::sync::Arc;

/// How often an event is tried in this world.
pub const MAX_ATTEMPTS: u32 = 3;

const TEXT: &str = r#"
[sources.stripe]
provider = "stripe"

[sources.github]
provider = "github"

[sources.insistent]
provider = "stripe"
replay_dead = true

[[routes]]
from = "stripe"
kinds = ["invoice.*"]
to = "billing"

[[routes]]
from = "github"
to = "billing"

[sources.polled]
provider = "stripe"
[sources.polled.reconcile]
every = "5m"
secret = "api_key"

[[routes]]
from = "polled"
to = "billing"

[[routes]]
from = "insistent"
to = "billing"

[sources.chats]
provider = "line"

[[routes]]
from = "chats"
to = "billing"

[destinations.billing]
kind = "http"
url = "https://billing.example.com/webhooks"
retry = { attempts = 3, first = "10s", factor = 3, cap = "6h" }
"#;

/// The configuration of this world: everything goes to one destination, `account.*` of Stripe to a
/// transactional handler.
pub(super) fn configuration() -> Configuration {
    Configuration::read(TEXT, &Definitions).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The secret that everything is signed with.
pub const SECRET: &str = "whsec_c2VjcmV0";

pub(super) fn secrets(memory: &Memory, configuration: &Configuration) {
    for needed in configuration.secrets() {
        memory.secrets.set(needed.name.as_str(), &[SECRET]);
    }
}

pub(super) fn handlers(runs: &Arc<Runs>) -> Handlers {
    let runs = runs.clone();
    let source = SourceName::new("stripe").expect("a name");
    let handler = move |delivery: Delivery| handle(runs.clone(), delivery);
    let policy = Policy { attempts: MAX_ATTEMPTS, ..Policy::default() };
    Handlers::none()
        .with(Registered::new("bookkeeping", source, Glob::new("account.*"), handler).retry(policy))
}
