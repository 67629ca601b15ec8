//! From a corpus' neutral description of a scheme to the words of `holdfast.toml`: the way a user
//! would describe a provider of their own.

use holdfast_domain::provider::Provider;
use holdfast_domain::reading::read;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// A signature scheme in a corpus' neutral words.
#[derive(Clone, Debug, Default)]
pub struct NeutralScheme(Map<String, Value>);

/// Where providers commonly say who an event is: a corpus does not tell, a user would.
const IDENTITY: &str = r#"
[event]
key = ["header:webhook-id", "header:svix-id", "/id", "/event_id", "/eventId", "/event/id", "/data/id", "/uuid", "/MessageId", "/notification_id", "/meta/webhook_id", "/events/0/id", "/0/id"]
kind = ["/type", "/event_type", "/eventType", "/event", "/event/type", "/event/event_type", "/topic", "/action", "/kind", "/name", "/events/0/type", "/0/type"]
"#;

impl NeutralScheme {
    pub(super) const fn new(words: Map<String, Value>) -> Self {
        Self(words)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The header that the proof stands in.
    pub(super) fn header(&self) -> Option<&str> {
        self.text("sig_header").or_else(|| self.text("header"))
    }

    /// The word for the kind of proof, in the spelling of a definition where there is one.
    pub(super) fn algorithm(&self) -> Option<&'static str> {
        let word = self.text("alg")?.to_ascii_lowercase().replace('_', "-");
        let has = |part: &str| word.contains(part);
        Some(match () {
            () if has("jwt") || has("hs256") || has("rs256") || has("es256") => match () {
                () if has("rs256") || has("rsa") => "jwt-rs256",
                () if has("es256") || has("ecdsa") => "jwt-es256",
                () => "jwt-hs256",
            },
            () if has("hmac") && has("512") => "sha512",
            () if has("hmac") && has("256") => "sha256",
            () if has("hmac") && has("sha1") || has("sha-1") => "sha1",
            () if has("ed25519") || has("eddsa") => "ed25519",
            () if has("ecdsa") => "ecdsa-p256",
            () if has("token") || has("bearer") || has("shared") => "token",
            () if has("basic") => "basic",
            () => return None,
        })
    }

    /// A generic provider with this scheme, identified where most providers say who an event is.
    ///
    /// # Errors
    /// Which part of the scheme cannot be expressed.
    pub(super) fn provider(&self) -> Result<Provider, String> {
        let text = format!("{}{IDENTITY}", self.describe()?);
        read(&text, Provider::read_generic).map_err(|problems| format!("{problems}\nin\n{text}"))
    }

    fn describe(&self) -> Result<String, String> {
        let unknown = || format!("{:?} cannot be expressed", self.text("alg"));
        let algorithm = self.algorithm().ok_or_else(unknown)?;
        let mut text = String::from("[scheme]\n");
        let mut put = |key: &str, value: &str| {
            let _ = writeln!(text, "{key} = {value:?}");
        };
        if algorithm == "jwt-rs256" || algorithm == "jwt-es256" {
            return Err("nobody says where the token's keys lie".to_owned());
        }
        put("algorithm", algorithm);
        match (self.header(), self.text("sig_location")) {
            (Some(header), _) => put("header", header),
            (None, Some(place)) => match place.split_once("/*/") {
                Some((list, rest)) => {
                    put("each", list);
                    put("signature", &format!("/{rest}"));
                }
                None => put("signature", place),
            },
            (None, None) if algorithm == "basic" || algorithm.starts_with("jwt") => {
                put("header", "Authorization");
            }
            (None, None) => return Err("nobody says where the signature stands".to_owned()),
        }
        if algorithm == "token" || algorithm.starts_with("jwt") {
            if let Some(prefix) = self.text("prefix") {
                put("prefix", prefix);
            }
            for claim in ["body_claim", "body_claim_encoding", "url_claim", "issuer"] {
                if let Some(value) = self.text(claim) {
                    put(claim, value);
                }
            }
            return Ok(text);
        }
        if algorithm == "basic" {
            return Ok(text);
        }
        put("encoding", self.encoding());
        put("key", self.key(algorithm)?);
        self.signed(&mut put)?;
        if let Some(secs) = self.0.get("tolerance_s").and_then(Value::as_u64)
            && self.judges_time()
        {
            let _ = writeln!(text, "tolerance_secs = {secs}");
        }
        if !text.contains("{body}") && !text.contains("{form_sorted}") {
            text.push_str("partial = true\n");
        }
        if text.contains("{url}{form_sorted}") {
            // What Twilio, whose scheme this is, says beside it.
            text.push_str("url_ports = true\nbody_hash = \"query:bodySHA256\"\n");
            return Ok(format!("methods = [\"POST\", \"GET\"]\n{text}"));
        }
        Ok(text)
    }

