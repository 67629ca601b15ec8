//! `[destinations.<name>]`: where events go.

use super::address::Address;
use super::network::{self, Network};
use super::retry;
use super::secret_name::{self, SecretName};
use crate::reading::Table;
use crate::retry::Policy;
use crate::source::SourceName;
use crate::time::Span;

/// A configured destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// Its name.
    pub name: String,
    /// What it is.
    pub target: Target,
    /// How often and when a delivery is tried.
    pub retry: Policy,
}

/// What a destination is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An HTTP endpoint.
    Http(Http),
    /// An SQS queue.
    Sqs(Sqs),
}

/// An HTTP endpoint, called with a Standard Webhooks signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where to post.
    pub url: String,
    /// How long one call may take in all.
    pub timeout: Span,
    /// Private networks that the call may reach; without `https` inside them, if need be.
    pub allow_private: Vec<Network>,
    /// What the secret that signs the calls is called; by default `destinations.<name>`.
    pub secret: SecretName,
}

/// An SQS queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sqs {
    /// The queue's URL.
    pub queue_url: String,
}

impl Destination {
    /// How long a call to an HTTP endpoint may take where nothing is written.
    pub const TIMEOUT: Span = Span::from_secs(10);

    /// How long a send to a queue may take; not configurable.
    pub const SQS_TIMEOUT: Span = Span::from_secs(5);

    /// How long one delivery may take.
    pub fn timeout(&self) -> Span {
        match &self.target {
            Target::Http(http) => http.timeout,
            Target::Sqs(_) => Self::SQS_TIMEOUT,
        }
    }

    /// Whether it is a process on the same machine.
    pub(super) fn is_local(&self) -> bool {
        let url = match &self.target {
            Target::Http(http) => &http.url,
            Target::Sqs(sqs) => &sqs.queue_url,
        };
        Address::parse(url).is_ok_and(|address| address.is_loopback())
    }

    pub(super) fn read(name: &str, table: &mut Table<'_>) -> Option<Self> {
        let named = SourceName::new(name).is_ok();
        if !named {
            table.problem(format!(
                "`{name}` is no name for a destination: 1 to 40 characters of a-z, 0-9, `-`, `_`"
            ));
        }
        let retry = retry::read(table);
        let target = match table.one_of("kind", &[("http", "http"), ("sqs", "sqs")])? {
            "http" => read_http(name, table).map(Target::Http),
            _ => read_sqs(table).map(Target::Sqs),
        };
        let target = target.filter(|_| named)?;
        Some(Self { name: name.to_owned(), target, retry })
    }
}

fn read_http(name: &str, table: &mut Table<'_>) -> Option<Http> {
    let line = table.line_of("url");
    let url = table.string("url");
    let secs = table.optional_integer("timeout_secs", 1..=600);
    let allow_private = read_networks(table);
    let secret = secret_name::optional(table, "secret")
        .or_else(|| SecretName::new(&format!("destinations.{name}")));
    let url = url?;
    if let Some(problem) = unreachable(&url, &allow_private) {
        table.problem_on_line(line, format!("`url` {problem}"));
    }
    let secs = secs.and_then(|secs| u64::try_from(secs).ok());
    let timeout = secs.map_or(Destination::TIMEOUT, Span::from_secs);
    Some(Http { url, timeout, allow_private, secret: secret? })
}

fn read_networks(table: &mut Table<'_>) -> Vec<Network> {
    let line = table.line_of("allow_private");
    let mut networks = Vec::new();
    for text in table.strings("allow_private") {
        match Network::parse(&text) {
            None => table.problem_on_line(
                line,
                format!("`allow_private` must list networks like \"10.0.0.0/8\", not {text:?}"),
            ),
            Some(network) if !network.is_private() => table.problem_on_line(
                line,
                format!("`allow_private` lists {network}, which is not private as a whole"),
            ),
            Some(network) => networks.push(network),
        }
    }
    networks
}

/// Why no delivery to a URL could ever pass the guard, as far as that can be known without asking
/// the name service.
fn unreachable(url: &str, allowed: &[Network]) -> Option<String> {
    let address = match Address::parse(url) {
        Ok(address) => address,
        Err(problem) => return Some(problem.to_owned()),
    };
    let inside = |ip| allowed.iter().any(|network| network.contains(ip));
    match address.ip() {
        Some(ip) if network::is_metadata(ip) => {
            Some("leads to an address where a cloud hands out credentials".to_owned())
        }
        Some(ip) if network::is_private(ip) && !inside(ip) => {
            Some(format!("leads to the private address {ip}, which `allow_private` does not list"))
        }
        Some(ip) if !address.encrypted && !inside(ip) => {
            Some("must begin with https:// outside of the networks in `allow_private`".to_owned())
        }
        None if !address.encrypted && allowed.is_empty() => Some(
            "must begin with https://, unless it lies in a network of `allow_private`".to_owned(),
        ),
        _ => None,
    }
}

fn read_sqs(table: &mut Table<'_>) -> Option<Sqs> {
    let line = table.line_of("queue_url");
    let queue_url = table.string("queue_url")?;
    let problem = match Address::parse(&queue_url) {
        Err(problem) => Some(problem),
        Ok(address) if !address.encrypted && !address.is_loopback() => {
            Some("must begin with https://")
        }
        Ok(address) if address.path.split('/').filter(|part| !part.is_empty()).count() != 2 => {
            Some("must be the URL of a queue: https://sqs.<region>.amazonaws.com/<account>/<name>")
        }
        Ok(_) => None,
    };
    if let Some(problem) = problem {
        table.problem_on_line(line, format!("`queue_url` {problem}"));
        return None;
    }
    Some(Sqs { queue_url })
}
