//! Holdfast: receiver.
