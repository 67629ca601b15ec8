//! `holdfast.toml`: sources, routes, destinations and how long bodies are kept.
//!
//! Owns what the keys mean, their defaults and limits, and which settings contradict each other.
//! Does not own where the file is, nor any secret: it holds their names only.

mod address;
mod destination;
mod glob;
pub mod inequalities;
mod network;
mod own_providers;
mod reconcile;
mod retry;
mod route;
mod secret_name;
mod shown;
mod source;
#[cfg(test)]
mod tests;
mod warnings;

pub use destination::{Destination, Http, Sqs, Target};
pub use glob::Glob;
pub use network::Network;
pub use reconcile::Reconcile;
pub use route::Route;
pub use secret_name::SecretName;
pub use source::{OnSendFailure, Source, Unparsable};

use crate::identity::Kind;
use crate::provider::Provider;
use crate::reading::{self, Problem, Problems, Table};
use crate::source::SourceName;
use crate::time::Span;
use own_providers::OwnProviders;
use route::Known;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The providers that sources can name.
pub trait Catalogue {
    /// All names, for the message about a wrong one.
    fn names(&self) -> Vec<&str>;

    /// The provider of that name.
    fn find(&self, name: &str) -> Option<Arc<Provider>>;
}

/// A configuration without problems.
#[derive(Clone, Debug)]
pub struct Configuration {
    sources: BTreeMap<SourceName, Source>,
    routes: Vec<Route>,
    destinations: BTreeMap<String, Arc<Destination>>,
    body_kept: Span,
    secrets: Vec<SecretUse>,
    warnings: Vec<Problem>,
    deployment_warnings: Vec<Problem>,
}

/// A secret that the configuration needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// What it is called.
    pub name: SecretName,
    /// What it is for, for people.
    pub purpose: String,
    /// The line of the heading of what needs it.
    pub line: usize,
}

/// A body has to outlive what an operator needs to notice that its event is dead.
const LEAST_BODY_DAYS: i64 = 30;
/// The bodies bucket's lifecycle drops everything after 60 days, whatever is written here.
const MOST_BODY_DAYS: i64 = 60;

impl Configuration {
    /// How long bodies are kept where nothing is written.
    pub const BODY_KEPT: Span = Span::from_days(60);

    /// How long PROCESSED events are remembered where nothing is written.
    pub const DEDUPE_WINDOW: Span = Span::from_days(90);

    /// Reads a configuration.
    ///
    /// # Errors
    /// All problems at once, in the order of their lines.
    pub fn read(text: &str, catalogue: &impl Catalogue) -> Result<Self, Problems> {
        reading::read(text, |root| Self::from_root(root, catalogue))
    }

    fn from_root(root: &mut Table<'_>, catalogue: &impl Catalogue) -> Option<Self> {
        let catalogue = OwnProviders::read(root, catalogue);
        let sources =
            read_named(root, "sources", |name, table| Source::read(name, table, &catalogue));
        let destinations = read_named(root, "destinations", |name, table| {
            Destination::read(name, table).map(Arc::new)
        });
        let routes = read_routes(root, &sources, &destinations);
        let body_kept = read_retention(root);
        let mut secrets = Vec::new();
        for entry in &sources {
            secrets
                .extend(entry.value.iter().flat_map(|source| used_by_source(source, entry.line)));
        }
        for entry in &destinations {
            secrets.extend(entry.value.iter().filter_map(|to| used_by_destination(to, entry.line)));
        }
        let warnings = warnings::of(&warnings::Declared {
            sources: &lines(&sources, |entry| SourceName::new(&entry.name).ok()),
            destinations: &lines(&destinations, |entry| Some(entry.name.clone())),
            routes: &routes,
        });
        let deployment_warnings = warnings::of_deploying(&lines(&destinations, |entry| {
            let local = entry.value.as_ref().is_some_and(|to| to.is_local());
            local.then(|| entry.name.clone())
        }));
        let sources = sources.into_iter().filter_map(|entry| entry.value);
        let destinations = destinations.into_iter().filter_map(|entry| entry.value);
        Some(Self {
            sources: sources.map(|source| (source.name.clone(), source)).collect(),
            routes,
            destinations: destinations.map(|to| (to.name.clone(), to)).collect(),
            body_kept,
            secrets,
            warnings,
            deployment_warnings,
        })
    }

