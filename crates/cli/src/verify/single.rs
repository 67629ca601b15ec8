//! One request against one source: believed or not, and why.

use super::reason::Case;
use super::{Arguments, request};
use crate::local_secrets::believed;
use crate::report::Report;
use crate::secrets_file;
use crate::table::harmless;
use anyhow::{Context, Result, bail};
use holdfast_aws::clock::SystemClock;
use holdfast_aws::web::Https;
use holdfast_domain::configuration::{Catalogue, Configuration};
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::{Provider, Terms};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{
    KeyAddress, KeyPage, Known, Rejection, Verified, key_page_of, signed_bytes, verify_with,
};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::Clock;
use holdfast_pipeline::web::{Visit, Web};
use holdfast_providers::Definitions;
use std::path::Path;
use std::sync::Arc;

/// Verifies one request.
///
/// # Errors
/// When a file cannot be read, or there is no such source.
pub(super) async fn run(arguments: &Arguments) -> Result<Report> {
    let name = arguments.source.as_deref().context("give the source with --source")?;
    let inbound = captured(arguments)?;
    let subject = Subject::find(name, arguments)?;
    let now = arguments.at.map_or_else(|| SystemClock.now(), Timestamp::from_secs);
    let mut report = Report::new();
    if subject.is_local {
        report.line("without --secret or --secrets: under the secret of `holdfast dev`");
    }
    let keys = match key_page(&subject.provider, &inbound).await {
        Ok(keys) => keys,
        Err(why) => {
            report.trouble(format!("REFUSED: {why}"));
            return Ok(report);
        }
    };
    subject.report(&inbound, keys.as_ref(), now, &mut report);
    Ok(report)
}

fn captured(arguments: &Arguments) -> Result<Inbound> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("could not read {}", path.display()))
    };
    let text =
        |path: &Path| Ok::<_, anyhow::Error>(String::from_utf8_lossy(&read(path)?).into_owned());
    if let Some(path) = &arguments.har {
        return request::of_har(&text(path)?, arguments.entry);
    }
    let headers = arguments.headers.as_deref().map(text).transpose()?;
    let Some(headers) = headers else {
        bail!("give the request with --headers and --body, or --har")
    };
    let body = arguments.body.as_deref().map(read).transpose()?.unwrap_or_default();
    request::of_files(&headers, body, arguments.method.as_deref(), arguments.url.as_deref())
}

/// What a request is verified against.
pub struct Subject {
    /// The provider, as its source has it.
    pub provider: Arc<Provider>,
    /// The secrets of the source.
    pub secrets: Vec<Secret>,
    /// Whether nobody gave any.
    pub is_local: bool,
}

impl Subject {
    /// The source of that name with its settings; a provider where there is no such source.
    fn find(name: &str, arguments: &Arguments) -> Result<Self> {
        let (provider, secret_name) = match source(name, &arguments.config)? {
            Some(found) => found,
            None => match Definitions.find(name) {
                Some(provider) => (provider, name.to_owned()),
                None => bail!(
                    "{name} is neither a source in {} nor a provider",
                    arguments.config.display()
                ),
            },
        };
        let (secrets, is_local) = match (&arguments.secret, &arguments.secrets) {
            (Some(secret), _) => (vec![Secret::new(secret.clone())], false),
            (None, Some(path)) => {
                let found = secrets_file::read(path)?.remove(&secret_name);
                let missing =
                    || format!("there is no secret `{secret_name}` in {}", path.display());
                let needed = provider.scheme().needs_secret();
                (if needed { found.with_context(missing)? } else { Vec::new() }, false)
            }
            (None, None) => {
                let scheme = provider.scheme();
                (believed(&secret_name, scheme).secrets, scheme.needs_secret())
            }
        };
        // Without a source, the URL that was called is the only one that is known.
        let provider = match &arguments.url {
            Some(url) if provider.scheme().needs_public_url() => {
                Arc::new(Provider::clone(&provider).with_public_url(url))
            }
            _ => provider,
        };
        Ok(Self { provider, secrets, is_local })
    }

