//! The use cases of Holdfast and the ports they need.

pub mod deliver;
pub mod ports;
