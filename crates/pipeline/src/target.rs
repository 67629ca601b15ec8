//! Where an event goes: to a handler, along a route to a destination, or nowhere.

use crate::handlers::Registered;
use holdfast_domain::configuration::{Configuration, Destination};
use holdfast_domain::identity::Kind;
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Span;
use std::sync::Arc;

/// A route's end.
pub struct Route<'a, D> {
    /// The destination's name.
    pub name: &'a str,
    /// The destination.
    pub destination: &'a D,
    /// When to try again.
    pub policy: Policy,
    /// How long one try may take.
    pub timeout: Span,
}

/// The routes of the configuration.
pub trait Routing: Send + Sync + 'static {
    /// A configured destination.
    type Destination: Send + Sync;

    /// The first route that matches.
    fn find(&self, source: &SourceName, kind: &Kind) -> Option<Route<'_, Self::Destination>>;

    /// How long a processed event of this source is remembered.
    fn dedupe_window(&self, source: &SourceName) -> Span;
}

/// Where an event goes.
pub(crate) enum Target<'a, D> {
    /// To the user's own code.
    Handler(&'a Registered),
    /// To a destination.
    Route(Route<'a, D>),
    /// Nowhere: it is done as soon as it is seen.
    Nowhere,
}

impl<D> Target<'_, D> {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Handler(registered) => &registered.name,
            Self::Route(route) => route.name,
            Self::Nowhere => "nowhere",
        }
    }

    pub(crate) fn destination_name(&self) -> Option<&str> {
        match self {
            Self::Route(route) => Some(route.name),
            Self::Handler(_) | Self::Nowhere => None,
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        match self {
            Self::Handler(registered) => registered.policy,
            Self::Route(route) => route.policy,
            Self::Nowhere => Policy::default(),
        }
    }

    pub(crate) fn timeout(&self) -> Span {
        match self {
            Self::Handler(registered) => registered.timeout,
            Self::Route(route) => route.timeout,
            Self::Nowhere => Span::ZERO,
        }
    }
}

impl Routing for Arc<Configuration> {
    type Destination = Destination;

    fn find(&self, source: &SourceName, kind: &Kind) -> Option<Route<'_, Destination>> {
        self.route(source, kind).map(|destination| Route {
            name: &destination.name,
            destination,
            policy: destination.retry,
            timeout: destination.timeout(),
        })
    }

    fn dedupe_window(&self, source: &SourceName) -> Span {
        self.as_ref().dedupe_window(source.as_str())
    }
}
