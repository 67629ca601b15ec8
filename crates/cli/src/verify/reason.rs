//! Why a signature does not fit, as far as trying tells: a wrong secret and a changed body look the
//! same, but what usually happens to bodies, secrets and addresses on their way can be undone and
//! tried. Only for people who look for the mistake: the receiver never does this.

use bytes::Bytes;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{KeyPage, Known, Rejection, verify_with};
use holdfast_domain::time::Timestamp;

/// What is known when a request is not believed.
pub(super) struct Case<'c> {
    pub(super) provider: &'c Provider,
    pub(super) inbound: &'c Inbound,
    pub(super) secrets: &'c [Secret],
    pub(super) keys: Option<&'c KeyPage>,
    pub(super) now: Timestamp,
}

impl Case<'_> {
    /// Likely reasons, the likeliest first; none if nothing that was tried fits.
    pub(super) fn reasons(&self, rejection: Rejection) -> Vec<String> {
        match rejection {
            Rejection::Mismatch => self.of_mismatch(),
            Rejection::SignatureMalformed | Rejection::SignatureMissing => self.of_headers(),
            _ => Vec::new(),
        }
    }

    fn of_mismatch(&self) -> Vec<String> {
        let mut found: Vec<String> = bodies(&self.inbound.body)
            .into_iter()
            .filter(|(_, body)| self.holds_with_body(body))
            .map(|(what, _)| format!("the body was changed: the signature fits {what}"))
            .collect();
        for (what, secrets) in secrets(self.secrets) {
            if !secrets.is_empty() && self.holds(self.provider, self.inbound, &secrets) {
                found.push(format!("the secret is written otherwise: the signature fits {what}"));
            }
        }
        if found.is_empty() {
            found.extend(self.of_other_providers());
        }
        if found.is_empty() && self.provider.scheme().needs_public_url() {
            found.push(
                "the URL is part of what is signed: compare `public_url` with what the provider was \
                 told, to the last slash"
                    .to_owned(),
            );
        }
        if found.is_empty() {
            found.push(
                "a wrong secret or a changed body, which cannot be told apart: take the body's bytes \
                 as they arrived, not as they were parsed and written again, and the secret of this \
                 very endpoint, not the API key"
                    .to_owned(),
            );
        }
        found
    }

    /// The same secrets under the schemes of other providers.
    fn of_other_providers(&self) -> Vec<String> {
        let others = holdfast_providers::names().filter_map(|name| {
            let other = holdfast_providers::find(name).ok()?;
            let same = other.scheme() == self.provider.scheme();
            let usable = other.scheme().needs_secret() && !other.scheme().needs_public_url();
            let holds = !same && usable && self.holds(other, self.inbound, self.secrets);
            holds.then(|| format!("the request is one of {}: provider = \"{name}\"", other.title()))
        });
        others.take(3).collect()
    }

    /// What stands in the headers in the signature's stead.
    fn of_headers(&self) -> Vec<String> {
        let mut found = self.of_other_providers();
        let looks = |name: &str| {
            ["signature", "hmac", "token", "authorization"].iter().any(|word| name.contains(word))
        };
        for (name, value) in self.inbound.headers.iter().filter(|(name, _)| looks(name)) {
            let value = String::from_utf8_lossy(value);
            let labels: Vec<&str> = value.split([',', ' ', ';', '&']).filter_map(label).collect();
            found.push(match labels.as_slice() {
                [] => format!("there is a header {name}, without labels of versions"),
                _ => format!("there is a header {name}, with {}", labels.join(", ")),
            });
        }
        found
    }

    fn holds_with_body(&self, body: &Bytes) -> bool {
        let changed = Inbound { body: body.clone(), ..self.inbound.clone() };
        self.holds(self.provider, &changed, self.secrets)
    }

    /// Whether the signature holds, fresh or not.
    fn holds(&self, provider: &Provider, inbound: &Inbound, secrets: &[Secret]) -> bool {
        let known = Known { secrets, keys: self.keys };
        !matches!(
            verify_with(provider, inbound, &known, self.now),
            Err(Rejection::Mismatch
                | Rejection::SignatureMissing
                | Rejection::SignatureMalformed
                | Rejection::NoUsableSecret
                | Rejection::PartMissing(_)
                | Rejection::KeyPlaceRefused
                | Rejection::KeyMissing
                | Rejection::KeyUnusable)
        )
    }
}

/// The label of an item such as `v1=…` or `sha256=…`, never what follows it. What nothing follows
/// but padding is no label: it is a whole value in base64, perhaps of a credential.
fn label(item: &str) -> Option<&str> {
    let at = item.find(['=', ':'])?;
    let (label, rest) = item.split_at_checked(at)?;
    let value = rest.get(1..)?.trim_start_matches('"');
    let short = (1..=12).contains(&label.len());
    let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let labelled = !value.is_empty() && !value.starts_with(['=', ':']);
    (short && plain && labelled).then(|| item.get(..=at)).flatten()
}

