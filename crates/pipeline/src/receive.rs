//! Receive a webhook: prove it, identify it, accept it, and answer.
//!
//! ```text
//! source by path ─▶ size ─▶ signature ─▶ freshness ─▶ handshake? ─▶ identity ─▶ accept ─▶ 200
//!       │            │          │            │            │            │           │
//!      401          413        401          401       its answer   unparsable:  503: not durable
//!                            503: ours                             400 if so set
//! ```
//!
//! A request may hold several events, each with a key of its own: it is answered 200 when all are
//! stored. A list without any is answered 200 too: a provider's test.
//!
//! A method that the source's provider does not use is answered 405, and a handshake that the
//! provider does not sign before the signature is looked for.
//!
//! Nothing is written before the signature holds but offers ([`offers`]), and no JSON is parsed,
//! except for the providers whose signature or unsigned handshake stands in it. A stranger sees the
//! same 401 whatever is wrong with a request. What may be fine but cannot be judged is answered 503,
//! so that its provider comes again: the source's secret is not there or cannot be used, its public
//! URL is not set, or the provider's keys could not be had where they lie. The reason is a fact.

use crate::accept::{Accepted, Arrival, Rules, accept};
use crate::equal_bodies::EqualBodies;
use crate::facts::Fact;
use crate::key_pages::{KeyPages, Lack};
use crate::offers;
use crate::ports::Ports;
use crate::secrets::SecretCache;
use crate::web::{NoWeb, Visit, Web};
use futures_util::StreamExt;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::configuration::{Configuration, OnSendFailure, Source, Unparsable};
use holdfast_domain::identity::Found;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::{Reply, Terms as HandshakeTerms};
use holdfast_domain::record::{Origin, RecordKey};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{KeyPage, Known, Rejection, Verified, key_page_of, verify_with};
use std::sync::Arc;

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers beside the usual ones.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How many events of one request are stored at a time.
const AT_ONCE: usize = 32;

/// What became of one event of a request.
enum Stored {
    /// It is durable, and its ticket is sent, or was before.
    Sent,
    /// It is durable.
    NotSent,
    /// It is not known to be durable.
    Not,
}

/// Why a request was not proved.
enum Unproved {
    /// It is not believed, or the source is not set up to judge it.
    Rejected(Rejection),
    /// The provider's keys could not be had.
    WithoutKeys {
        /// Why.
        cause: String,
    },
}

/// The receiver: shared by all requests of a process.
pub struct Receiver<P> {
    ports: Arc<P>,
    configuration: Arc<Configuration>,
    secrets: SecretCache,
    web: Arc<dyn Web>,
    key_pages: KeyPages,
    equal_bodies: EqualBodies,
}

impl<P: Ports> Receiver<P> {
    /// A receiver for the sources of a configuration.
    pub fn new(ports: Arc<P>, configuration: Arc<Configuration>) -> Self {
        Self {
            ports,
            configuration,
            secrets: SecretCache::default(),
            web: Arc::new(NoWeb),
            key_pages: KeyPages::default(),
            equal_bodies: EqualBodies::default(),
        }
    }

    /// The same receiver, able to fetch its providers' keys and to visit what they ask for.
    #[must_use]
    pub fn with_web(mut self, web: Arc<dyn Web>) -> Self {
        self.web = web;
        self
    }

    /// The ports it works with.
    pub fn ports(&self) -> &P {
        &self.ports
    }

    /// Answers a request.
    pub async fn receive(&self, inbound: &Inbound) -> Answer {
        let Some(source) =
            source_name(&inbound.path).and_then(|name| self.configuration.source(name))
        else {
            return self.reject(None, "unknown_source", Answer::unauthorized());
        };
        if !source.provider.speaks(&inbound.method) {
            return self.reject(Some(source), "method", Answer::wrong_method());
        }
        if inbound.body.len() > source.max_body_bytes {
            return self.reject(Some(source), "too_large", Answer::too_large());
        }
        let secrets = match self.secrets.get(self.ports.as_ref(), source.secret.as_str()).await {
            Ok(secrets) => secrets,
            Err(error) => return self.without_secret(source, error.to_string()),
        };
        if let Some(answer) = self.greet(source, inbound, &secrets).await {
            return answer;
        }
        match self.prove(source, inbound, &secrets).await {
            // Other methods are for handshakes alone.
            Ok(verified)
                if verified.handshake().is_none() && !source.provider.sends(&inbound.method) =>
            {
                self.reject(Some(source), "method", Answer::wrong_method())
            }
            Ok(verified) => self.believe(source, &verified).await,
            Err(Unproved::WithoutKeys { cause }) => self.without_page(source, cause),
            Err(Unproved::Rejected(rejection)) if rejection.is_ours() => {
                self.without_secret(source, rejection.to_string())
            }
            Err(Unproved::Rejected(rejection)) => {
                self.reject(Some(source), rejection.name(), Answer::unauthorized())
            }
        }
    }

