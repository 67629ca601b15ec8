//! What a row's receiver is configured with, in a corpus' neutral words.

use super::neutral::NeutralScheme;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;

/// The settings of a row. Read by name, so that settings of providers still unknown do no harm.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Config(Map<String, Value>);

/// The names under which corpora give what has to stay secret.
const SECRETS: [&str; 11] = [
    "secrets",
    "secret",
    "signing_keys",
    "signing_key",
    "signing_secret",
    "auth_token",
    "api_secret",
    "private_key",
    "private_keys",
    "client_state",
    "token",
];

impl Config {
    /// A text; `None` where there is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The texts of a list, or the one text in its stead.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(items)) => {
                items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
            }
            // Named values: the names are those of the keys.
            Some(Value::Object(named)) => {
                named.values().filter_map(|item| item.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What proves a request, any of which may: secrets, else public keys, credentials, or the id
    /// that stands in for a secret.
    pub fn secrets(&self) -> Vec<Secret> {
        self.secret_texts().into_iter().map(Secret::new).collect()
    }

    pub(super) fn secret_texts(&self) -> Vec<String> {
        let mut known: Vec<String> = SECRETS.iter().flat_map(|name| self.texts(name)).collect();
        if let (Some(user), Some(password)) = (self.plain("username"), self.plain("password")) {
            known.push(format!("{user}:{password}"));
        }
        let keys = self.texts("public_keys").into_iter().chain(self.texts("public_key"));
        if known.is_empty() {
            known.extend(keys);
            known.extend(self.texts("webhook_id"));
        }
        let mut once = Vec::new();
        for one in known {
            if !once.contains(&one) {
                once.push(one);
            }
        }
        once
    }

    /// The secrets in the form that a provider's scheme wants: with the names of their keys, where
    /// it has such names and the corpus gives them.
    pub fn secrets_for(&self, provider: &Provider) -> Vec<Secret> {
        if !provider.scheme().names_keys() {
            return self.secrets();
        }
        let (texts, names) = (self.secret_texts(), self.key_ids());
        let named = texts.iter().zip(&names).map(|(text, name)| format!("{name}:{text}"));
        // A corpus may give one name for several keys, or none.
        let rest = texts.iter().skip(names.len()).map(|text| match names.last() {
            Some(name) => format!("{name}:{text}"),
            None => text.clone(),
        });
        named.chain(rest).map(Secret::new).collect()
    }

    /// Whether an HMAC secret is all that is given.
    pub(super) fn has_only_secrets(&self) -> bool {
        self.texts("public_keys").is_empty() && !self.texts("secrets").is_empty()
    }

    /// The names of public keys, where a secret belongs to one.
    pub fn key_ids(&self) -> Vec<String> {
        if let Some(Value::Object(named)) = self.0.get("secrets") {
            return named.keys().cloned().collect();
        }
        ["key_ids", "public_keys", "public_key", "key_id", "key", "app_key", "api_key"]
            .iter()
            .flat_map(|name| self.texts(name))
            .collect()
    }

    /// The tokens that a provider identifies itself with at a handshake.
    pub fn verify_tokens(&self) -> Vec<Secret> {
        self.texts("verify_token").into_iter().map(Secret::new).collect()
    }

    /// The documents that stand in for the network: address and content.
    pub fn pages(&self) -> Vec<(String, String)> {
        let maps =
            ["certs", "jwks", "pages"].iter().filter_map(|name| self.0.get(*name)?.as_object());
        maps.flatten()
            .map(|(url, page)| {
                let text = page.as_str().map_or_else(|| page.to_string(), str::to_owned);
                (url.clone(), text)
            })
            .collect()
    }

    /// How old a timestamp may be.
    pub fn tolerance_secs(&self) -> Option<u64> {
        let value = self.0.get("tolerance_s")?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates; nobody tolerates so much"
        )]
        value.as_f64().filter(|secs| *secs > 0.0).map(|secs| secs as u64)
    }

    /// How the provider signs.
    pub fn scheme(&self) -> Option<NeutralScheme> {
        self.0.get("scheme")?.as_object().cloned().map(NeutralScheme::new)
    }

    fn plain(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

impl fmt::Debug for Config {
    /// Names only: the values are secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.keys()).finish()
    }
}
