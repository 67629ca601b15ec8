//! The use cases of Holdfast and the ports they need. No AWS here: the adapters are elsewhere.

pub mod deliver;
pub mod facts;
pub mod memory;
pub mod ports;
