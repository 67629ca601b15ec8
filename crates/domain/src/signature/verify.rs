//! The check itself.

use super::content::{Content, Signed};
use super::key::Key;
use super::key_page::{KeyAddress, KeyPage};
use super::key_text::{NamedKey, PublicKey, keys_in};
use super::mac::{Encoding, Tag};
use super::proof::{Proof, RsaHash};
use super::public_key;
use super::rejection::{Rejection, SignedPart};
use super::scheme::{Scheme, first_header};
use super::stamp::Stamp;
use super::token::{Jwt, JwtAlgorithm, is_basic, is_hash_of, without_scheme};
use super::verified::Verified;
use crate::expression::Facts;
use crate::inbound::Inbound;
use crate::json;
use crate::provider::Provider;
use crate::secret::Secret;
use crate::time::Timestamp;
use subtle::Choice;

/// What is known of a source's provider when a request arrives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    /// The secrets, any of which may fit.
    pub secrets: &'k [Secret],
    /// The page of keys that [`key_page_of`] asks for, if it could be had.
    pub keys: Option<&'k KeyPage>,
}

/// The address of the page of keys that a request is to be proved with; `None` for the many
/// providers whose keys are secrets of the source.
///
/// # Errors
/// When the request names a page that is not its provider's.
pub fn key_page_of(
    provider: &Provider,
    inbound: &Inbound,
) -> Result<Option<KeyAddress>, Rejection> {
    let scheme = provider.scheme();
    let Some(keys) = scheme.key_place() else { return Ok(None) };
    let document = provider.document(inbound);
    let facts = Facts::read_in(inbound, &document, keys.pointer().into_iter());
    keys.address(&facts).map(Some)
}

/// Proves a request by secrets alone, or says why it is not believed.
///
/// # Errors
/// As [`verify_with`].
pub fn verify<'r>(
    provider: &'r Provider,
    inbound: &'r Inbound,
    secrets: &[Secret],
    now: Timestamp,
) -> Result<Verified<'r>, Rejection> {
    verify_with(provider, inbound, &Known { secrets, keys: None }, now)
}

/// Proves a request, or says why it is not believed.
///
/// Every candidate signature of the header is compared with the code under every secret, on decoded
/// bytes and in constant time; which of them fitted does not change the time taken.
///
/// # Errors
/// A [`Rejection`]; the caller of the endpoint learns only that there was one.
pub fn verify_with<'r>(
    provider: &'r Provider,
    inbound: &'r Inbound,
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Verified<'r>, Rejection> {
    let scheme = provider.scheme();
    let nobodys = Secret::new("");
    let keys: Vec<(&Secret, Key<'_>)> = if scheme.takes_secret() {
        known.secrets.iter().filter_map(|one| Some((one, scheme.key_of(one)?))).collect()
    } else {
        vec![(&nobodys, Key::Text(b""))]
    };
    if keys.is_empty() {
        return Err(Rejection::NoUsableSecret);
    }
    let document = provider.document(inbound);
    let check = Check { scheme, keys: &keys, page: known.keys, inbound, now };
    let mut claims = Vec::new();
    let (signed_at, secret) = check.whole(&document, &mut claims)?;
    let second = [(&nobodys, Key::Text(b""))];
    if let Some(also) = &scheme.also {
        // Its tokens may have been issued long before what they come with: the time of the event
        // is the first proof's business.
        Check { scheme: also, keys: &second, ..check }.whole(&document, &mut claims)?;
    }
    provider.listens_to(inbound, &document, &claims)?;
    let reply = provider.answer(inbound, secret);
    Ok(Verified { provider, inbound, signed_at, reply })
}

/// One proof's verification: of a request, or of each item of its list.
#[derive(Clone, Copy)]
pub(super) struct Check<'c> {
    pub(super) scheme: &'c Scheme,
    pub(super) keys: &'c [(&'c Secret, Key<'c>)],
    pub(super) page: Option<&'c KeyPage>,
    pub(super) inbound: &'c Inbound,
    pub(super) now: Timestamp,
}

