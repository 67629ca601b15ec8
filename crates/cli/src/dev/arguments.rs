//! The arguments of `holdfast dev`.

use std::path::PathBuf;

/// How to run.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The port to listen on, on 127.0.0.1.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    pub port: u16,
    /// The configuration.
    #[arg(long, default_value = "holdfast.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// Signing secrets: JSON, name -> value or list of values. Without it, each source gets a
    /// secret of its own that `holdfast send` knows.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
}

/// Where `holdfast dev` listens and `holdfast send` posts to, unless told otherwise.
pub const DEFAULT_PORT: u16 = 8787;
