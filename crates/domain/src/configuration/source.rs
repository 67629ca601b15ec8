//! `[sources.<name>]`: an endpoint that a provider posts to.

use super::Catalogue;
use super::address::Address;
use super::reconcile::Reconcile;
use super::secret_name::{self, SecretName};
use crate::provider::{Mark, Provider, only};
use crate::reading::Table;
use crate::signature::Scheme;
use crate::source::SourceName;
use crate::time::Span;
use std::sync::Arc;

/// What to do with a signed request whose body cannot be parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unparsable {
    /// Store it with kind `unknown`: refusing it may lose it.
    #[default]
    Store,
    /// Refuse it with a 4xx, so that the provider shows the failure.
    Reject,
}

/// What to answer when the event is stored but its ticket could not be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSendFailure {
    /// 200: the event is durable and the sweep sends the ticket, minutes later.
    #[default]
    Accept,
    /// 503: for providers that retry soon, whose events are worth more than their patience.
    Refuse,
}

/// A configured endpoint.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, the last segment of its path.
    pub name: SourceName,
    /// Who posts to it and how that is proved.
    pub provider: Arc<Provider>,
    /// What its signing secret is called; by default like the source.
    pub secret: SecretName,
    /// What the token is called with which its provider identifies itself at a handshake.
    pub verify_token: Option<SecretName>,
    /// The origins that may announce themselves at a handshake.
    pub allowed_origins: Vec<String>,
    /// The longest body that is accepted, in bytes.
    pub max_body_bytes: usize,
    /// The longest list of events that is taken apart.
    pub max_items: usize,
    /// What to do with a signed body that cannot be parsed.
    pub unparsable: Unparsable,
    /// What to answer when the ticket could not be sent.
    pub on_send_failure: OnSendFailure,
    /// Whether the provider's repetition of a DEAD event replays it.
    pub replay_dead: bool,
    /// For how long a processed event is remembered.
    pub dedupe_window: Span,
    /// How the provider is asked for events that never arrived.
    pub reconcile: Option<Reconcile>,
}

impl Source {
    /// The largest request Lambda takes (6 MiB, "Lambda quotas"), and so the largest body that can
    /// reach the receiver; in practice less, since the request comes wrapped in JSON, and binary
    /// bodies in base64. As a default it refuses nothing that the platform delivers.
    pub const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

    /// The longest list that is taken apart by default. An item takes the receiver as long as an
    /// event, about 4 ms of processor time with 256 MB (`docs/PERFORMANCE.md`), and all have to
    /// be stored before the provider gives up.
    pub const MAX_ITEMS: usize = 1000;

    /// The shortest dedupe window: longer than any provider repeats an event by itself or on demand.
    pub const LEAST_DEDUPE_DAYS: u32 = 30;

    /// The dedupe window where neither the source nor its provider says one.
    pub const DEDUPE_WINDOW: Span = Span::from_days(90);

    pub(super) fn read(
        name: &str,
        table: &mut Table<'_>,
        catalogue: &impl Catalogue,
    ) -> Option<Self> {
        let named = SourceName::new(name).ok();
        if named.is_none() {
            table.problem(format!(
                "`{name}` is no name for a source: 1 to 40 characters of a-z, 0-9, `-` and `_`"
            ));
        }
        let provider = read_provider(table, catalogue).and_then(|found| read_url(table, found));
        let provider = provider.and_then(|found| read_only(table, found));
        let provider = read_tolerance(table, provider);
        let written = secret_name::optional(table, "secret");
        let secret = written.or_else(|| SecretName::new(name));
        let verify_token = read_verify_token(table, provider.as_deref());
        let allowed_origins = table.strings("allowed_origins");
        let most = i64::try_from(Self::MAX_BODY_BYTES).unwrap_or(i64::MAX);
        let max_body_bytes = table.optional_integer("max_body_bytes", 1..=most);
        let max_items = table.optional_integer("max_items", 1..=10_000);
        let unparsable = table.optional_one_of(
            "unparsable",
            &[("store", Unparsable::Store), ("reject", Unparsable::Reject)],
        );
        let on_send_failure = table.optional_one_of(
            "on_send_failure",
            &[("accept", OnSendFailure::Accept), ("refuse", OnSendFailure::Refuse)],
        );
        let replay_dead = table.boolean("replay_dead", false);
        let dedupe_window = read_dedupe(table, provider.as_deref());
        let reconcile = table.table("reconcile").and_then(|mut inner| {
            let read =
                Reconcile::read(&mut inner, provider.as_deref(), dedupe_window, secret.as_ref());
            inner.finish();
            read
        });
        Some(Self {
            name: named?,
            provider: provider?,
            secret: secret?,
            verify_token,
            allowed_origins,
            max_body_bytes: max_body_bytes
                .and_then(|bytes| usize::try_from(bytes).ok())
                .unwrap_or(Self::MAX_BODY_BYTES),
            max_items: max_items
                .and_then(|items| usize::try_from(items).ok())
                .unwrap_or(Self::MAX_ITEMS),
            unparsable: unparsable.unwrap_or_default(),
            on_send_failure: on_send_failure.unwrap_or_default(),
            replay_dead,
            dedupe_window,
            reconcile,
        })
    }
}