impl<'c> Check<'c> {
    /// The signed time and the secret that fitted; of a list, those of its last item, after all of
    /// them held. What its tokens claim is added to `claims`, token by token.
    fn whole(
        &self,
        document: &[u8],
        claims: &mut Vec<Vec<u8>>,
    ) -> Result<(Option<Timestamp>, &'c Secret), Rejection> {
        let Some(list) = &self.scheme.each else { return self.item(document, claims) };
        // A list without items proves nothing.
        let mut proved = Err(Rejection::SignatureMissing);
        for item in json::items_at(document, list).unwrap_or_default() {
            proved = Ok(self.item(item.as_bytes(), claims)?);
        }
        proved
    }

    fn item(
        &self,
        document: &[u8],
        claims: &mut Vec<Vec<u8>>,
    ) -> Result<(Option<Timestamp>, &'c Secret), Rejection> {
        let (scheme, inbound) = (self.scheme, self.inbound);
        let facts = if scheme.pointers().next().is_some() {
            Facts::read_in(inbound, document, scheme.pointers())
        } else {
            Facts::without_json(inbound)
        };
        let values = scheme.carrier.values(&facts);
        let first = *values.first().ok_or(Rejection::SignatureMissing)?;
        match &scheme.proof {
            Proof::Token => Ok((
                None,
                self.compared(&values, |secret, value| {
                    let prefix = &scheme.format.prefix;
                    without_scheme(value, prefix).map(|token| secret.matches(token))
                })?,
            )),
            Proof::Basic => Ok((None, self.compared(&values, is_basic)?)),
            Proof::Jwt(jwt) => {
                let prefix = &scheme.format.prefix;
                let token = without_scheme(first, prefix).ok_or(Rejection::SignatureMalformed)?;
                let secret = match jwt.algorithm() {
                    JwtAlgorithm::Hs256 => self.fitting(|key| jwt.is_signed(key, token))?,
                    _ => self.public_token(jwt, token, &facts)?,
                };
                let url = scheme.public_url.as_deref();
                let issued = jwt.judge(token, inbound, url, self.now)?;
                claims.push(Jwt::claims(token).ok_or(Rejection::SignatureMalformed)?);
                Ok((issued, secret))
            }
            Proof::Mac(..) | Proof::Ed25519(_) | Proof::EcdsaP256(_) | Proof::Rsa(..) => {
                self.signed(document, &facts, &values, first)
            }
        }
    }

    fn signed(
        &self,
        document: &[u8],
        facts: &Facts<'_>,
        values: &[&[u8]],
        first: &[u8],
    ) -> Result<(Option<Timestamp>, &'c Secret), Rejection> {
        let (scheme, inbound) = (self.scheme, self.inbound);
        let sent = self.sent(first)?;
        let url = scheme.public_url.as_deref();
        let with_port = url.filter(|_| scheme.url_ports).and_then(with_port);
        let mut outcome = Err(Rejection::SignatureMalformed);
        for url in
            [url, with_port.as_deref()].into_iter().take(1 + usize::from(with_port.is_some()))
        {
            let signed = self.signed_values(facts, url, sent);
            for content in &scheme.contents {
                outcome = likelier(outcome, self.content(content, values, &signed));
            }
        }
        let secret = outcome?;
        if let Some(place) = &scheme.body_hash {
            match facts.at(place) {
                Some(claimed) => is_hash_of(Encoding::HexAnyCase, claimed, &inbound.body)?,
                None if inbound.body.is_empty() => {}
                None if scheme.signs_form() && !facts.whole_form().is_empty() => {}
                None => return Err(Rejection::PartMissing(SignedPart::BodyHash)),
            }
        }
        let judge = |stamp: &Stamp| stamp.judge(sent, document, self.now);
        Ok((scheme.timestamp.as_ref().map(judge).transpose()?, secret))
    }