    /// Answers a handshake that nobody signs.
    async fn greet(
        &self,
        source: &Source,
        inbound: &Inbound,
        secrets: &[Secret],
    ) -> Option<Answer> {
        let verify_tokens = match &source.verify_token {
            Some(name) => self.secrets.get(self.ports.as_ref(), name.as_str()).await.ok()?,
            None => Vec::new(),
        };
        let terms = HandshakeTerms {
            secrets,
            verify_tokens: &verify_tokens,
            allowed_origins: &source.allowed_origins,
        };
        let reply = source.provider.greet(inbound, &terms)?;
        match source.provider.offered(inbound, &terms) {
            None => Some(self.reply(source, reply).await),
            Some(secret) => self.take_offer(source, &secret, reply).await,
        }
    }

    /// Keeps an offered secret for an operator, and answers its handshake; not when there is no more
    /// room for it.
    async fn take_offer(&self, source: &Source, secret: &Secret, reply: Reply) -> Option<Answer> {
        match offers::keep(self.ports.as_ref(), &source.name, secret).await {
            Ok(true) => {
                let name = source.name.to_string();
                self.ports.facts().record(Fact::SecretOffered { source: name });
                Some(self.reply(source, reply).await)
            }
            Ok(false) => None,
            Err(error) => {
                let (source, cause) = (source.name.to_string(), error.to_string());
                self.ports.facts().record(Fact::NotStored { source, cause });
                Some(Answer::unavailable())
            }
        }
    }

    /// Visits the page that a proved handshake asks for, if any; without that it is not answered.
    async fn reply(&self, source: &Source, reply: Reply) -> Answer {
        if let Some(url) = &reply.visit {
            let cause = match self.web.get(url).await {
                Ok(Visit::Page(_)) => None,
                Ok(Visit::None(status)) => Some(format!("the page to confirm answered {status}")),
                Err(error) => Some(error.to_string()),
            };
            if let Some(cause) = cause {
                return self.without_page(source, cause);
            }
        }
        self.ports.facts().record(Fact::Handshake { source: source.name.to_string() });
        Answer::of(reply)
    }

    /// Opens the secrets before the first request needs them.
    ///
    /// # Errors
    /// When they cannot be loaded; the first request tries again.
    pub async fn warm_up(&self) -> crate::ports::Result<()> {
        self.secrets.warm_up(self.ports.as_ref()).await
    }

