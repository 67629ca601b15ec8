//! The contract of an event store.
//!
//! The guards and changes of the lifecycle are data that each store evaluates in its own way; here
//! every transition is asked for on every shape of record, and the store has to answer exactly as
//! `Guard::holds` and `Update::apply` do.

mod complete;
mod create;
mod page;
mod races;
mod samples;
mod transitions;

pub use complete::EffectReader;

use holdfast_pipeline::ports::EventStore;

/// Runs the suite.
pub async fn events(store: &impl EventStore) {
    create::suite(store).await;
    transitions::suite(store).await;
    races::suite(store).await;
    page::suite(store).await;
}

/// Runs the suite of completions with effects; `effects` reads what they wrote.
pub async fn completions(store: &impl EventStore, effects: &impl EffectReader) {
    complete::suite(store, effects).await;
}