    /// The timestamp that was sent outside the body, where the scheme has one there.
    pub(super) fn sent(&self, first: &'c [u8]) -> Result<Option<&'c [u8]>, Rejection> {
        let stamp = self.scheme.timestamp.as_ref();
        let sent = stamp.map(|stamp| stamp.sent(&self.scheme.format, self.inbound, first));
        Ok(sent.transpose()?.flatten())
    }

    /// The values that templates of signed content are filled with.
    pub(super) fn signed_values<'v>(
        &'v self,
        facts: &'v Facts<'v>,
        url: Option<&'v str>,
        timestamp: Option<&'v [u8]>,
    ) -> Signed<'v> {
        let (scheme, inbound) = (self.scheme, self.inbound);
        Signed {
            method: &inbound.method,
            url,
            query: &inbound.query,
            unescaped: &scheme.unescaped,
            facts,
            timestamp,
            timestamp_name: scheme.timestamp.as_ref().and_then(Stamp::header),
            id: first_header(&inbound.headers, &scheme.id),
            body: &inbound.body,
            body_hashed: scheme.body_hash.is_some(),
            secret: b"",
        }
    }

    /// The secret under which one of the candidates is a signature of a content.
    fn content(
        &self,
        content: &Content,
        values: &[&[u8]],
        signed: &Signed<'_>,
    ) -> Result<&'c Secret, Rejection> {
        if let Proof::Rsa(hash, encoding) = &self.scheme.proof {
            return self.rsa(content, (hash, *encoding), values, signed);
        }
        let pieces = content.pieces(signed)?;
        if self.scheme.is_given_away(&pieces) {
            return Err(Rejection::Mismatch);
        }
        let format = &self.scheme.format;
        let texts = || values.iter().flat_map(|value| format.candidates(value));
        let named = |secret: &Secret, text| match &self.scheme.key_name {
            None => Some(text),
            Some(name) => name.signature(self.scheme.key_name_of(secret), text, signed.facts),
        };
        match &self.scheme.proof {
            Proof::Mac(algorithm, encoding) => {
                let claimed = |secret: &Secret| -> Vec<Tag> {
                    let texts = texts().filter_map(|text| named(secret, text));
                    texts.filter_map(|text| algorithm.decode(*encoding, text)).collect()
                };
                self.tried(|secret, key| {
                    let claimed = claimed(secret);
                    if claimed.is_empty() {
                        return None;
                    }
                    let mut mac = algorithm.start(key)?;
                    pieces.iter().for_each(|piece| mac.update(piece));
                    let computed = mac.finish();
                    let fits = claimed.iter().map(|one| computed.equals(one));
                    Some(bool::from(fits.fold(Choice::from(0), |all, one| all | one)))
                })
            }
            Proof::Ed25519(encoding) => {
                let content = pieces.concat();
                self.fitting(|key| {
                    let check = |text| public_key::ed25519(*encoding, key, &content, text);
                    texts().filter_map(check).reduce(|all, one| all | one)
                })
            }
            Proof::EcdsaP256(encoding) => {
                let content = pieces.concat();
                self.fitting(|key| {
                    let check = |text| public_key::ecdsa_p256(*encoding, key, &content, text);
                    texts().filter_map(check).reduce(|all, one| all | one)
                })
            }
            Proof::Rsa(..) | Proof::Token | Proof::Basic | Proof::Jwt(_) => {
                Err(Rejection::SignatureMalformed)
            }
        }
    }

    /// A token under a public key. One in order whose key is not among ours does not fit, as a
    /// signature under an unknown secret does not: the provider may have published a new key since.
    fn public_token(
        &self,
        jwt: &Jwt,
        token: &[u8],
        facts: &Facts<'_>,
    ) -> Result<&'c Secret, Rejection> {
        let tried = self.tried_keys(facts, |_, key| Ok(jwt.is_signed_by(key, token)));
        tried.map_err(|why| match why {
            Rejection::SignatureMalformed if jwt.parts(token).is_some() => Rejection::Mismatch,
            why => why,
        })
    }

    fn rsa(
        &self,
        content: &Content,
        (hash, encoding): (&RsaHash, Encoding),
        values: &[&[u8]],
        signed: &Signed<'_>,
    ) -> Result<&'c Secret, Rejection> {
        /// As long as the longest key.
        const LONGEST: usize = 1024;
        let hash = hash.of(signed.facts).ok_or(Rejection::SignatureMalformed)?;
        let format = &self.scheme.format;
        let texts = values.iter().flat_map(|value| format.candidates(value));
        let claimed: Vec<Vec<u8>> =
            texts.filter_map(|text| encoding.decode(text, LONGEST)).collect();
        self.tried_keys(signed.facts, |secret, key| {
            let PublicKey::Rsa(key) = &key.key else { return Ok(None) };
            let signed = Signed { secret: secret.expose().as_bytes(), ..*signed };
            let pieces = content.pieces(&signed)?;
            let fits = |signature: &Vec<u8>| {
                key.verify(hash, pieces.iter().map(|piece| piece.as_ref()), signature)
            };
            Ok(claimed.iter().map(fits).reduce(|all, one| all | one))
        })
    }

    /// Tries all public keys: those of the page that the scheme names, or those that the secrets are.
    fn tried_keys(
        &self,
        facts: &Facts<'_>,
        fits: impl Fn(&Secret, &NamedKey) -> Result<Option<bool>, Rejection>,
    ) -> Result<&'c Secret, Rejection> {
        let shared = match &self.scheme.keys {
            None => None,
            Some(place) => {
                let address = place.address(facts)?;
                let page = self.page.filter(|page| page.url == address.url);
                let page = page.ok_or(Rejection::KeyMissing)?;
                Some(address.keys_on(&page.text, self.now))
                    .filter(|keys| !keys.is_empty())
                    .ok_or(Rejection::KeyUnusable)
                    .map(Some)?
            }
        };
        let mut outcome = Err(Rejection::SignatureMalformed);
        for (secret, _) in self.keys {
            let own = match &shared {
                Some(_) => Vec::new(),
                None => keys_in(secret.expose(), self.now),
            };
            for key in shared.as_deref().unwrap_or(&own) {
                outcome = match (fits(secret, key)?, outcome) {
                    (Some(true), _) => Ok(*secret),
                    (Some(false), Err(_)) => Err(Rejection::Mismatch),
                    (_, before) => before,
                };
            }
        }
        outcome
    }

    /// Tries every secret on every value.
    fn compared(
        &self,
        values: &[&[u8]],
        fits: impl Fn(&Secret, &[u8]) -> Option<bool>,
    ) -> Result<&'c Secret, Rejection> {
        self.tried(|secret, _| {
            values.iter().filter_map(|value| fits(secret, value)).reduce(|all, one| all | one)
        })
    }

    fn fitting(&self, fits: impl Fn(&[u8]) -> Option<bool>) -> Result<&'c Secret, Rejection> {
        self.tried(|_, key| fits(key))
    }

    /// Tries all keys, whichever fits; `None` from all of them means that there was nothing to try.
    fn tried(
        &self,
        fits: impl Fn(&Secret, &[u8]) -> Option<bool>,
    ) -> Result<&'c Secret, Rejection> {
        let mut outcome = Err(Rejection::SignatureMalformed);
        for (secret, key) in self.keys {
            outcome = match (fits(secret, key.bytes()), outcome) {
                (Some(true), _) => Ok(*secret),
                (Some(false), Err(_)) => Err(Rejection::Mismatch),
                (_, before) => before,
            };
        }
        outcome
    }
}

