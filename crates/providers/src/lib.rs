//! Holdfast: providers.