fn read_provider(table: &mut Table<'_>, catalogue: &impl Catalogue) -> Option<Arc<Provider>> {
    let names = catalogue.names();
    let choices: Vec<(&str, &str)> =
        names.iter().copied().chain([Provider::GENERIC]).map(|name| (name, name)).collect();
    let chosen = table.one_of("provider", &choices);
    if chosen == Some(Provider::GENERIC) {
        return Provider::read_generic(table).map(Arc::new);
    }
    for key in ["scheme", "event"] {
        if !table.has(key) {
            continue;
        }
        if let Some(chosen) = chosen {
            table.problem_on_line(
                table.line_of(key),
                format!(
                    "`{key}` is for provider = \"{}\"; \"{chosen}\" defines its own: take away one \
                     of the two",
                    Provider::GENERIC
                ),
            );
        }
        // The key is known now: one complaint about it, or about the provider, is enough.
        drop(table.table(key));
    }
    chosen.and_then(|name| catalogue.find(name))
}

/// Gives a provider that signs its own request's URL the URL that it was told: the one that a
/// request shows has passed gateways and stages.
fn read_url(table: &mut Table<'_>, provider: Arc<Provider>) -> Option<Arc<Provider>> {
    let line = table.line_of("public_url");
    let written = table.optional_string("public_url");
    match (written, provider.scheme().needs_public_url()) {
        (None, false) => Some(provider),
        (None, true) => {
            table.problem("`public_url` is missing: the signature covers the URL that is called");
            None
        }
        (Some(_), false) => {
            table.problem_on_line(line, "`public_url` is for signatures that cover the URL");
            None
        }
        (Some(url), true) => match Address::parse(&url) {
            Ok(_) => Some(Arc::new(Provider::clone(&provider).with_public_url(url))),
            Err(problem) => {
                table.problem_on_line(line, format!("`public_url` {problem}"));
                None
            }
        },
    }
}

/// Another limit for the age of requests than the provider's, where the source sets one.
fn read_tolerance(table: &mut Table<'_>, provider: Option<Arc<Provider>>) -> Option<Arc<Provider>> {
    let line = table.line_of("tolerance_secs");
    let judged = provider.as_ref().map(|provider| provider.scheme().tolerances());
    let range = judged.clone().flatten().unwrap_or(Scheme::TOLERANCE_SECS);
    let Some(secs) = table.optional_integer("tolerance_secs", range) else { return provider };
    let provider = provider?;
    if judged == Some(None) {
        table.problem_on_line(
            line,
            format!(
                "`tolerance_secs` is for schemes that say when a request was signed: \"{}\" has \
                 neither a timestamp nor tokens with `issued_within_secs`",
                provider.name()
            ),
        );
    }
    let tolerance = Span::from_secs(secs.unsigned_abs());
    Some(Arc::new(Provider::clone(&provider).with_tolerance(tolerance)))
}

/// What the source listens to, where others can have signatures of the same provider.
fn read_only(table: &mut Table<'_>, provider: Arc<Provider>) -> Option<Arc<Provider>> {
    let accepted = only::read(table);
    let missing: Vec<&Mark> = provider
        .needs_only()
        .iter()
        .filter(|mark| !accepted.iter().any(|(known, _)| known == *mark))
        .collect();
    for place in &missing {
        table.problem(format!(
            "`only` is missing: \"{}\" signs for anybody, so say which are yours, as in \
             only = {{ \"{place}\" = [\"…\"] }}",
            provider.name()
        ));
    }
    if !missing.is_empty() {
        return None;
    }
    if accepted.is_empty() {
        return Some(provider);
    }
    Some(Arc::new(Provider::clone(&provider).with_only(accepted)))
}

/// The name of the token that is compared at a handshake; without one, such handshakes fail.
fn read_verify_token(table: &mut Table<'_>, provider: Option<&Provider>) -> Option<SecretName> {
    let line = table.line_of("verify_token");
    let name = secret_name::optional(table, "verify_token");
    if name.is_some() && provider.is_some_and(|provider| !provider.needs_verify_token()) {
        let why = "`verify_token` is for providers that send one at a handshake";
        table.problem_on_line(line, why);
    }
    name
}

/// A provider that the source describes itself has taken the key already.
fn read_dedupe(table: &mut Table<'_>, provider: Option<&Provider>) -> Span {
    let range = i64::from(Source::LEAST_DEDUPE_DAYS)..=3650;
    let written = table.optional_integer("dedupe_days", range);
    let usual = provider.map_or(Source::DEDUPE_WINDOW, Provider::dedupe);
    let window = written.map_or(usual, |days| Span::from_days(days.unsigned_abs()));
    window.max(Span::from_days(u64::from(Source::LEAST_DEDUPE_DAYS)))
}
