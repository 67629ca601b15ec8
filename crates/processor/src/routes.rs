//! The routes of the configuration, each with the connections of its destination.

use holdfast_destinations::{Destination, Unusable};
use holdfast_domain::configuration::Configuration;
use holdfast_domain::identity::Kind;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Span;
use holdfast_pipeline::target::{Route, Routing};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The routes and their open destinations.
pub struct Routes {
    configuration: Arc<Configuration>,
    destinations: BTreeMap<String, Destination>,
}

/// A destination of the configuration could never be delivered to.
#[derive(Debug, thiserror::Error)]
#[error("destination `{name}`: {cause}")]
pub struct Error {
    name: String,
    cause: Unusable,
}

impl Routes {
    /// Opens every destination of a configuration. Nothing is called yet.
    ///
    /// # Errors
    /// When a destination's settings could never work.
    pub fn open(configuration: Arc<Configuration>) -> Result<Self, Error> {
        let open = |configured: &holdfast_domain::configuration::Destination| {
            let name = configured.name.clone();
            match Destination::open(configured) {
                Ok(destination) => Ok((name, destination)),
                Err(cause) => Err(Error { name, cause }),
            }
        };
        let destinations = configuration.destinations().map(open).collect::<Result<_, _>>()?;
        Ok(Self { configuration, destinations })
    }
}

impl Routing for Routes {
    type Destination = Destination;

    fn find(&self, source: &SourceName, kind: &Kind) -> Option<Route<'_, Destination>> {
        let Route { name, policy, timeout, .. } = self.configuration.find(source, kind)?;
        let destination = self.destinations.get(name)?;
        Some(Route { name, destination, policy, timeout })
    }

    fn dedupe_window(&self, source: &SourceName) -> Span {
        self.configuration.dedupe_window(source)
    }
}