    /// The source of that name; `None` also for what is no name at all.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.get(&SourceName::new(name).ok()?)
    }

    /// All sources in the order of their names.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// The destination of that name.
    pub fn destination(&self, name: &str) -> Option<&Destination> {
        self.destinations.get(name).map(Arc::as_ref)
    }

    /// All destinations in the order of their names.
    pub fn destinations(&self) -> impl Iterator<Item = &Destination> {
        self.destinations.values().map(Arc::as_ref)
    }

    /// All routes in the order of the file.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Where an event goes: the destination of the first route that takes it.
    pub fn route(&self, source: &SourceName, kind: &Kind) -> Option<&Destination> {
        self.routes.iter().find(|route| route.takes(source, kind)).map(|route| route.to.as_ref())
    }

    /// How long a body is kept after it was written or renewed.
    pub fn body_kept(&self) -> Span {
        self.body_kept
    }

    /// How long a source's events are remembered once they are PROCESSED. Those of a source that is
    /// not configured any more are remembered for as long as any other's by default.
    pub fn dedupe_window(&self, source: &str) -> Span {
        self.source(source).map_or(Self::DEDUPE_WINDOW, |source| source.dedupe_window)
    }

    /// What is allowed but probably not meant, in the order of lines.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// What is right on one's own machine but will not do in AWS, in the order of lines.
    pub fn deployment_warnings(&self) -> &[Problem] {
        &self.deployment_warnings
    }

    /// The secrets that are needed, those of sources first.
    pub fn secrets(&self) -> &[SecretUse] {
        &self.secrets
    }

    /// One problem for each secret that is needed but not known, in the order of lines.
    pub fn missing_secrets(&self, is_known: impl Fn(&SecretName) -> bool) -> Vec<Problem> {
        let unknown = self.secrets.iter().filter(|needed| !is_known(&needed.name));
        let mut missing: Vec<Problem> = unknown
            .map(|needed| Problem {
                line: needed.line,
                message: format!("there is no secret `{}` ({})", needed.name, needed.purpose),
            })
            .collect();
        missing.sort();
        missing
    }
}

/// A named table of the document; `value` is `None` where it has problems.
struct Entry<T> {
    name: String,
    line: usize,
    value: Option<T>,
}

fn read_named<T>(
    root: &mut Table<'_>,
    key: &'static str,
    read: impl Fn(&str, &mut Table<'_>) -> Option<T>,
) -> Vec<Entry<T>> {
    let mut entries = Vec::new();
    for (name, mut table) in root.tables(key) {
        let line = table.line();
        let value = read(&name, &mut table);
        table.finish();
        entries.push(Entry { name, line, value });
    }
    entries
}

fn read_routes(
    root: &mut Table<'_>,
    sources: &[Entry<Source>],
    destinations: &[Entry<Arc<Destination>>],
) -> Vec<Route> {
    let sources: Vec<_> = sources
        .iter()
        .map(|entry| (entry.name.clone(), SourceName::new(&entry.name).ok()))
        .collect();
    let destinations: Vec<_> =
        destinations.iter().map(|entry| (entry.name.clone(), entry.value.clone())).collect();
    let known = Known { sources: &sources, destinations: &destinations };
    let mut routes = Vec::new();
    for mut table in root.array("routes") {
        routes.extend(Route::read(&mut table, &known));
        table.finish();
    }
    routes
}

fn read_retention(root: &mut Table<'_>) -> Span {
    let written = root.table("retention").and_then(|mut table| {
        let days = table.optional_integer("body_days", LEAST_BODY_DAYS..=MOST_BODY_DAYS);
        table.finish();
        days
    });
    written.map_or(Configuration::BODY_KEPT, |days| Span::from_days(days.unsigned_abs()))
}

fn lines<T, N>(entries: &[Entry<T>], name: impl Fn(&Entry<T>) -> Option<N>) -> Vec<(N, usize)> {
    entries.iter().filter_map(|entry| Some((name(entry)?, entry.line))).collect()
}

fn used_by_source(source: &Source, line: usize) -> Vec<SecretUse> {
    let name = source.name.as_str();
    let signing = (&source.secret, format!("verifies source `{name}`"));
    let polling = source
        .reconcile
        .as_ref()
        .map(|reconcile| (&reconcile.api_key, format!("API key to reconcile source `{name}`")));
    let greeting =
        source.verify_token.as_ref().map(|token| (token, format!("handshakes of source `{name}`")));
    [source.provider.scheme().needs_secret().then_some(signing), greeting, polling]
        .into_iter()
        .flatten()
        .map(|(name, purpose)| SecretUse { name: name.clone(), purpose, line })
        .collect()
}

fn used_by_destination(destination: &Destination, line: usize) -> Option<SecretUse> {
    let Target::Http(http) = &destination.target else { return None };
    let purpose = format!("signs what goes to destination `{}`", destination.name);
    Some(SecretUse { name: http.secret.clone(), purpose, line })
}