    /// Says whether a request is believed, and why not.
    pub fn report(
        &self,
        inbound: &Inbound,
        keys: Option<&KeyPage>,
        now: Timestamp,
        report: &mut Report,
    ) {
        let (provider, secrets) = (self.provider.as_ref(), self.secrets.as_slice());
        let terms = Terms { secrets, ..Terms::default() };
        if let Some(reply) = provider.greet(inbound, &terms) {
            report.line(format!("ANSWERED: an unsigned handshake, with {}", reply.status));
            return;
        }
        let outcome = verify_with(provider, inbound, &Known { secrets, keys }, now);
        match &outcome {
            Ok(verified) => self.accepted(verified, now, report),
            Err(rejection) => {
                report.trouble(format!("REFUSED as {}: {rejection}", provider.title()));
            }
        }
        describe(provider, inbound, secrets, report);
        if let Err(rejection) = outcome {
            let case = Case { provider, inbound, secrets, keys, now };
            case.reasons(rejection).iter().for_each(|one| report.line(format!("likely: {one}")));
            advise(rejection, report);
        }
    }

    fn accepted(&self, verified: &Verified<'_>, now: Timestamp, report: &mut Report) {
        let title = self.provider.title();
        if let Some(reply) = verified.handshake() {
            report.line(format!("ANSWERED as {title}: a signed handshake, with {}", reply.status));
            return;
        }
        report.line(format!("ACCEPTED as {title}"));
        if let Some(at) = verified.signed_at() {
            report.line(format!("signed at {at}, {} s ago", now.since(at).secs_up()));
        }
        for found in verified.contents(now, usize::MAX).events.iter().take(20) {
            let identity = &found.identity;
            report.line(harmless(&format!("event {} ({})", identity.key, identity.kind)));
        }
    }
}

fn source(name: &str, config: &Path) -> Result<Option<(Arc<Provider>, String)>> {
    if !config.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(config)
        .with_context(|| format!("could not read {}", config.display()))?;
    let read = Configuration::read(&text, &Definitions);
    let configuration = read.with_context(|| format!("in {}", config.display()))?;
    let source = configuration.source(name);
    Ok(source.map(|source| (source.provider.clone(), source.secret.to_string())))
}

/// The provider's keys, where they are not the source's own.
async fn key_page(provider: &Provider, inbound: &Inbound) -> Result<Option<KeyPage>, String> {
    let address = key_page_of(provider, inbound).map_err(|rejection| rejection.to_string())?;
    let Some(KeyAddress { url, .. }) = address else { return Ok(None) };
    match Https::default().get(&url).await {
        Ok(Visit::Page(text)) => Ok(Some(KeyPage { url, text })),
        Ok(Visit::None(status)) => Err(format!("{url} answered {status}: there is no key")),
        Err(error) => Err(format!("{url}: {error}")),
    }
}

/// Lengths and digests of what is signed, so that they can be compared with the sender's; never the
/// bytes, and never the secret.
fn describe(provider: &Provider, inbound: &Inbound, secrets: &[Secret], report: &mut Report) {
    let body = holdfast_domain::body_hash::BodyHash::of(&inbound.body);
    report.line(format!("body: {} bytes, sha256 {body}", inbound.body.len()));
    match signed_bytes(provider, inbound, secrets) {
        Ok(all) if all.is_empty() => {
            report
                .line("signed: nothing of the request; it is known by a secret that comes with it");
        }
        Ok(all) => {
            for one in all.iter().take(20) {
                report.line(format!("signed: {} bytes, sha256 {}", one.len, one.hash));
            }
        }
        Err(rejection) => report.line(format!("signed: unknown, for {rejection}")),
    }
}

fn advise(rejection: Rejection, report: &mut Report) {
    let advice = match rejection {
        Rejection::TooOld { .. } => {
            "the signature holds; for a request of the past, give the time it came with --at"
        }
        Rejection::TooNew { .. } => "the signature holds; is this clock right?",
        Rejection::NoUsableSecret => "the secret has not the format that this provider's keys have",
        _ => return,
    };
    report.line(advice);
}
