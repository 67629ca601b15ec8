//! A file of secrets as the stack's secret holds them: one JSON object, name → value or list of
//! values, the newest first. For the local runner and for samples; nothing is ever printed of it.

use anyhow::{Context, Result, bail};
use holdfast_domain::secret::Secret;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Names and values.
pub type Secrets = HashMap<String, Vec<Secret>>;

/// Reads a file.
///
/// # Errors
/// When it cannot be read or is not such an object; the message names the entry, never its value.
pub fn read(path: &Path) -> Result<Secrets> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read {}", path.display()))?;
    parse(&text).with_context(|| format!("in {}", path.display()))
}

fn parse(text: &str) -> Result<Secrets> {
    // The parser's own message could repeat a part of a secret; its place cannot.
    let parsed: Value = serde_json::from_str(text).map_err(|error| {
        anyhow::anyhow!("not JSON (line {}, column {})", error.line(), error.column())
    })?;
    let Value::Object(entries) = parsed else { bail!("not a JSON object of name -> value") };
    entries.into_iter().map(|(name, value)| Ok((name.clone(), values(&name, value)?))).collect()
}

fn values(name: &str, value: Value) -> Result<Vec<Secret>> {
    let texts = match value {
        Value::String(text) => vec![Value::String(text)],
        Value::Array(items) if !items.is_empty() => items,
        _ => bail!("`{name}` is neither a text nor a list of texts"),
    };
    let secret = |text| match text {
        Value::String(text) if !text.is_empty() => Some(Secret::new(text)),
        _ => None,
    };
    let secrets: Option<Vec<Secret>> = texts.into_iter().map(secret).collect();
    secrets.with_context(|| format!("`{name}` holds something that is no text, or an empty one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_or_several() {
        let secrets = parse(r#"{"stripe":"whsec_1","github":["new","old"]}"#).unwrap();
        let exposed = |name: &str| secrets[name].iter().map(Secret::expose).collect::<Vec<_>>();
        assert_eq!(exposed("stripe"), ["whsec_1"]);
        assert_eq!(exposed("github"), ["new", "old"]);
    }

    #[test]
    fn mistakes_are_named_without_the_secret() {
        for (text, expected) in [
            ("{\"a\": hunter2}", "not JSON (line 1, column 7)"),
            ("[\"hunter2\"]", "not a JSON object of name -> value"),
            (r#"{"a":{"b":"hunter2"}}"#, "`a` is neither a text nor a list of texts"),
            (r#"{"a":[]}"#, "`a` is neither a text nor a list of texts"),
            (r#"{"a":["hunter2",1]}"#, "`a` holds something that is no text, or an empty one"),
            (r#"{"a":""}"#, "`a` holds something that is no text, or an empty one"),
        ] {
            let problem = format!("{:#}", parse(text).expect_err(text));
            assert_eq!(problem, expected);
            assert!(!problem.contains("hunter2"));
        }
    }
}
