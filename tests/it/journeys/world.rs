//! What journeys are set in: a deployed stack and the endpoint that it delivers to.
//!
//! Stripe events of the kind `to.<name>` go to the destination `<name>`, everything else to
//! `good`. A destination is the path of its name at the endpoint, unless its URL says otherwise.

use super::endpoint::Endpoint;
use super::server::unused_port;
use super::signed::{GITHUB_SECRET, STRIPE_SECRET};
use super::stack::{Deployment, Plan};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The signing secret of every destination.
pub(crate) const DESTINATION_SECRET: &str = "whsec_am91cm5leXMtZGVzdGluYXRpb24=";

/// A stack and its endpoint.
pub(crate) struct World {
    /// The stack.
    pub(crate) deployment: Deployment,
    /// The endpoint.
    pub(crate) endpoint: Endpoint,
}

/// A destination of a world.
pub(crate) struct To {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its URL, where it is not a path of the endpoint.
    pub(crate) url: Option<String>,
    /// After how many failures an event is dead.
    pub(crate) attempts: u32,
}

impl To {
    /// A path of the endpoint.
    pub(crate) fn path(name: &'static str, attempts: u32) -> Self {
        Self { name, url: None, attempts }
    }
}

/// What is special about a world.
#[derive(Default)]
pub(crate) struct Setting {
    /// Destinations beside `good`.
    pub(crate) destinations: Vec<To>,
    /// More lines of `[sources.stripe]` and its tables.
    pub(crate) stripe: String,
    /// More secrets.
    pub(crate) secrets: Vec<(&'static str, String)>,
    /// Whether calls to AWS can be made to fail.
    pub(crate) with_faults: bool,
    /// Whether the reconciler's schedules run.
    pub(crate) with_schedules: bool,
}

/// A run of the processor; as short as a destination's two seconds allow, because what a killed
/// one held shows again after six of them.
const PROCESSOR_SECS: u32 = 8;

impl World {
    /// Deploys a world.
    pub(crate) fn deploy(name: &str, setting: Setting) -> Self {
        let endpoint = Endpoint::start();
        let mut secrets = json!({ "stripe": STRIPE_SECRET, "github": GITHUB_SECRET });
        for (name, value) in setting.secrets {
            secrets[name] = Value::String(value);
        }
        let mut text = format!(
            "[sources.github]\nprovider = \"github\"\n\
             [sources.stripe]\nprovider = \"stripe\"\n{}\n",
            setting.stripe
        );
        let mut routes = String::new();
        for to in setting.destinations.iter().chain([&To::path("good", 8)]) {
            let name = to.name;
            let url = to.url.clone().unwrap_or_else(|| endpoint.url(&format!("/{name}")));
            secrets[format!("destinations.{name}")] = DESTINATION_SECRET.into();
            text.push_str(&destination(name, &url, to.attempts));
            let kind = if name == "good" { "*".to_owned() } else { format!("to.{name}") };
            routes.push_str(&route("stripe", &kind, name));
        }
        text.push_str(&routes);
        text.push_str(&route("github", "*", "good"));
        let parameters = vec![
            ("ProcessorTimeoutSecs", PROCESSOR_SECS.to_string()),
            ("VisibilitySecs", (6 * PROCESSOR_SECS).to_string()),
        ];
        let (with_faults, with_schedules) = (setting.with_faults, setting.with_schedules);
        let plan = Plan { configuration: text, secrets, parameters, with_faults, with_schedules };
        Self { deployment: Deployment::start(name, plan), endpoint }
    }
}

fn destination(name: &str, url: &str, attempts: u32) -> String {
    format!(
        "[destinations.{name}]\nkind = \"http\"\nurl = \"{url}\"\n\
         allow_private = [\"127.0.0.0/8\"]\ntimeout_secs = 2\n\
         retry = {{ attempts = {attempts}, first = \"1s\", factor = 2, cap = \"4s\" }}\n"
    )
}

fn route(from: &str, kind: &str, to: &str) -> String {
    format!("[[routes]]\nfrom = \"{from}\"\nkinds = [\"{kind}\"]\nto = \"{to}\"\n")
}

/// The world that most journeys share. Its stack ends with this process.
pub(crate) fn shared() -> &'static World {
    static SHARED: OnceLock<World> = OnceLock::new();
    SHARED.get_or_init(|| {
        let destinations = vec![
            To::path("failing", 20),
            To::path("patient", 20),
            To::path("silent", 20),
            To::path("gone", 8),
            To::path("poisoned", 8),
            To::path("replayed", 8),
            To::path("worn_out", 3),
            To { name: "down", url: Some(down_url()), attempts: 20 },
        ];
        World::deploy("shared", Setting { destinations, ..Setting::default() })
    })
}

/// The port of the destination `down`: nothing listens there until a journey starts something.
pub(crate) fn down_port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(unused_port)
}

fn down_url() -> String {
    format!("http://127.0.0.1:{}/down", down_port())
}
