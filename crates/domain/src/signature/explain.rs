//! What a signature was made of, for people who look for the reason why one does not fit: how long
//! it is and its hash, never the bytes. No part of the decision.

use super::proof::Proof;
use super::rejection::Rejection;
use super::token::without_scheme;
use super::verify::Check;
use crate::body_hash::BodyHash;
use crate::expression::Facts;
use crate::inbound::Inbound;
use crate::json;
use crate::provider::Provider;
use crate::secret::Secret;
use crate::time::Timestamp;

/// Bytes that are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBytes {
    /// How many they are.
    pub len: usize,
    /// Their SHA-256.
    pub hash: BodyHash,
}

/// What a request's signature has to cover: once for each content that its scheme knows, and for each
/// item of a list that is signed item by item, then the same for a second proof; nothing where
/// nothing of a request is covered.
///
/// # Errors
/// When a part of it is missing.
pub fn signed_bytes(
    provider: &Provider,
    inbound: &Inbound,
    secrets: &[Secret],
) -> Result<Vec<SignedBytes>, Rejection> {
    let document = provider.document(inbound);
    let secret = secrets.first().map(|secret| secret.expose().as_bytes()).unwrap_or_default();
    let mut all = Vec::new();
    for scheme in provider.scheme().proofs() {
        let check = Check { scheme, keys: &[], page: None, inbound, now: Timestamp::EPOCH };
        let items = match &scheme.each {
            None => vec![document.as_ref()],
            Some(list) => {
                let items = json::items_at(&document, list).unwrap_or_default();
                items.into_iter().map(str::as_bytes).collect()
            }
        };
        for item in items {
            all.extend(of_item(&check, item, secret)?);
        }
    }
    Ok(all)
}

fn of_item(
    check: &Check<'_>,
    document: &[u8],
    secret: &[u8],
) -> Result<Vec<SignedBytes>, Rejection> {
    let scheme = check.scheme;
    let facts = Facts::read_in(check.inbound, document, scheme.pointers());
    let values = scheme.carrier.values(&facts);
    let first = *values.first().ok_or(Rejection::SignatureMissing)?;
    match &scheme.proof {
        Proof::Token | Proof::Basic => Ok(Vec::new()),
        Proof::Jwt(_) => {
            let token = without_scheme(first, &scheme.format.prefix).unwrap_or_default();
            let end = token.iter().rposition(|byte| *byte == b'.').unwrap_or_default();
            Ok(vec![SignedBytes::of(token.get(..end).unwrap_or_default())])
        }
        Proof::Mac(..) | Proof::Ed25519(_) | Proof::EcdsaP256(_) | Proof::Rsa(..) => {
            let sent = check.sent(first)?;
            let url = scheme.public_url.as_deref();
            let mut signed = check.signed_values(&facts, url, sent);
            signed.secret = secret;
            let contents = scheme.contents.iter().map(|content| content.pieces(&signed));
            let known: Vec<_> = contents.collect();
            // Where there are several, some are for requests of another shape.
            if let (true, Some(Err(missing))) = (known.iter().all(Result::is_err), known.first()) {
                return Err(*missing);
            }
            let bytes = known.into_iter().flatten();
            Ok(bytes.map(|pieces| SignedBytes::of(&pieces.concat())).collect())
        }
    }
}

impl SignedBytes {
    fn of(bytes: &[u8]) -> Self {
        Self { len: bytes.len(), hash: BodyHash::of(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Headers;

    const MAC: &str = "header = \"S\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\n";

    fn explained(
        scheme: &str,
        headers: &[(&'static str, &'static str)],
        body: &'static str,
    ) -> Result<Vec<SignedBytes>, Rejection> {
        let text = format!("name = \"a\"\ntitle = \"A\"\n[scheme]\n{scheme}\n");
        let provider = Provider::from_toml(&text).expect("a provider");
        let headers: Headers = headers.iter().copied().collect();
        let secrets = [Secret::new("s"), Secret::new("older")];
        signed_bytes(&provider, &Inbound::post("/", headers, body), &secrets)
    }

    fn bytes(all: &[&str]) -> Result<Vec<SignedBytes>, Rejection> {
        Ok(all.iter().map(|one| SignedBytes::of(one.as_bytes())).collect())
    }

    #[test]
    fn what_a_code_covers() {
        let plain = format!("{MAC}content = \"{{header:X-At}}.{{body}}\"");
        assert_eq!(explained(&plain, &[("S", "00"), ("X-At", "17")], "{}"), bytes(&["17.{}"]));
        let missing = Err(Rejection::PartMissing(super::super::rejection::SignedPart::Header));
        assert_eq!(explained(&plain, &[("S", "00")], "{}"), missing);
        assert_eq!(explained(&plain, &[("X-At", "17")], "{}"), Err(Rejection::SignatureMissing));
        let secret = "header = \"S\"\nalgorithm = \"rsa-sha256\"\nencoding = \"base64\"\n\
                      certificate = \"header:C\"\ncertificate_from = [\"https://a.example/*\"]\n\
                      content = \"{body}{secret}\"";
        let headers = [("S", "AA=="), ("C", "https://a.example/c")];
        assert_eq!(explained(secret, &headers, "b"), bytes(&["bs"]), "the newest");
    }

    #[test]
    fn of_several_contents_those_that_there_are() {
        let both = format!("{MAC}content = [\"{{header:X-At}}.{{body}}\", \"{{body}}\\n\"]");
        assert_eq!(explained(&both, &[("S", "00")], "b"), bytes(&["b\n"]));
        assert_eq!(explained(&both, &[("S", "00"), ("X-At", "1")], "b"), bytes(&["1.b", "b\n"]));
    }

    #[test]
    fn what_a_token_covers_is_before_its_last_dot() {
        let token = "header = \"Authorization\"\nprefix = \"Bearer \"\nalgorithm = \"jwt-hs256\"";
        let found = explained(token, &[("Authorization", "Bearer aa.bb.cc")], "{}");
        assert_eq!(found, bytes(&["aa.bb"]));
    }

    #[test]
    fn a_bare_token_covers_nothing() {
        let token = "header = \"X-Token\"\nalgorithm = \"token\"";
        assert_eq!(explained(token, &[("X-Token", "s")], "{}"), Ok(Vec::new()));
    }
}