/// The body as it may have been before something changed it.
fn bodies(body: &Bytes) -> Vec<(&'static str, Bytes)> {
    let mut all = Vec::new();
    let end = body.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
    all.push(("without the line end after it", body.slice(..end)));
    all.push(("with a line end after it", Bytes::from([body, &b"\n"[..]].concat())));
    all.push(("with CR LF after it", Bytes::from([body, &b"\r\n"[..]].concat())));
    if let Ok(text) = std::str::from_utf8(body) {
        all.push(("with CR LF for its line ends", text.replace('\n', "\r\n").into()));
        all.push(("with LF for its line ends", text.replace("\r\n", "\n").into()));
        all.push(("without the blanks between its JSON values", compact(text, "", "").into()));
        all.push(("with a blank after `:` and `,`", compact(text, " ", " ").into()));
        all.push(("with a blank after `:` alone", compact(text, " ", "").into()));
        all.push(("without its byte order mark", text.replace('\u{feff}', "").into()));
        all.push(("with `\\u` escapes for what is not ASCII", escaped(text).into()));
    }
    all.push(("when it is empty", Bytes::new()));
    all.retain(|(_, other)| other != body);
    all
}

/// JSON without blanks outside of strings, in its own order; the given ones after `:` and `,`.
fn compact(text: &str, after_colon: &str, after_comma: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::with_capacity(text.len()), false, false);
    for one in text.chars() {
        if inside {
            inside = one != '"' || escaped;
            escaped = one == '\\' && !escaped;
            out.push(one);
            continue;
        }
        match one {
            ' ' | '\t' | '\r' | '\n' => {}
            '"' => {
                inside = true;
                out.push(one);
            }
            ':' => out.extend([":", after_colon]),
            ',' => out.extend([",", after_comma]),
            _ => out.push(one),
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        if one.is_ascii() {
            out.push(one);
        } else {
            let mut units = [0; 2];
            one.encode_utf16(&mut units)
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

/// The secrets as they may have been meant.
fn secrets(secrets: &[Secret]) -> Vec<(&'static str, Vec<Secret>)> {
    let each = |change: &dyn Fn(&str) -> Option<String>| -> Vec<Secret> {
        let changed = secrets.iter().filter_map(|secret| change(secret.expose()));
        changed.map(Secret::new).collect()
    };
    vec![
        (
            "without the blanks around it",
            each(&|text| (text != text.trim()).then(|| text.trim().to_owned())),
        ),
        ("with a line end after it", each(&|text| Some(format!("{text}\n")))),
        (
            "without what stands before its first `_`",
            each(&|text| text.split_once('_').map(|(_, rest)| rest.to_owned())),
        ),
        (
            "without quotation marks",
            each(&|text| (text.contains('"')).then(|| text.replace('"', ""))),
        ),
        (
            "when the text itself is the key, not decoded",
            each(&|text| {
                use base64::Engine;
                Some(base64::engine::general_purpose::STANDARD.encode(text))
            }),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_without_what_follows_them() {
        assert_eq!(label("v1=abcdef"), Some("v1="));
        assert_eq!(label("sha256=00ff"), Some("sha256="));
        for none in ["Zm9vYmFy=", "abc", "=x", "averylonglabelindeed=x", "a b=c"] {
            assert_eq!(label(none), None, "{none}");
        }
    }

    #[test]
    fn no_value_is_taken_for_a_label() {
        for none in ["YWJjOjEyMw==", "YWI6MTI=", "YWJjOjEy", "YQ==", "\"YWI=\"", "YQ==\"", "YWI=:x"]
        {
            assert_eq!(label(none), None, "{none}");
        }
        for (item, known) in [("v1=YWI=", "v1="), ("v1=YQ==", "v1="), ("token=\"YWI=\"", "token=")]
        {
            assert_eq!(label(item), Some(known), "{item}");
        }
    }

    #[test]
    fn json_keeps_its_order_and_its_strings() {
        let text = "{ \"b\" : [1, \"a, \\\" : \"],\n \"a\":{} }";
        assert_eq!(compact(text, "", ""), r#"{"b":[1,"a, \" : "],"a":{}}"#);
        assert_eq!(compact(r#"{"a":1,"b":2}"#, " ", " "), r#"{"a": 1, "b": 2}"#);
        assert_eq!(escaped("aé\u{1f600}"), "a\\u00e9\\ud83d\\ude00");
    }
}
