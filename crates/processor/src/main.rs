//! The processor Lambda, with no handlers of its own: everything goes along the routes of
//! `holdfast.toml`. A binary with handlers is the same line with handlers in it.

use holdfast_pipeline::handlers::Handlers;

fn main() -> anyhow::Result<()> {
    holdfast_processor::run(Handlers::none())
}
