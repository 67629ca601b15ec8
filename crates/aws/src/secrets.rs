//! The signing secrets: one secret in Secrets Manager, a JSON object of names and values. A value
//! is a text, or a list of texts while a secret is being rotated, the newest first. Only the
//! current version of it counts: a leaked value is worthless once it is taken out.

use crate::cause;
use aws_sdk_secretsmanager::Client;
use holdfast_domain::secret::Secret;
use holdfast_pipeline::ports::{Error, Result, SecretStore};
use serde_json::{Map, Value};
use std::collections::HashMap;

const LOAD: &str = "load the secrets";

/// The stack's secret.
#[derive(Clone, Debug)]
pub struct StackSecret {
    client: Client,
    id: String,
}

impl StackSecret {
    /// The secret of that name or ARN.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into() }
    }
}

impl SecretStore for StackSecret {
    async fn load(&self) -> Result<HashMap<String, Vec<Secret>>> {
        let get = self.client.get_secret_value().secret_id(&self.id);
        let mut got = get.send().await.map_err(|error| Error::new(LOAD, cause::of(&error)))?;
        let text = got.secret_string.take().map(Secret::new);
        let text = text.ok_or_else(|| Error::new(LOAD, "it has no text"))?;
        read(text.expose()).ok_or_else(|| Error::new(LOAD, "it is not a JSON object"))
    }
}

/// The parser's own words would repeat parts of what it could not read.
fn read(json: &str) -> Option<HashMap<String, Vec<Secret>>> {
    let entries: Map<String, Value> = serde_json::from_str(json).ok()?;
    Some(entries.into_iter().filter_map(|(name, value)| named(name, value)).collect())
}

/// One odd entry is one source's trouble, not everybody's.
fn named(name: String, value: Value) -> Option<(String, Vec<Secret>)> {
    let values = match value {
        Value::String(text) => Some(vec![Secret::new(text)]),
        Value::Array(values) => values.into_iter().map(text).collect(),
        _ => None,
    };
    if values.is_none() {
        tracing::error!(%name, "a secret is neither a text nor a list of texts");
    }
    Some((name, values?))
}

fn text(value: Value) -> Option<Secret> {
    match value {
        Value::String(text) => Some(Secret::new(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(json: &str, name: &str) -> Option<Vec<String>> {
        let read = read(json)?;
        let values = read.get(name)?;
        Some(values.iter().map(|value| value.expose().to_owned()).collect())
    }

    #[test]
    fn a_value_or_several() {
        let json = r#"{"stripe":"whsec_1","github":["new","old"],"slack":[]}"#;
        assert_eq!(values(json, "stripe").unwrap(), ["whsec_1"]);
        assert_eq!(values(json, "github").unwrap(), ["new", "old"]);
        assert!(values(json, "slack").unwrap().is_empty());
        assert_eq!(values(json, "acme"), None);
    }

    #[test]
    fn one_odd_entry_spoils_only_itself() {
        let json = r#"{"stripe":1,"github":["a",2],"slack":{"a":"b"},"acme":"ok","none":null}"#;
        assert_eq!(read(json).unwrap().len(), 1);
        assert_eq!(values(json, "acme").unwrap(), ["ok"]);
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        for json in ["", "whsec_1", "[]", "\"a\"", "{\"a\":\"b\"", "null"] {
            assert!(read(json).is_none(), "{json}");
        }
    }
}
