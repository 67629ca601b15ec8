//! Holdfast: cli.
