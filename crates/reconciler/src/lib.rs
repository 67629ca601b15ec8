//! Holdfast: reconciler.
