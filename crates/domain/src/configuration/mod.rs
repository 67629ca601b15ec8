//! stub
mod glob;
pub use glob::Glob;
