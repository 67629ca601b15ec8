//! The providers Holdfast knows, as data: `definitions/<name>.toml`, compiled in.
//!
//! Adding a provider that needs no new algorithm is adding a file there; no Rust names a provider.
//! What the keys of a definition mean is owned by `holdfast_domain`.

mod catalogue;
mod registry;
pub mod vectors;

pub use catalogue::Definitions;
pub use registry::{Missing, find, named, names};
