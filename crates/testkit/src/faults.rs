//! Faults at the seam between the use cases and the world: every call of every port is numbered,
//! and any one of them can be made to go wrong.
//!
//! ```text
//! crash before         the process dies, the call never had its effect
//! crash after          the call had its effect, the process dies before it hears of it
//! error before         the call fails and had no effect
//! error after          the call fails and had its effect: the answer was lost
//! repeat               the answer was lost, the SDK calls again: the caller hears the second answer
//! throttle             the call is refused, and so is every repetition, for as long as the SDK tries
//! slow before          the call has its effect only when leases, deadlines and hidden tickets are over
//! slow after           the call had its effect, its answer comes only then
//! ```
//!
//! A crashed call never returns; whoever runs the process waits for [`Faults::crashed`] beside it
//! and drops the process then.

mod call;
mod plan;
mod stores;

pub use call::{Call, Calls, Operation};
pub use plan::{Fault, Faults, SLOW};
pub use stores::{Bodies, Documents, Events, Secrets, Tickets};

use holdfast_pipeline::facts::Facts;
use holdfast_pipeline::ports::{Clock, Ports, Random};
use std::sync::Arc;

/// Ports whose calls are numbered and can fail.
pub struct Faulty<P> {
    inner: Arc<P>,
    events: Events<P>,
    documents: Documents<P>,
    bodies: Bodies<P>,
    tickets: Tickets<P>,
    secrets: Secrets<P>,
}

impl<P: Ports> Faulty<P> {
    /// Wraps ports. What goes wrong is said to `faults`.
    pub fn new(inner: &Arc<P>, faults: &Arc<Faults>) -> Self {
        Self {
            inner: inner.clone(),
            events: Events::new(inner, faults),
            documents: Documents::new(inner, faults),
            bodies: Bodies::new(inner, faults),
            tickets: Tickets::new(inner, faults),
            secrets: Secrets::new(inner, faults),
        }
    }
}

impl<P: Ports> Ports for Faulty<P> {
    type Events = Events<P>;
    type Documents = Documents<P>;
    type Bodies = Bodies<P>;
    type Tickets = Tickets<P>;
    type Secrets = Secrets<P>;

    fn events(&self) -> &Self::Events {
        &self.events
    }

    fn documents(&self) -> &Self::Documents {
        &self.documents
    }

    fn bodies(&self) -> &Self::Bodies {
        &self.bodies
    }

    fn tickets(&self) -> &Self::Tickets {
        &self.tickets
    }

    fn secrets(&self) -> &Self::Secrets {
        &self.secrets
    }

    fn clock(&self) -> &dyn Clock {
        self.inner.clock()
    }

    fn random(&self) -> &dyn Random {
        self.inner.random()
    }

    fn facts(&self) -> &dyn Facts {
        self.inner.facts()
    }
}