    /// Checks the signature; where it does not fit, once more with keys or secrets that changed since.
    async fn prove<'r>(
        &self,
        source: &'r Source,
        inbound: &'r Inbound,
        secrets: &[Secret],
    ) -> Result<Verified<'r>, Unproved> {
        let Some(address) = key_page_of(&source.provider, inbound)? else {
            return Ok(self.prove_with(source, inbound, secrets, None).await?);
        };
        let (name, now) = (source.name.as_str(), self.ports.now());
        let page = self.key_pages.get(&*self.web, name, &address, now).await?;
        let rejection = match self.prove_with(source, inbound, secrets, Some(&page)).await {
            Ok(verified) => {
                self.key_pages.proved(&page.url);
                return Ok(verified);
            }
            Err(rejection) => rejection,
        };
        if !rejection.may_be_an_old_secret() && !rejection.is_without_keys() {
            return Err(rejection.into());
        }
        // Where it cannot be found out whether there are newer keys, the request may be fine.
        match self.key_pages.get_newer(&*self.web, name, &page, now).await? {
            None => Err(rejection.into()),
            Some(newer) => {
                let verified = self.prove_with(source, inbound, secrets, Some(&newer)).await?;
                self.key_pages.proved(&newer.url);
                Ok(verified)
            }
        }
    }

    /// Checks the signature with these keys; where it does not fit, once more with newer secrets.
    async fn prove_with<'r>(
        &self,
        source: &'r Source,
        inbound: &'r Inbound,
        secrets: &[Secret],
        keys: Option<&KeyPage>,
    ) -> Result<Verified<'r>, Rejection> {
        let ports = self.ports.as_ref();
        let verify =
            |secrets| verify_with(&source.provider, inbound, &Known { secrets, keys }, ports.now());
        let first = verify(secrets);
        let Err(rejection) = first else { return first };
        if !rejection.may_be_an_old_secret() {
            return Err(rejection);
        }
        match self.secrets.get_newer(ports, source.secret.as_str(), secrets).await {
            Some(newer) => verify(&newer),
            None => Err(rejection),
        }
    }

    async fn believe(&self, source: &Source, verified: &Verified<'_>) -> Answer {
        if let Some(reply) = verified.handshake() {
            return self.reply(source, reply).await;
        }
        let contents = verified.contents(self.ports.now(), source.max_items);
        let unread = contents.events.iter().find(|found| !found.identity.parsed);
        if let Some(found) = unread {
            if source.unparsable == Unparsable::Reject {
                return self.reject(Some(source), "unparsable", Answer::bad_request());
            }
            let key = RecordKey::event(&source.name, &found.identity.key);
            self.ports.facts().record(Fact::Unparsable { key });
        }
        if let Some(items) = contents.too_long {
            let source = source.name.to_string();
            self.ports.facts().record(Fact::NotTakenApart { source, items: items as u64 });
        }
        if !source.provider.key_is_signed() {
            contents.events.iter().for_each(|found| self.notice_equal(source, found));
        }
        let arrivals = contents.events.into_iter().map(|found| {
            let headers = verified.headers_of(&found);
            Arrival::found(source, found, headers)
        });
        self.accept_all(source, arrivals.collect()).await
    }

    /// Notices a body that came before under another key, where the key is not signed.
    fn notice_equal(&self, source: &Source, found: &Found) {
        let (key, body) = (&found.identity.key, BodyHash::of(&found.body));
        if let Some(other) = self.equal_bodies.seen(&source.name, key, &body) {
            let key = RecordKey::event(&source.name, key);
            let other = RecordKey::event(&source.name, &other);
            self.ports.facts().record(Fact::EqualBody { key, other });
        }
    }

    /// Accepts the events of a request, several at a time, in any order: each is durable on its own.
    ///
    /// ```text
    /// all stored                   -> 200
    /// one not, the others stored   -> 503: the provider comes again with all of them, and those
    ///                                 that are stored are duplicates then
    /// ```
    ///
    /// One that cannot be stored does not keep the others from it.
    async fn accept_all(&self, source: &Source, arrivals: Vec<Arrival>) -> Answer {
        let answers: Vec<Stored> = futures_util::stream::iter(arrivals)
            .map(async |arrival| self.accept(source, &arrival).await)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let refused = answers.iter().any(|stored| match stored {
            Stored::Sent => false,
            Stored::NotSent => source.on_send_failure == OnSendFailure::Refuse,
            Stored::Not => true,
        });
        if refused { Answer::unavailable() } else { Answer::of(source.provider.acknowledgement()) }
    }

    async fn accept(&self, source: &Source, arrival: &Arrival) -> Stored {
        let rules =
            Rules { keep_body: self.configuration.body_kept(), replay_dead: source.replay_dead };
        match accept(self.ports.as_ref(), arrival, rules).await {
            Ok(Accepted::New { sent: false, .. }) => Stored::NotSent,
            Ok(_) => Stored::Sent,
            Err(error) => {
                let (source, cause) = (source.name.to_string(), error.to_string());
                self.ports.facts().record(Fact::NotStored { source, cause });
                Stored::Not
            }
        }
    }

    fn reject(&self, source: Option<&Source>, reason: &'static str, answer: Answer) -> Answer {
        let source = source.map(|source| source.name.to_string());
        self.ports.facts().record(Fact::Rejected { source, reason });
        answer
    }

    fn without_page(&self, source: &Source, cause: String) -> Answer {
        let source = source.name.to_string();
        self.ports.facts().record(Fact::PageNotFetched { source, cause });
        Answer::unavailable()
    }

    fn without_secret(&self, source: &Source, cause: String) -> Answer {
        let source = source.name.to_string();
        self.ports.facts().record(Fact::SecretUnavailable { source, cause });
        Answer::unavailable()
    }
}

/// The source's name in `/hooks/<name>`, also behind a stage's or a base path's prefix.
fn source_name(path: &str) -> Option<&str> {
    let (before, name) = path.rsplit_once('/')?;
    (before == "/hooks" || before.ends_with("/hooks")).then_some(name)
}

impl Arrival {
    /// An event of a request whose signature held.
    fn found(source: &Source, found: Found, headers: Vec<(String, String)>) -> Self {
        let identity = found.identity;
        Self {
            source: source.name.clone(),
            key: identity.key,
            kind: identity.kind,
            entity: identity.entity,
            version: identity.version,
            source_time: identity.source_time,
            headers,
            body: found.body,
            origin: Origin::Webhook,
        }
    }
}

impl From<Rejection> for Unproved {
    fn from(rejection: Rejection) -> Self {
        if rejection.is_without_keys() {
            return Self::WithoutKeys { cause: rejection.to_string() };
        }
        Self::Rejected(rejection)
    }
}

impl From<Lack> for Unproved {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Unknown(error) => Self::WithoutKeys { cause: error.to_string() },
            Lack::NoKey => Self::Rejected(Rejection::KeyUnusable),
        }
    }
}

impl Answer {
    fn text(status: u16, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        Self { status, headers, body: body.as_bytes().to_vec() }
    }

    fn of(reply: Reply) -> Self {
        Self { status: reply.status, headers: reply.headers, body: reply.body }
    }

    /// What is sent for a request that is none.
    pub fn bad_request() -> Self {
        Self::text(400, "bad request")
    }

    fn unauthorized() -> Self {
        Self::text(401, "unauthorized")
    }

    fn wrong_method() -> Self {
        Self::text(405, "method not allowed")
    }

    fn too_large() -> Self {
        Self::text(413, "payload too large")
    }

    fn unavailable() -> Self {
        Self::text(503, "try again later")
    }
}
