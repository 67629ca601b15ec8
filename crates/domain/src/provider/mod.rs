//! Who sends: a provider's scheme, the rules of its events, its handshakes and a sample, all from
//! one TOML definition. A provider that needs no new algorithm needs no Rust.

mod acknowledgement;
mod definition;
mod handshake;
mod kept;
pub(crate) mod only;
mod retries;
mod sample;

pub use handshake::{Reply, Terms};
pub use only::Mark;
pub use retries::Retries;
pub use sample::Sample;

use crate::expression::{Facts, Place};
use crate::headers::Headers;
use crate::identity::Rules;
use crate::inbound::Inbound;
use crate::poll::Listing;
use crate::secret::Secret;
use crate::signature::{Message, Rejection, Scheme, Unsignable};
use crate::time::{Span, Timestamp};
use crate::xml;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    name: String,
    title: String,
    aliases: Vec<String>,
    scheme: Scheme,
    rules: Rules,
    keep: Vec<String>,
    retries: Retries,
    dedupe: Span,
    handshakes: Vec<handshake::Handshake>,
    acknowledgement: acknowledgement::Acknowledgement,
    sample: sample::Template,
    listing: Option<Listing>,
    methods: Vec<String>,
    json_in: Option<Place>,
    xml_in: Option<Place>,
    needs_only: Vec<only::Mark>,
    only: only::Only,
}

impl Provider {
    /// The name in `provider = "…"`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Other names that it goes by.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// How it signs.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// How it repeats what was not accepted.
    pub fn retries(&self) -> &Retries {
        &self.retries
    }

    /// For how long its events must be remembered: longer than it may send one again.
    pub fn dedupe(&self) -> Span {
        self.dedupe
    }

    /// Whether the signature covers the key of its events. Where it does not, somebody who caught a
    /// request can send it again under another key, as long as its timestamp (if any) is fresh.
    pub fn key_is_signed(&self) -> bool {
        let mut places = self.rules.key_places().peekable();
        // Without an id, the key is made of the whole body.
        let body = places.peek().is_some() || self.scheme.covers_body();
        body && places.all(|place| self.scheme.covers(place))
    }

    /// Whether its requests are lists of events, each stored on its own.
    pub fn sends_lists(&self) -> bool {
        self.rules.splits()
    }

    /// How it lists its events, where they can be listed under the ids that its webhooks carry.
    pub fn listing(&self) -> Option<&Listing> {
        self.listing.as_ref()
    }

    /// Whether its events can be listed, and so reconciled.
    pub fn is_listed(&self) -> bool {
        self.listing.is_some()
    }

