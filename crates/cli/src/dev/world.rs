//! The three handlers over ports on memory, as `holdfast dev` runs them.

use super::life::Life;
use super::web::LocalWeb;
use crate::local_secrets::{believed, local_secret};
use crate::secrets_file::Secrets;
use anyhow::{Context, Result};
use holdfast_aws::clock::SystemClock;
use holdfast_aws::random::SystemRandom;
use holdfast_aws::web::Https;
use holdfast_destinations::Destinations;
use holdfast_destinations::secrets::Cached;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Span;
use holdfast_pipeline::handlers::Handlers;
use holdfast_pipeline::memory::{Memory, QueueSettings};
use holdfast_pipeline::process::QueueTerms;
use holdfast_pipeline::receive::Receiver;
use holdfast_pipeline::secrets::SecretCache;
use holdfast_processor::app::{Wired, wire};
use holdfast_processor::routes::Routes;
use holdfast_reconciler::handler::Reconciler;
use holdfast_reconciler::provider_api::HttpProviderApi;
use std::sync::Arc;

/// How long a handler may run, as on Lambda.
pub(super) const TIMEOUT: Span = Span::from_secs(60);

/// Everything that is deployed, in one process.
pub(super) struct World {
    /// The stores and the queue.
    pub(super) memory: Arc<Memory>,
    /// The configuration.
    pub(super) configuration: Arc<Configuration>,
    /// The receiver Lambda.
    pub(super) receiver: Receiver<Memory>,
    /// The processor Lambda.
    pub(super) processor: Wired<Memory>,
    /// The reconciler Lambda.
    pub(super) reconciler: Reconciler<Memory, HttpProviderApi>,
}

impl World {
    /// Wires everything up.
    ///
    /// # Errors
    /// When a destination could never be delivered to.
    pub(super) fn new(
        configuration: Configuration,
        secrets: Option<Secrets>,
        life: Life,
    ) -> Result<Self> {
        let configuration = Arc::new(configuration);
        let settings = QueueSettings::default();
        let memory = Arc::new(Memory::new(
            Arc::new(SystemClock),
            Box::new(SystemRandom),
            Arc::new(life),
            settings,
        ));
        set_secrets(&memory, &configuration, secrets);
        let routes = Routes::open(configuration.clone()).context("holdfast.toml")?;
        let cached = Cached::new(memory.clone(), Arc::new(SecretCache::default()));
        let destinations = Destinations::without_queues(cached);
        let terms =
            QueueTerms { visibility: settings.visibility, max_receives: settings.max_receives };
        Ok(Self {
            receiver: Receiver::new(memory.clone(), configuration.clone())
                .with_web(Arc::new(LocalWeb::new(Https::default(), &configuration))),
            processor: wire(memory.clone(), destinations, routes, Handlers::none(), terms),
            reconciler: Reconciler::new(
                memory.clone(),
                HttpProviderApi::new()?,
                configuration.clone(),
            ),
            memory,
            configuration,
        })
    }
}

/// The secrets of the file; without one, secrets that `holdfast send` makes too.
fn set_secrets(memory: &Memory, configuration: &Configuration, secrets: Option<Secrets>) {
    match secrets {
        Some(secrets) => secrets.iter().for_each(|(name, values)| {
            let values: Vec<&str> = values.iter().map(|value| value.expose()).collect();
            memory.secrets.set(name, &values);
        }),
        None => configuration.secrets().iter().for_each(|needed| {
            let name = needed.name.as_str();
            let mut sources = configuration.sources();
            let source = sources.find(|source| source.secret.as_str() == name);
            let values = match source {
                Some(source) => believed(name, source.provider.scheme()).secrets,
                None => vec![local_secret(name)],
            };
            let values: Vec<&str> = values.iter().map(|value| value.expose()).collect();
            memory.secrets.set(name, &values);
        }),
    }
}
