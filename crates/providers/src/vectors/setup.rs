//! Which provider a row is about, in our terms, and how a source for it is set up.

use super::row::{OneOrMore, Row};
use crate::registry::{bearing, named};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use holdfast_domain::provider::Provider;
use holdfast_domain::time::Span;
use serde_json::Value;

/// The origin of a provider that a row describes itself.
pub const GENERIC: &str = "generic";

/// A provider for a row.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The provider, with the row's tolerance.
    pub provider: Provider,
    /// The definition's name, or [`GENERIC`] where the row describes the scheme itself.
    pub origin: String,
    /// The public URL that the source has to be given.
    pub public_url: Option<String>,
    /// What the source listens to: places, and the values that are accepted there.
    pub only: Vec<(String, Vec<String>)>,
    /// What had to be assumed.
    pub notes: Vec<String>,
}

impl Row {
    /// Our definition for the row's provider; if there is none, or none that looks where the row
    /// says that the signature stands, a generic provider from the row's own description.
    ///
    /// # Errors
    /// Why neither can be had.
    pub fn setup(&self) -> Result<Setup, String> {
        self.setup_as(self.known_as().unwrap_or(&self.provider))
    }

    /// The definition for a provider whose name we do not know, if the row's signature stands in a
    /// header that bears the name of one that we do.
    pub fn known_as(&self) -> Option<&'static str> {
        let scheme = self.config.scheme().filter(|_| named(&self.provider).is_empty())?;
        let bearing = bearing(scheme.header()?);
        bearing.into_iter().find(|one| self.fits(one)).map(Provider::name)
    }

    /// As [`Row::setup`], for a provider that goes by this name here.
    ///
    /// # Errors
    /// As [`Row::setup`].
    pub fn setup_as(&self, name: &str) -> Result<Setup, String> {
        let scheme = self.config.scheme();
        let defined = named(name);
        let Some(first) = defined.first() else { return self.generic_setup() };
        let fitting = defined.iter().find(|one| self.fits(one));
        if let Some(fitting) = fitting {
            return Ok(self.finish((*fitting).clone(), fitting.name(), Vec::new()));
        }
        let generic = scheme.as_ref().and_then(|scheme| scheme.provider().ok());
        let note = match &generic {
            Some(_) => format!(
                "`{}` looks for its signature elsewhere: taken with the scheme of the row",
                first.name()
            ),
            None => format!("`{}` looks for its signature elsewhere", first.name()),
        };
        let provider = match generic {
            Some(generic) => Provider::clone(first).with_scheme_of(&generic),
            None => Provider::clone(first),
        };
        Ok(self.finish(provider, first.name(), vec![note]))
    }

    /// A generic provider from the row's own description of the scheme, whether or not we have a
    /// definition.
    ///
    /// # Errors
    /// Why the scheme cannot be expressed.
    pub fn generic_setup(&self) -> Result<Setup, String> {
        let scheme = self.config.scheme();
        let scheme = scheme.ok_or("there is no definition, and the row describes no scheme")?;
        let note = "identified by where most providers say who an event is".to_owned();
        Ok(self.finish(scheme.provider()?, GENERIC, vec![note]))
    }

    /// Whether a definition looks where the row says that the proof stands, and for such a proof.
    fn fits(&self, provider: &Provider) -> bool {
        let Some(neutral) = self.config.scheme() else {
            // Where an endpoint is only given an HMAC secret, it is no scheme with public keys.
            return !(self.config.has_only_secrets() && provider.scheme().has_public_key());
        };
        let scheme = provider.scheme();
        let place = neutral.header().is_none_or(|header| scheme.looks_into(header));
        let proof = neutral.algorithm().is_none_or(|word| {
            scheme.algorithm() == word
                // Which of them it is, is a matter of configuration: the definition's word counts.
                || word.starts_with("sha") && scheme.algorithm().starts_with("sha")
        });
        place && proof
    }

    fn finish(&self, mut provider: Provider, origin: &str, mut notes: Vec<String>) -> Setup {
        if let Some(secs) = self.config.tolerance_secs() {
            provider = provider.with_tolerance(Span::from_secs(secs));
        }
        let public_url = provider.scheme().needs_public_url().then(|| {
            self.config.text("url").map(str::to_owned).unwrap_or_else(|| {
                notes.push("no public URL: taken from the request".to_owned());
                self.url_of_request()
            })
        });
        let only = self.only(&provider, &mut notes);
        Setup { provider, origin: origin.to_owned(), public_url, only, notes }
    }

    fn only(&self, provider: &Provider, notes: &mut Vec<String>) -> Vec<(String, Vec<String>)> {
        let mut only = Vec::new();
        for place in provider.needs_only().iter().map(ToString::to_string) {
            let names: &[&str] = match place.as_str() {
                "/TopicArn" => &["topic_arns", "topic_arn"],
                "claim:aud" => &["audience", "audiences", "aud", "url"],
                "claim:email" => &["service_account", "email", "service_account_email"],
                other => &[other],
            };
            let mut lists = names.iter().map(|name| self.config.texts(name));
            let mut values = lists.find(|values| !values.is_empty()).unwrap_or_default();
            if values.is_empty() {
                notes.push(format!("no {place}: taken from the request"));
                values.push(self.value_of_request(&place));
            }
            only.push((place, values));
        }
        only
    }

    fn value_of_request(&self, pointer: &str) -> String {
        if let Some(claim) = pointer.strip_prefix("claim:") {
            let headers = self.request.headers.values().map(OneOrMore::joined);
            let tokens = headers.filter_map(|value| claims(&value)?.get(claim).cloned());
            let mut texts = tokens.filter_map(|value| value.as_str().map(str::to_owned));
            return texts.next().unwrap_or_else(|| "unknown".to_owned());
        }
        let body = STANDARD.decode(&self.request.body_base64).unwrap_or_default();
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        let value = json.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or("unknown").to_owned()
    }

    fn url_of_request(&self) -> String {
        let host = self.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = host.map_or_else(|| "hooks.example.com".to_owned(), |(_, value)| value.joined());
        format!("https://{host}{}", self.request.path)
    }
}

/// What a header's token claims, if it is one.
fn claims(value: &str) -> Option<Value> {
    let claims = value.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
