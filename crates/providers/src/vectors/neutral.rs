//! From a corpus' neutral description of a scheme to the words of `holdfast.toml`: the way a user
//! would describe a provider of their own.

use super::row::NeutralScheme;
use holdfast_domain::provider::Provider;
use holdfast_domain::reading::read;
use std::fmt::Write as _;

/// A generic provider with this scheme.
///
/// # Errors
/// Which part of the scheme cannot be expressed.
pub fn generic(scheme: &NeutralScheme) -> Result<Provider, String> {
    let text = describe(scheme)?;
    read(&text, Provider::read_generic).map_err(|problems| format!("{problems}\nin\n{text}"))
}

fn describe(scheme: &NeutralScheme) -> Result<String, String> {
    let unsupported = |what: &str| format!("{what} cannot be expressed");
    let algorithm = scheme.alg.strip_prefix("hmac-").ok_or_else(|| unsupported(&scheme.alg))?;
    let header =
        scheme.sig_header.as_ref().ok_or_else(|| unsupported("a signature in the body"))?;
    let signed = scheme.signed.as_ref().ok_or_else(|| unsupported("unnamed content"))?;
    let key = match scheme.key.as_deref() {
        Some("utf8") | None => "text",
        Some(other) => other,
    };
    let mut text = String::from("[scheme]\n");
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(text, "{key} = {value:?}");
    };
    put("header", header);
    put("algorithm", algorithm);
    put("encoding", scheme.encoding.as_deref().unwrap_or("hex"));
    put("key", key);
    // A timestamp without a unit is signed but not judged.
    let judged = scheme.ts_unit.is_some();
    let stamp = match (&scheme.ts_header, judged) {
        (Some(name), false) => format!("{{header:{name}}}"),
        _ => "{timestamp}".to_owned(),
    };
    put("content", &signed.replace("{ts}", &stamp));
    if let Some(id) = &scheme.id_header {
        put("id", id);
    }
    format_words(scheme).into_iter().for_each(|(key, value)| put(key, &value));
    if judged {
        if let Some(place) = scheme.ts_header.as_ref().or(scheme.ts_json.as_ref()) {
            put("timestamp", place);
        }
        put("timestamp_unit", scheme.ts_unit.as_deref().unwrap_or("s"));
        put(
            "future",
            if scheme.future.as_deref() == Some("accept") { "accept" } else { "tolerate" },
        );
        if let Some(secs) = scheme.tolerance_s {
            let _ = writeln!(text, "tolerance_secs = {secs}");
        }
    }
    Ok(text)
}

/// `t={ts},v1={sig}`, `v1,{sig}` and `sha256={sig}` as separator and prefixes.
fn format_words(scheme: &NeutralScheme) -> Vec<(&'static str, String)> {
    let format = scheme.sig_format.as_deref().unwrap_or("{sig}");
    let before = format.split("{sig}").next().unwrap_or_default();
    let multi = scheme.multi.as_deref().unwrap_or_default();
    if let Some((stamp, rest)) = before.split_once("{ts}") {
        let (separator, prefix) = rest.split_at_checked(1).unwrap_or_default();
        return vec![
            ("timestamp_prefix", stamp.to_owned()),
            ("separator", separator.to_owned()),
            ("prefix", prefix.to_owned()),
        ];
    }
    let separator = match multi.split(' ').next() {
        Some("space") => Some(" "),
        Some("comma") => Some(","),
        _ => None,
    };
    let prefix = (!before.is_empty()).then(|| ("prefix", before.to_owned()));
    separator.map(|one| ("separator", one.to_owned())).into_iter().chain(prefix).collect()
}
