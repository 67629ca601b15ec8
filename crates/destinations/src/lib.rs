//! Holdfast: destinations.
