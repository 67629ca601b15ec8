//! Integration tests of Holdfast live in `it/`.
