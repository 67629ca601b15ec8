//! The documentation says what is so: what it names exists, and what exists is named.
//!
//! Read from the files as text, with nothing but the standard library.

mod ablations;
mod lists;
mod references;
mod text;

pub(crate) use lists::metrics;
pub(crate) use text::{quoted, read, section};

type Names = std::collections::BTreeSet<String>;