    /// The same provider with another tolerance for its timestamps.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Span) -> Self {
        self.scheme = self.scheme.with_tolerance(tolerance);
        self
    }

    /// The same provider for a source that its provider knows under this URL.
    #[must_use]
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        self.scheme = self.scheme.with_public_url(url);
        self
    }

    /// The places at which a source has to say what it listens to.
    pub fn needs_only(&self) -> &[Mark] {
        &self.needs_only
    }

    /// The same provider for a source that listens to nothing else: places, and the values that are
    /// accepted there.
    #[must_use]
    pub fn with_only(mut self, accepted: Vec<(Mark, Vec<String>)>) -> Self {
        self.only = only::Only::new(accepted);
        self
    }

    pub(crate) fn listens_to(
        &self,
        inbound: &Inbound,
        document: &[u8],
        claims: &[Vec<u8>],
    ) -> Result<(), Rejection> {
        self.only.judge(inbound, document, claims)
    }

    /// Whether a listed event is meant for the source, as its webhook would be.
    pub(crate) fn lists_for(&self, item: &Inbound) -> bool {
        self.only.judge(item, &item.body, &[]).is_ok()
    }

    /// Where a source looks for whom a request is meant that its listed events cannot answer: beside the
    /// event, or in the whole that it is an item of.
    pub(crate) fn mark_beside_events(&self) -> Option<&Mark> {
        self.only.marks().find(|mark| self.rules.splits() || mark.pointer().is_none())
    }

    /// The same provider with another's way of signing.
    #[must_use]
    pub fn with_scheme_of(mut self, other: &Self) -> Self {
        self.scheme = other.scheme.clone();
        self
    }

    /// A sample request of this provider, signed, as `holdfast send` posts it. `id` becomes part of
    /// the event's id. Where the provider signs with a private key, one has to be among the secrets.
    ///
    /// # Errors
    /// [`Unsignable`] when no secret has the format of the scheme's keys.
    pub fn signed_sample(
        &self,
        secrets: &[Secret],
        id: &str,
        now: Timestamp,
    ) -> Result<Sample, Unsignable> {
        let mut sample = self.only.mark(self.sample.fill(id, now));
        if let Some(token) = self.scheme.second_token(secrets, now, &self.only.claims())? {
            sample = sample.with_token(&token);
        }
        let headers: Headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
        if sample.carries_signature() {
            let inbound = Inbound::post("/", headers.clone(), sample.body.clone());
            let document = self.document(&inbound);
            let message = Message { id, at: now, headers: &headers, body: &sample.body };
            let signature = self.scheme.sign_document(secrets, &message, &document)?;
            return Ok(sample.with_signature(&signature));
        }
        let message = Message { id, at: now, headers: &headers, body: &sample.body };
        sample.headers.extend(self.sign(secrets, &message)?);
        Ok(sample)
    }

    /// Signs a message by the provider's scheme, as one that is meant for this source.
    ///
    /// # Errors
    /// As [`Scheme::sign`].
    pub fn sign(
        &self,
        secrets: &[Secret],
        message: &Message<'_>,
    ) -> Result<Vec<(String, String)>, Unsignable> {
        self.scheme.sign_claiming(secrets, message, &self.only.claims())
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The answer to a handshake that nobody signs, to be asked for before anything is verified.
    /// Costs nothing for a request that cannot be one.
    pub fn greet(&self, inbound: &Inbound, terms: &Terms<'_>) -> Option<Reply> {
        handshake::greet(&self.handshakes, inbound, || self.document(inbound), terms)
    }

    /// The secret that such a handshake offers, if it does: an operator's business. It is never used
    /// by itself.
    pub fn offered(&self, inbound: &Inbound, terms: &Terms<'_>) -> Option<Secret> {
        handshake::offered(&self.handshakes, inbound, || self.document(inbound), terms)
    }

    /// What to answer when all events of a request are stored.
    pub fn acknowledgement(&self) -> Reply {
        self.acknowledgement.reply()
    }

    /// Whether requests with this method may come from it, as events or as handshakes.
    pub fn speaks(&self, method: &str) -> bool {
        self.sends(method) || self.handshakes.iter().any(|one| one.method() == method)
    }

    /// Whether its events come with this method.
    pub fn sends(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
    }

    /// Whether one of its handshakes wants the source's own token.
    pub fn needs_verify_token(&self) -> bool {
        self.handshakes.iter().any(handshake::Handshake::needs_token)
    }

    pub(crate) fn answer(&self, inbound: &Inbound, secret: &Secret) -> Option<Reply> {
        handshake::answer(&self.handshakes, inbound, || self.document(inbound), secret)
    }

    /// The JSON of a request: its body, or the field of a form that holds it.
    pub(crate) fn document(&self, inbound: &Inbound) -> Bytes {
        if let Some(place) = &self.xml_in {
            let facts = Facts::without_json(inbound);
            let text = base64_text(facts.at(place).unwrap_or_default());
            return text.and_then(|text| xml::to_json(&text)).map(Bytes::from).unwrap_or_default();
        }
        let Some(place) = &self.json_in else { return inbound.body.clone() };
        let facts = Facts::without_json(inbound);
        Bytes::copy_from_slice(facts.at(place).unwrap_or_default())
    }

    pub(crate) fn kept_headers(&self, headers: &Headers) -> Vec<(String, String)> {
        kept::kept(&self.keep, headers)
    }
}

/// Base64 with line ends, as it is written in forms. Only who an event is depends on it, after its
/// text as it was sent is proved.
fn base64_text(text: &[u8]) -> Option<Vec<u8>> {
    let plain: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).ok()
}
