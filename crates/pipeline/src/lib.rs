//! Holdfast: pipeline.
