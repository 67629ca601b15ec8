//! A sample request, signed: the provider's own, one of another kind, or one with a body of the
//! user's.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use holdfast_domain::headers::Headers;
use holdfast_domain::identity::{EventKey, Identified, Kind};
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::{Provider, Sample};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{KeyPage, Known, Message, key_page_of, verify_with};
use holdfast_domain::time::Timestamp;

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The provider's sample.
    Sample,
    /// The provider's sample, with another kind.
    Kind(String),
    /// This body, with the sample's headers.
    Body(Bytes),
}

/// A signed request, and how the receiver will identify it.
#[derive(Clone, Debug)]
pub struct Request {
    /// All headers to send.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The event's key.
    pub key: EventKey,
    /// The event's kind.
    pub kind: Kind,
}

/// Makes a request; `id` becomes part of the event's id.
///
/// # Errors
/// When no secret fits the provider's scheme, or the sample has no kind to change.
pub fn build(
    provider: &Provider,
    secrets: &[Secret],
    id: &str,
    now: Timestamp,
    content: &Content,
) -> Result<Request> {
    let title = provider.title();
    let signed = provider.signed_sample(secrets, id, now);
    let signed = signed.with_context(|| format!("could not sign as {title}"))?;
    let sample = match content {
        Content::Sample => signed,
        Content::Kind(kind) => {
            let from = identify(provider, secrets, now, &signed)?.kind;
            let Some(changed) = with_kind(&signed, from.as_str(), kind) else {
                bail!("the sample of {title} does not name its kind; give a --body instead");
            };
            sign(provider, secrets, id, now, changed)?
        }
        Content::Body(body) => {
            sign(provider, secrets, id, now, Sample { body: body.clone(), ..signed })?
        }
    };
    let identified = identify(provider, secrets, now, &sample)?;
    let Sample { headers, body } = sample;
    Ok(Request { headers, body, key: identified.key, kind: identified.kind })
}

/// Signs anew: the headers that the scheme writes are replaced.
fn sign(
    provider: &Provider,
    secrets: &[Secret],
    id: &str,
    now: Timestamp,
    sample: Sample,
) -> Result<Sample> {
    let headers: Headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
    let message = Message { id, at: now, headers: &headers, body: &sample.body };
    let signed = provider.sign(secrets, &message)?;
    let is_signed = |name: &str| signed.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let mut headers = sample.headers;
    headers.retain(|(name, _)| !is_signed(name));
    headers.extend(signed);
    Ok(Sample { headers, ..sample })
}

fn identify(
    provider: &Provider,
    secrets: &[Secret],
    now: Timestamp,
    sample: &Sample,
) -> Result<Identified> {
    let headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
    let inbound = Inbound::post("/", headers, sample.body.clone());
    let by = provider.scheme().verified_by(secrets);
    let page = key_page_of(provider, &inbound)?.zip(by.page);
    let page = page.map(|(address, text)| KeyPage { url: address.url, text });
    let known = Known { secrets: &by.secrets, keys: page.as_ref() };
    let verified = verify_with(provider, &inbound, &known, now);
    let verified = verified.context("the sample does not verify under its own signature")?;
    Ok(verified.identify(now))
}

/// The kind stands in a header of its own or as a text in the body.
fn with_kind(sample: &Sample, from: &str, to: &str) -> Option<Sample> {
    let mut changed = sample.clone();
    if let Some((_, value)) = changed.headers.iter_mut().find(|(_, value)| value == from) {
        to.clone_into(value);
        return Some(changed);
    }
    let body = std::str::from_utf8(&sample.body).ok()?;
    let quoted = serde_json::to_string(from).ok()?;
    let wanted = serde_json::to_string(to).ok()?;
    body.contains(&quoted)
        .then(|| Sample { body: body.replacen(&quoted, &wanted, 1).into(), ..changed })
}
