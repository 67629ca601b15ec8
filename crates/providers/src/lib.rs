//! The providers Holdfast knows, as data: `definitions/<name>.toml`, compiled in.
//!
//! Adding a provider that needs no new algorithm is adding a file there; no Rust names a provider.
//! What the keys of a definition mean is owned by `holdfast_domain`.

mod catalogue;
mod registry;
mod sample_keys;
pub mod vectors;

pub use catalogue::Definitions;
pub use registry::{Missing, find, named, names};
pub use sample_keys::sample_keys;
