//! Holdfast: processor.
