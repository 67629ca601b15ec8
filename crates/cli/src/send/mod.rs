//! `holdfast send`: signs a sample event of a source and posts it, to see a source work.

mod post;
mod request;

use crate::dev::DEFAULT_PORT;
use crate::local_secrets::{is_signed_elsewhere, local_secret, signing};
use crate::report::Report;
use crate::secrets_file;
use crate::table::harmless;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use holdfast_aws::clock::SystemClock;
use holdfast_aws::random::SystemRandom;
use holdfast_domain::configuration::{Catalogue, Configuration};
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_pipeline::ports::{Clock, Random};
use holdfast_providers::Definitions;
use post::Poster;
pub use request::{Content, Request, build};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to send and where to.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A source of the configuration, or a provider such as stripe.
    pub source: String,
    /// Where to post; by default to `holdfast dev` on this machine.
    #[arg(long)]
    pub url: Option<String>,
    /// The signing secret. It stays in the shell's history: prefer --secrets.
    #[arg(long, conflicts_with = "secrets")]
    pub secret: Option<String>,
    /// Signing secrets: JSON, name -> value or list of values.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// A private key (PKCS #8, PEM) whose public half the source has, for providers that sign with one.
    #[arg(long, value_name = "FILE")]
    pub private_key: Option<PathBuf>,
    /// The kind of the event, instead of the sample's own.
    #[arg(long)]
    pub kind: Option<String>,
    /// How many events to send, each with an id of its own.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: u32,
    /// A body to send as it is, instead of the sample's.
    #[arg(long, value_name = "FILE", conflicts_with = "kind")]
    pub body: Option<PathBuf>,
    /// The configuration that describes the source.
    #[arg(long, default_value = "holdfast.toml", value_name = "FILE")]
    pub config: PathBuf,
}

/// Sends.
///
/// # Errors
/// When nothing could be signed or the endpoint could not be reached. An endpoint that refuses is
/// an answer.
pub async fn run(arguments: &Arguments) -> Result<Report> {
    let sender = find(&arguments.source, &arguments.config)?;
    let url = arguments
        .url
        .clone()
        .unwrap_or_else(|| format!("http://127.0.0.1:{DEFAULT_PORT}/hooks/{}", arguments.source));
    let poster = Poster::new(&url)?;
    let secrets = secrets(arguments, &sender, poster.is_local())?;
    let content = content(arguments)?;
    let mut report = Report::new();
    for _ in 0..arguments.count {
        let id = hex::encode(SystemRandom.bytes());
        let request = build(&sender.provider, &secrets, &id, SystemClock.now(), &content)?;
        let name = format!("{}/{}", arguments.source, request.key.as_str());
        let answer = poster.post(&request).await?;
        let line = format!(
            "{} {}  {} ({})",
            answer.status,
            harmless(&answer.body),
            harmless(&name),
            request.kind
        );
        if answer.is_success() { report.line(line) } else { report.trouble(line) }
    }
    Ok(report)
}

struct Sender {
    provider: Arc<Provider>,
    secret_name: String,
}

/// The source of that name, or the provider where the configuration has no such source.
fn find(name: &str, config: &Path) -> Result<Sender> {
    if let Some(configuration) = read(config)?
        && let Some(source) = configuration.source(name)
    {
        let secret_name = source.secret.to_string();
        return Ok(Sender { provider: source.provider.clone(), secret_name });
    }
    let Some(provider) = Definitions.find(name) else {
        bail!(
            "{name} is neither a source in {} nor a provider; providers are {}",
            config.display(),
            Definitions.names().join(", ")
        );
    };
    Ok(Sender { provider, secret_name: name.to_owned() })
}

/// A provider needs no configuration, so there may be none.
fn read(config: &Path) -> Result<Option<Configuration>> {
    if !config.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(config)
        .with_context(|| format!("could not read {}", config.display()))?;
    let read = Configuration::read(&text, &Definitions);
    read.map(Some).with_context(|| format!("in {}", config.display()))
}

fn secrets(arguments: &Arguments, sender: &Sender, is_local: bool) -> Result<Vec<Secret>> {
    let (name, provider) = (&sender.secret_name, sender.provider.as_ref());
    if !is_local && is_signed_elsewhere(provider) {
        bail!("only the provider can sign as {}: its keys lie on its own host", provider.title());
    }
    if arguments.private_key.is_some() && !provider.scheme().has_public_key() {
        bail!(
            "{} signs with a shared secret: give it with --secret or --secrets",
            provider.title()
        );
    }
    let shared = match (&arguments.secret, &arguments.secrets) {
        (Some(secret), _) => vec![Secret::new(secret.clone())],
        (None, Some(path)) => secrets_file::read(path)?
            .remove(name)
            .with_context(|| format!("there is no secret `{name}` in {}", path.display()))?,
        (None, None) if is_local => vec![local_secret(name)],
        (None, None) if arguments.private_key.is_some() => Vec::new(),
        (None, None) if provider.scheme().has_public_key() => bail!(
            "{} signs with a private key: give one with --private-key, whose public half the source has",
            provider.title()
        ),
        (None, None) => bail!("give the signing secret with --secret or --secrets"),
    };
    if let Some(path) = &arguments.private_key {
        let key = std::fs::read_to_string(path);
        let key = key.with_context(|| format!("could not read {}", path.display()))?;
        return Ok(shared.into_iter().chain([Secret::new(key)]).collect());
    }
    let is_given = arguments.secret.is_some() || arguments.secrets.is_some();
    let local = is_signed_elsewhere(provider) || (is_local && !is_given);
    Ok(signing(shared, provider.scheme(), local))
}

fn content(arguments: &Arguments) -> Result<Content> {
    match (&arguments.body, &arguments.kind) {
        (Some(path), _) => {
            let body = std::fs::read(path);
            let body = body.with_context(|| format!("could not read {}", path.display()))?;
            Ok(Content::Body(Bytes::from(body)))
        }
        (None, Some(kind)) => Ok(Content::Kind(kind.clone())),
        (None, None) => Ok(Content::Sample),
    }
}

#[cfg(test)]
mod tests;