    fn encoding(&self) -> &'static str {
        let word = self.text("encoding").unwrap_or("hex").to_ascii_lowercase();
        match () {
            () if word.contains("url") => "base64url",
            () if word.contains("base64") => "base64",
            () => "hex",
        }
    }

    fn key(&self, algorithm: &str) -> Result<&'static str, String> {
        let word = self.text("key").unwrap_or("utf8").to_ascii_lowercase();
        Ok(match () {
            () if word.contains("whpk") => "whpk",
            () if word.contains("whsec") => "whsec",
            () if word.contains("base64") => "base64",
            () if word.contains("hex") && !word.contains("text") => "hex",
            () if word.contains("nfkd") => "nfkd",
            () if word.contains("sha1") || word.contains("sha-1") => "sha1",
            () if algorithm == "ed25519" => "hex",
            () if ["utf8", "utf-8", "text", "raw", "ascii"]
                .iter()
                .any(|one| word.contains(one)) =>
            {
                "text"
            }
            () => return Err(format!("a key as {word:?} cannot be expressed")),
        })
    }

    /// A timestamp without a unit is signed but not judged.
    fn judges_time(&self) -> bool {
        self.text("ts_unit").is_some() || self.text("ts_in").is_some() || self.is_standard()
    }

    /// Standard Webhooks, whose header says all that is left unsaid.
    fn is_standard(&self) -> bool {
        self.header().is_some_and(|header| header.eq_ignore_ascii_case("webhook-signature"))
    }

    /// A header beside that of the signature, by the usual way of naming them.
    fn sibling(&self, named: &str, what: &str) -> Option<String> {
        let beside = || {
            let header = self.header()?.to_ascii_lowercase();
            header.contains("signature").then(|| header.replace("signature", what))
        };
        self.text(named).map(str::to_owned).or_else(beside)
    }

    fn signed(&self, put: &mut impl FnMut(&str, &str)) -> Result<(), String> {
        let signed = self.text("signed").unwrap_or("{body}");
        if !signed.contains('{') {
            return Err(format!("what is signed is only described: {signed}"));
        }
        let words = self.format_words();
        let in_signature = words.iter().any(|(key, _)| *key == "timestamp_prefix");
        let stamped = signed.contains("{ts}") && !in_signature;
        let header = stamped.then(|| self.sibling("ts_header", "timestamp")).flatten();
        let judged = in_signature || self.judges_time();
        let stamp = match &header {
            Some(name) if !judged => format!("{{header:{name}}}"),
            _ => "{timestamp}".to_owned(),
        };
        let content = signed
            .replace("{ts}", &stamp)
            .replace("{json:", "{")
            .replace("{sorted form key+value}", "{form_sorted}");
        put("content", &content);
        if content.contains("{id}") {
            let id = self.sibling("id_header", "id");
            put("id", &id.ok_or("nobody says where the message's id stands")?);
        }
        words.iter().for_each(|(key, value)| put(key, value));
        if judged {
            if !in_signature {
                let place = header.or_else(|| self.text("ts_json").map(str::to_owned));
                put("timestamp", &place.ok_or("nobody says where the timestamp stands")?);
            }
            put("timestamp_unit", self.text("ts_unit").unwrap_or("s"));
            let future = self.text("future").unwrap_or("reject");
            put("future", if future.contains("accept") { "accept" } else { "tolerate" });
        }
        Ok(())
    }

    /// `t={ts},v1={sig}`, `v1,{sig}` and `sha256={sig}` as separator and prefixes.
    fn format_words(&self) -> Vec<(&'static str, String)> {
        let format = self.text("sig_format").unwrap_or("{sig}");
        let before = format.split("{sig}").next().unwrap_or_default();
        let multi = self.text("multi").unwrap_or_default();
        if let Some((stamp, rest)) = before.split_once("{ts}") {
            let at = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
            let (separator, prefix) = rest.split_at_checked(at).unwrap_or_default();
            return vec![
                ("timestamp_prefix", stamp.to_owned()),
                ("separator", separator.to_owned()),
                ("prefix", prefix.to_owned()),
            ];
        }
        let separator = match multi.split(' ').next() {
            Some("space") => Some(" "),
            Some("comma") => Some(","),
            _ if self.is_standard() => Some(" "),
            _ => None,
        };
        let prefix = (!before.is_empty()).then(|| ("prefix", before.to_owned()));
        separator.map(|one| ("separator", one.to_owned())).into_iter().chain(prefix).collect()
    }
}