/// Of two attempts that failed, the one that says more: a signature of something else is more than
/// none at all, and a part that is missing for one content need not be there for another.
fn likelier<'c>(
    before: Result<&'c Secret, Rejection>,
    after: Result<&'c Secret, Rejection>,
) -> Result<&'c Secret, Rejection> {
    match (before, after) {
        (Ok(secret), _) | (_, Ok(secret)) => Ok(secret),
        (Err(Rejection::Mismatch), _) | (Err(_), Err(Rejection::Mismatch)) => {
            Err(Rejection::Mismatch)
        }
        (Err(Rejection::SignatureMalformed), after) => after,
        (before, _) => before,
    }
}

/// A URL of https with its port, or without it if it has one.
fn with_port(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://")?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(at)?;
    match host.strip_suffix(":443") {
        Some(host) => Some(format!("https://{host}{path}")),
        None if host.contains(':') => None,
        None => Some(format!("https://{host}:443{path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body_hash::BodyHash;
    use crate::headers::Headers;
    use crate::time::Span;

    const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);

    fn provider(scheme: &str) -> Provider {
        let common = "name = \"acme\"\ntitle = \"Acme\"\n[scheme]\nheader = \"S\"\n\
                      algorithm = \"sha256\"\nencoding = \"hex\"\n";
        Provider::from_toml(&format!("{common}{scheme}")).expect("a valid definition")
    }

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::new(*text)).collect()
    }

    /// A request as the provider signs it at a point in time.
    fn signed(provider: &Provider, secret: &str, at: Timestamp) -> Inbound {
        let sample = provider.signed_sample(&secrets(&[secret]), "1", at).expect("signed");
        let headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
        Inbound::post("/hooks/acme", headers, sample.body)
    }

    fn with(inbound: &Inbound, name: &str, value: impl AsRef<[u8]>) -> Inbound {
        let others = inbound.headers.iter().filter(|(known, _)| *known != name);
        let mut headers: Headers = others.collect();
        headers.add(name, value);
        Inbound { headers, ..inbound.clone() }
    }

    const STAMPED: &str = "content = \"{timestamp}.{body}\"\ntimestamp = \"T\"\n";

    #[test]
    fn a_good_request_is_proved_and_a_changed_one_is_not() {
        let acme = provider(STAMPED);
        let inbound = signed(&acme, "a", NOW);
        let verified = verify(&acme, &inbound, &secrets(&["a"]), NOW).expect("proved");
        assert_eq!(verified.signed_at(), Some(NOW));

        let body = [&inbound.body[..], b"\n"].concat().into();
        let changed = Inbound { body, ..inbound.clone() };
        let outcome = verify(&acme, &changed, &secrets(&["a"]), NOW).err();
        assert_eq!(outcome, Some(Rejection::Mismatch));
        let later = with(&inbound, "t", (NOW.secs() + 1).to_string());
        let outcome = verify(&acme, &later, &secrets(&["a"]), NOW).err();
        assert_eq!(outcome, Some(Rejection::Mismatch));
    }

    #[test]
    fn any_candidate_may_fit_any_secret() {
        let acme = provider("separator = \",\"\nprefix = \"v1=\"\ncontent = \"{body}\"\n");
        let inbound = signed(&acme, "b", NOW);
        let good = inbound.headers.text("s").expect("signed").into_owned();
        let bad = format!("v1={}", "0".repeat(64));
        for header in [format!("{good},{bad}"), format!("{bad},v0=x,{good}"), good.clone()] {
            let inbound = with(&inbound, "s", header);
            for known in [&["a", "b"][..], &["b", "a"], &["", "b"]] {
                assert!(verify(&acme, &inbound, &secrets(known), NOW).is_ok());
            }
            let outcome = verify(&acme, &inbound, &secrets(&["a", "c"]), NOW).err();
            assert_eq!(outcome, Some(Rejection::Mismatch));
        }
        let other_version = with(&inbound, "s", good.replace("v1=", "v0="));
        let outcome = verify(&acme, &other_version, &secrets(&["b"]), NOW).err();
        assert_eq!(outcome, Some(Rejection::SignatureMalformed));
    }

    #[test]
    fn the_signature_is_judged_before_the_timestamp() {
        let acme = provider(STAMPED);
        let old = signed(&acme, "a", NOW.minus(Span::from_secs(301)));
        let outcome = |inbound, secret| verify(&acme, inbound, &secrets(&[secret]), NOW).err();
        assert_eq!(outcome(&old, "b"), Some(Rejection::Mismatch));
        assert_eq!(outcome(&old, "a"), Some(Rejection::TooOld { by: Span::from_secs(1) }));
        let new = signed(&acme, "a", NOW.plus(Span::from_secs(302)));
        assert_eq!(outcome(&new, "a"), Some(Rejection::TooNew { by: Span::from_secs(2) }));
        assert_eq!(outcome(&with(&old, "t", "soon"), "a"), Some(Rejection::Mismatch));
    }

    #[test]
    fn missing_parts_are_told_apart() {
        let acme = provider("content = \"{id}{timestamp}{body}\"\ntimestamp = \"T\"\nid = \"I\"\n");
        let inbound = signed(&acme, "a", NOW);
        let outcome = |inbound: &Inbound| verify(&acme, inbound, &secrets(&["a"]), NOW).err();
        assert_eq!(outcome(&inbound), None);
        for (name, expected) in [
            ("s", Rejection::SignatureMissing),
            ("t", Rejection::PartMissing(SignedPart::Timestamp)),
            ("i", Rejection::PartMissing(SignedPart::Id)),
        ] {
            assert_eq!(outcome(&with(&inbound, name, "")), Some(expected));
        }
        for known in [&[][..], &[""]] {
            let outcome = verify(&acme, &with(&inbound, "s", ""), &secrets(known), NOW).err();
            assert_eq!(outcome, Some(Rejection::NoUsableSecret));
        }
    }

    #[test]
    fn a_timestamp_may_stand_in_the_signed_body() {
        let acme = provider("content = \"{body}\"\ntimestamp = \"/created\"\n");
        let outcome = |at| {
            let inbound = signed(&acme, "a", at);
            verify(&acme, &inbound, &secrets(&["a"]), NOW).map(|verified| verified.signed_at())
        };
        assert_eq!(outcome(NOW), Ok(Some(NOW)));
        let old = NOW.minus(Span::from_secs(310));
        assert_eq!(outcome(old), Err(Rejection::TooOld { by: Span::from_secs(10) }));
    }

    #[test]
    fn a_url_is_signed_as_configured() {
        let acme = provider("content = \"{method}{url}{body}\"\n");
        assert!(acme.scheme().needs_public_url());
        let acme = acme.with_public_url("https://hooks.example.com/a");
        let inbound = signed(&acme, "a", NOW);
        let known = secrets(&["a"]);
        assert!(verify(&acme, &inbound, &known, NOW).is_ok());
        let query = Inbound { query: "x=1".to_owned(), ..inbound.clone() };
        assert_eq!(verify(&acme, &query, &known, NOW).err(), Some(Rejection::Mismatch));
        let other = acme.clone().with_public_url("https://hooks.example.com/b");
        assert_eq!(verify(&other, &inbound, &known, NOW).err(), Some(Rejection::Mismatch));
    }

    /// The same bytes are signed by a scheme that takes the timestamp for any header, so that the
    /// signatures of these timestamps hold.
    #[test]
    fn hostile_timestamps_that_are_correctly_signed_are_refused() {
        let signer = provider("content = \"{header:t}.{body}\"\n");
        let long = "9".repeat(5000);
        for (unit, window) in
            [("s", ""), ("ms", ""), ("rfc3339", ""), ("s", "future = \"accept\"\n")]
        {
            let acme = provider(&format!("{STAMPED}timestamp_unit = \"{unit}\"\n{window}"));
            for text in [
                "-9223372036854775808",
                "9223372036854775807",
                "-9223372036854775809",
                "1e9",
                "NaN",
                "-1",
                "-",
                "+1780286655",
                "1780286655.5",
                " 1780286655",
                "0x6a1d",
                "yesterday",
                "\u{661}\u{667}",
                "9999-12-31T23:59:60Z",
                "0000-01-01T00:00:00+23:59",
                &long,
            ] {
                let headers: Headers = [("t", text)].into_iter().collect();
                let message =
                    crate::signature::Message { id: "", at: NOW, headers: &headers, body: b"{}" };
                let signature = signer.scheme().sign(&secrets(&["a"]), &message).expect("signed");
                let all =
                    signature.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain([("t", text)]);
                let inbound = Inbound::post("/", all.collect(), "{}");
                for now in [i64::MIN, -1, 0, NOW.millis(), i64::MAX].map(Timestamp::from_millis) {
                    match verify(&acme, &inbound, &secrets(&["a"]), now) {
                        Err(
                            Rejection::TimestampMalformed
                            | Rejection::TooOld { .. }
                            | Rejection::TooNew { .. },
                        ) => {}
                        Err(other) => panic!("{unit} {text} at {now}: {other:?}"),
                        Ok(verified) => {
                            let at = verified.signed_at().expect("a timestamp");
                            let near = now.since(at) <= Span::from_secs(300);
                            assert!(near && unit != "rfc3339", "{unit} {text} at {now}");
                        }
                    }
                }
            }
        }
    }

    /// For each kind of proof that signs: its lines, a secret that verifies, a signature of `body`, and
    /// one that does not hold.
    fn proofs(body: &str) -> [(&'static str, String, String, String); 4] {
        use crate::signature::key::KeyFormat;
        use crate::signature::private_key::PrivateKey;
        let (good, other) = (body.as_bytes(), &b"other"[..]);
        let hmac = |body| {
            let mut mac = crate::signature::mac::Algorithm::Sha256.start(b"a").expect("any key");
            mac.update(body);
            mac.finish().encode(Encoding::Base64)
        };
        let base64 =
            |signature: Option<Vec<u8>>| Encoding::Base64.encode(&signature.expect("signed"));
        let half = |key: &PrivateKey| key.public_text(KeyFormat::Base64).expect("its public half");
        let edwards = PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&[7; 32]));
        let curve = p256::ecdsa::SigningKey::from_slice(&[7; 32]).expect("a key");
        let curve = PrivateKey::P256(curve);
        [
            ("algorithm = \"sha256\"\n", "a".to_owned(), hmac(good), hmac(other)),
            (
                "algorithm = \"ed25519\"\nkey = \"base64\"\n",
                half(&edwards),
                base64(edwards.ed25519(good)),
                base64(edwards.ed25519(other)),
            ),
            (
                "algorithm = \"ecdsa-p256\"\nkey = \"base64\"\n",
                half(&curve),
                base64(curve.ecdsa_p256(good, true)),
                base64(curve.ecdsa_p256(other, true)),
            ),
            {
                // The token of the fixtures is signed as a body would be.
                let token = include_str!("../../fixtures/rs256.jwt").trim();
                let (signed, signature) = token.rsplit_once('.').expect("a token");
                assert_eq!(signed, body, "whose signature we have");
                let signature = Encoding::Base64Url.decode(signature.as_bytes(), 1024);
                let set = include_str!("../../fixtures/keys.json");
                let set: serde_json::Value = serde_json::from_str(set).expect("JSON");
                let wrong = signature.as_ref().map(|one| one.iter().rev().copied().collect());
                let key = set["keys"][0].to_string();
                ("algorithm = \"rsa-sha256\"\n", key, base64(signature), base64(wrong))
            },
        ]
    }

    #[test]
    fn one_signature_of_several_is_enough_and_the_same_twice_does_no_harm() {
        let token = include_str!("../../fixtures/rs256.jwt").trim();
        let (body, _) = token.rsplit_once('.').expect("a token");
        for (algorithm, secret, good, other) in proofs(body) {
            let acme = Provider::from_toml(&format!(
                "name = \"acme\"\ntitle = \"Acme\"\n[scheme]\nheader = \"S\"\n{algorithm}\
                 encoding = \"base64\"\nseparator = \",\"\ncontent = \"{{body}}\"\n"
            ));
            let acme = acme.expect("a valid definition");
            let outcome = |header: String| {
                let headers = [("s", header)].into_iter().collect();
                let inbound = Inbound::post("/hooks/acme", headers, body.to_owned());
                verify(&acme, &inbound, &secrets(&[&secret]), NOW).map(|_| ())
            };
            for header in [
                good.clone(),
                format!("{good},{good}"),
                format!("{good},{other}"),
                format!("{other},{good}"),
            ] {
                assert_eq!(outcome(header.clone()), Ok(()), "{algorithm}{header}");
            }
            for header in [other.clone(), format!("{other},{other}")] {
                assert_eq!(outcome(header), Err(Rejection::Mismatch), "{algorithm}");
            }
        }
    }

    #[test]
    fn one_token_of_several_is_enough_and_the_same_twice_does_no_harm() {
        let acme = Provider::from_toml(
            "name = \"acme\"\ntitle = \"Acme\"\n[scheme]\nheader = [\"S\", \"U\"]\n\
             header_choice = \"all\"\nalgorithm = \"token\"\n",
        );
        let acme = acme.expect("a valid definition");
        let outcome = |first: &str, second: &str| {
            let headers = [("s", first), ("u", second)].into_iter().collect();
            let inbound = Inbound::post("/hooks/acme", headers, "{}");
            verify(&acme, &inbound, &secrets(&["a", "a"]), NOW).map(|_| ())
        };
        for (first, second) in [("a", "a"), ("a", "b"), ("b", "a"), ("a", "")] {
            assert_eq!(outcome(first, second), Ok(()), "{first} {second}");
        }
        assert_eq!(outcome("b", "b"), Err(Rejection::Mismatch));
    }

    /// What a request to a URL is answered that is signed as the content says, with a hash of the body
    /// in its query where it is no form.
    fn hashed(
        content: &str,
        query: &str,
        body: &str,
        kind: &str,
        fields: &str,
    ) -> Option<Rejection> {
        let acme = provider(&format!(
            "content = \"{content}\"\npartial = true\nbody_hash = \"query:sha\"\n"
        ));
        let acme = acme.with_public_url("https://hooks.example.com/a");
        let signature = code_of(&format!("https://hooks.example.com/a{query}{fields}"));
        let headers = [("s", signature.as_str()), ("content-type", kind)];
        let mut inbound = Inbound::post("/a", headers.into_iter().collect(), body.to_owned());
        inbound.query = query.trim_start_matches('?').to_owned();
        verify(&acme, &inbound, &secrets(&["a"]), NOW).err()
    }

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn a_body_whose_hash_is_signed_comes_with_its_hash() {
        let outcome = |query: &str, body: &str, kind| hashed("{url}", query, body, kind, "");
        let hash = BodyHash::of(b"{}");
        assert_eq!(outcome(&format!("?sha={hash}"), "{}", JSON), None);
        assert_eq!(outcome(&format!("?sha={hash}"), "{ }", JSON), Some(Rejection::Mismatch));
        let missing = Some(Rejection::PartMissing(SignedPart::BodyHash));
        assert_eq!(outcome("", "{}", JSON), missing, "anybody can have written this");
        assert_eq!(outcome("", "a=1", FORM), missing, "nor are the fields signed");
        assert_eq!(outcome("", "", JSON), None, "there is nothing to have a hash of");
    }

    #[test]
    fn the_fields_of_a_form_are_signed_in_place_of_its_hash() {
        let outcome = |body: &str, kind: &str| hashed("{url}{form_sorted}", "", body, kind, "a1");
        assert_eq!(outcome("a=1", FORM), None);
        assert_eq!(outcome("a=1", "Application/X-WWW-Form-Urlencoded; charset=utf-8"), None);
        assert_eq!(outcome("a=2", FORM), Some(Rejection::Mismatch));
        assert_eq!(outcome("a=1", JSON), Some(Rejection::Mismatch));
    }

    /// The same fields may be sent in parts, beside a part that one reader takes for a field and
    /// another passes over: no signature of fields is one of such a body.
    #[test]
    fn a_signature_of_fields_covers_no_parts() {
        let part = |head: &str, value: &str| format!("--x\r\n{head}\r\n\r\n{value}\r\n");
        let signed = part("Content-Disposition: form-data; name=\"a\"", "1");
        let added = part("Content-Disposition: form-data; name=a", "2");
        for body in [format!("{signed}--x--\r\n"), format!("{signed}{added}--x--\r\n")] {
            let kind = "multipart/form-data; boundary=x";
            let outcome = hashed("{url}{form_sorted}", "", &body, kind, "a1");
            assert_eq!(outcome, Some(Rejection::Mismatch), "{body}");
            let outcome = hashed("{url}{form_sorted}", "", &body, kind, "");
            let missing = Rejection::PartMissing(SignedPart::BodyHash);
            assert_eq!(outcome, Some(missing), "{body}");
            let outcome = hashed("{url}{form_sorted!}", "", &body, kind, "a1");
            assert_eq!(outcome, Some(Rejection::PartMissing(SignedPart::Value)), "{body}");
        }
    }

    /// The code of a text under the secret `a`.
    fn code_of(text: &str) -> String {
        crate::signature::mac::code(&Secret::new("a"), text.as_bytes(), false)
    }

    #[test]
    fn a_url_has_its_standard_port_or_not() {
        for (url, other) in [
            ("https://a.example/x", Some("https://a.example:443/x")),
            ("https://a.example:443/x", Some("https://a.example/x")),
            ("https://a.example", Some("https://a.example:443")),
            ("https://a.example:8443/x", None),
            ("http://a.example/x", None),
        ] {
            assert_eq!(with_port(url).as_deref(), other, "{url}");
        }
    }
}
