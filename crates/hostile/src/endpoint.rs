//! A receiver with a source for every provider, on memory, whose secrets nobody knows.

use futures_util::FutureExt;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::facts::KeptFacts;
use holdfast_pipeline::memory::{Memory, QueueSettings, SeededRandom, SetClock};
use holdfast_pipeline::receive::Receiver;
use holdfast_providers::Definitions;
use holdfast_receiver::handler;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
pub(crate) const PUBLIC_URL: &str = "https://hooks.example.com/hooks/x";

/// One secret in each format of key that a scheme may want; the last are public keys whose private
/// half was thrown away.
const SECRETS: [&str; 6] = [
    "whsec_JLv1Tm1h74452kB0jTdHaTxLyejk+U1q",
    "7f3a1d5c9be2046881c0ffee5eed1e55",
    "correct:horse battery staple",
    "4d07fec040e1785e638b314171c1d911f374e35a7ff7a71636c8f344231626fc",
    "TQf+wEDheF5jizFBccHZEfN041p/96cWNsjzRCMWJvw=",
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcgZkGb4AFqGIOkscTc2Ugi1xD+bZHpdCdPz7tPRgqSMA\
     +MT4iqmcmbcOgRoVT+zo9CqZEluNSLpi+UVP11oT4w==",
];

/// The secret of a provider's source; `None` when it takes none of ours.
pub(crate) fn secret(provider: &Provider) -> Option<&'static str> {
    SECRETS.into_iter().find(|text| provider.scheme().can_use(&Secret::new(*text)))
}

/// What the receiver did with one event.
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) records: usize,
    pub(crate) tickets: usize,
}

/// An endpoint of its own for each call: nothing is left of the last one.
pub(crate) struct Endpoint {
    receiver: Receiver<Memory>,
    ports: Arc<Memory>,
}

impl Endpoint {
    pub(crate) fn new() -> Self {
        let ports = Arc::new(Memory::new(
            Arc::new(SetClock::at(NOW)),
            Box::new(SeededRandom::new(1)),
            Arc::new(KeptFacts::default()),
            QueueSettings::default(),
        ));
        for name in holdfast_providers::names() {
            let provider = holdfast_providers::find(name).expect("defined");
            if let Some(text) = secret(provider) {
                ports.secrets.set(name, &[text]);
            }
        }
        Self { receiver: Receiver::new(ports.clone(), configuration()), ports }
    }

    /// Hands an event to the function. Memory never lets anybody wait.
    pub(crate) fn handle(&self, event: &str) -> Outcome {
        let answer = handler::handle(&self.receiver, event).now_or_never().expect("at once");
        let (status, _, _) = answer.into_parts();
        let (records, tickets) = (self.ports.events.all().len(), self.ports.queue.len().0);
        Outcome { status, records, tickets }
    }
}

/// A source for every provider, under its name.
fn configuration() -> Arc<Configuration> {
    static READ: OnceLock<Arc<Configuration>> = OnceLock::new();
    let read = || {
        let mut text = String::new();
        for name in holdfast_providers::names() {
            let provider = holdfast_providers::find(name).expect("defined");
            write!(text, "[sources.{name}]\nprovider = \"{name}\"\n").expect("to memory");
            if provider.scheme().needs_public_url() {
                writeln!(text, "public_url = \"{PUBLIC_URL}\"").expect("to memory");
            }
            let only =
                provider.needs_only().iter().map(|place| format!("\"{place}\" = [\"mine\"]"));
            let only: Vec<String> = only.collect();
            if !only.is_empty() {
                writeln!(text, "only = {{ {} }}", only.join(", ")).expect("to memory");
            }
            if provider.needs_verify_token() {
                writeln!(text, "verify_token = \"nobody_knows\"").expect("to memory");
            }
        }
        Arc::new(Configuration::read(&text, &Definitions).expect("a configuration"))
    };
    READ.get_or_init(read).clone()
}
