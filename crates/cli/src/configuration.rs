//! Reading `holdfast.toml` for a verb that needs it to be sound.

use anyhow::{Context, Result, anyhow};
use holdfast_domain::configuration::Configuration;
use holdfast_providers::Definitions;
use std::path::Path;

/// Reads a configuration.
///
/// # Errors
/// When the file cannot be read, or has problems: all of them, with their lines.
pub(crate) fn read(path: &Path) -> Result<Configuration> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read {}", path.display()))?;
    Configuration::read(&text, &Definitions)
        .map_err(|problems| anyhow!("{} has problems\n{problems}", path.display()))
}
