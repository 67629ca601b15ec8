//! The user's own handlers, by source and kind.

use crate::deliver::Handler;
use holdfast_domain::configuration::Glob;
use holdfast_domain::identity::Kind;
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Span;
use std::sync::Arc;

/// How long a handler may run unless it says otherwise.
const DEFAULT_TIMEOUT: Span = Span::from_secs(30);

/// Handlers in the order in which they were registered; the first that matches runs.
#[derive(Clone, Default)]
pub struct Handlers(Vec<Registered>);

/// A registered handler.
#[derive(Clone)]
pub struct Registered {
    pub(crate) name: String,
    source: SourceName,
    kinds: Glob,
    pub(crate) policy: Policy,
    pub(crate) timeout: Span,
    pub(crate) handler: Arc<dyn Handler>,
}

impl Registered {
    /// A handler for the kinds of a source that match a pattern such as `invoice.*`.
    pub fn new(
        name: impl Into<String>,
        source: SourceName,
        kinds: Glob,
        handler: impl Handler + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            source,
            kinds,
            policy: Policy::default(),
            timeout: DEFAULT_TIMEOUT,
            handler: Arc::new(handler),
        }
    }

    /// With another retry policy.
    #[must_use]
    pub fn retry(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// With another time-out; it has to fit the function's.
    #[must_use]
    pub fn timeout(self, timeout: Span) -> Self {
        Self { timeout, ..self }
    }
}

impl Handlers {
    /// No handlers: everything goes along the routes.
    pub fn none() -> Self {
        Self::default()
    }

    /// These handlers and one more.
    #[must_use]
    pub fn with(mut self, registered: Registered) -> Self {
        self.0.push(registered);
        self
    }

    /// The longest time that any of them may run.
    pub fn longest_timeout(&self) -> Option<Span> {
        self.0.iter().map(|registered| registered.timeout).max()
    }

    pub(crate) fn find(&self, source: &SourceName, kind: &Kind) -> Option<&Registered> {
        self.0.iter().find(|registered| {
            registered.source == *source && registered.kinds.matches(kind.as_str())
        })
    }
}
