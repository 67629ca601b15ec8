//! Proofs that are compared instead of computed over the body: shared tokens, Basic credentials, and
//! JSON Web Tokens. None of them covers the body, unless a token's claim holds its hash.

use super::key::Key;
use super::key_text::{NamedKey, PublicKey};
use super::mac::{Algorithm, Encoding};
use super::private_key::PrivateKey;
use super::rejection::{Rejection, SignedPart};
use super::request_hash::request_hash;
use super::rsa::Hash;
use crate::inbound::Inbound;
use crate::json::{self, Pointer};
use crate::reading::Table;
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;
use sha2::{Digest as _, Sha256};
use std::ops::RangeInclusive;
use subtle::ConstantTimeEq;

/// Clocks of token issuers are good, but not perfect.
const LEEWAY: Span = Span::from_secs(60);

/// How old tokens may be allowed to be, in seconds: up to a day.
pub(super) const AGE_SECS: RangeInclusive<i64> = 1..=86_400;

/// What a JWT must say besides being signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Jwt {
    algorithm: JwtAlgorithm,
    body: Option<(Pointer, Encoding)>,
    url: Option<Pointer>,
    request_hash: Option<Pointer>,
    issuer: Option<String>,
    issued_within: Option<Span>,
    /// Sets of claims, one of which has to hold; none where nothing is asked of them.
    claims: Vec<Claims>,
    must_expire: bool,
}

/// Claims and the values that each may have.
type Claims = Vec<(Pointer, Vec<String>)>;

/// How a token is signed. Its own header has to say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JwtAlgorithm {
    Hs256,
    Rs256,
    Es256,
}

impl JwtAlgorithm {
    /// The word for it in a definition.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Hs256 => "jwt-hs256",
            Self::Rs256 => "jwt-rs256",
            Self::Es256 => "jwt-es256",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// What a token is issued with.
pub(super) enum Issuer<'k> {
    Shared(Key<'k>),
    Private(Box<PrivateKey>),
}

impl Issuer<'_> {
    fn sign(&self, algorithm: JwtAlgorithm, content: &[u8]) -> Option<Vec<u8>> {
        match (self, algorithm) {
            (Self::Shared(key), JwtAlgorithm::Hs256) => {
                let mut mac = Algorithm::Sha256.start(key.bytes())?;
                mac.update(content);
                Encoding::Hex.decode(mac.finish().encode(Encoding::Hex).as_bytes(), 32)
            }
            (Self::Private(key), JwtAlgorithm::Rs256) => key.rsa(Hash::Sha256, content),
            // RFC 7518 section 3.4: both numbers, 32 bytes each.
            (Self::Private(key), JwtAlgorithm::Es256) => key.ecdsa_p256(content, false),
            _ => None,
        }
    }
}

/// The parts of a token.
pub(super) struct Parts<'t> {
    signed: &'t [u8],
    signature: Vec<u8>,
    key_id: Option<String>,
}

impl Jwt {
    /// Reads `body_claim`, `body_claim_encoding`, `url_claim`, `request_hash_claim`, `issuer`,
    /// `issued_within_secs`, `claims` and `must_expire`.
    pub(super) fn read(algorithm: JwtAlgorithm, table: &mut Table<'_>) -> Self {
        let claim = |name: String| Pointer::parse(&format!("/{name}"));
        let body = table.optional_string("body_claim").and_then(claim);
        let encoding = table.optional_one_of("body_claim_encoding", &Encoding::WORDS);
        let url = table.optional_string("url_claim").and_then(claim);
        let request_hash = table.optional_string("request_hash_claim").and_then(claim);
        let issuer = table.optional_string("issuer");
        let within = table.optional_integer("issued_within_secs", AGE_SECS);
        let body = body.map(|body| (body, encoding.unwrap_or(Encoding::Hex)));
        let issued_within = within.map(|secs| Span::from_secs(secs.unsigned_abs()));
        let mut claims: Vec<Claims> = Vec::new();
        for mut inner in table.one_or_more_tables("claims") {
            let named = inner.lists().into_iter();
            let set: Claims =
                named.filter_map(|(name, values)| Some((claim(name)?, values))).collect();
            if set.is_empty() {
                inner.problem("`claims` must name claims: none would let any token pass");
            }
            claims.push(set);
            inner.finish();
        }
        let must_expire = table.boolean("must_expire", false);
        Self { algorithm, body, url, request_hash, issuer, issued_within, claims, must_expire }
    }

    /// A token for a body, good for five minutes, as a provider would issue it, with more claims if
    /// need be; `None` where it claims a URL that is not known.
    pub(super) fn issue(
        &self,
        issuer: &Issuer<'_>,
        body: &[u8],
        url: Option<&str>,
        at: Timestamp,
        more: &[(Pointer, String)],
    ) -> Option<String> {
        let mut claims = serde_json::json!({
            "iat": at.secs(), "nbf": at.secs(), "exp": at.secs().saturating_add(300),
        });
        let mut claim = |pointer: &Pointer, text: String| {
            let name = pointer.to_string();
            if let (Some(all), Some(name)) = (claims.as_object_mut(), name.strip_prefix('/')) {
                all.insert(name.to_owned(), text.into());
            }
        };
        if let Some(issuer) = &self.issuer {
            claim(&Pointer::parse("/iss")?, issuer.clone());
        }
        let first = |(pointer, values): &'_ (Pointer, Vec<String>)| {
            Some((pointer.clone(), values.first()?.clone()))
        };
        let fixed = self.claims.first().into_iter().flatten().filter_map(first);
        fixed.chain(more.iter().cloned()).for_each(|(pointer, text)| claim(&pointer, text));
        if let Some(pointer) = &self.url {
            claim(pointer, url?.to_owned());
        }
        if let Some(pointer) = &self.request_hash {
            claim(pointer, request_hash("POST", url?, ""));
        }
        if let Some((pointer, encoding)) = &self.body {
            claim(pointer, encoding.encode(&Sha256::digest(body)));
        }
        // RFC 7515 leaves the padding out.
        let plain = |text: String| text.trim_end_matches('=').to_owned();
        let part = |text: &str| plain(Encoding::Base64Url.encode(text.as_bytes()));
        let head = serde_json::json!({ "alg": self.algorithm.name(), "typ": "JWT" });
        let signed = format!("{}.{}", part(&head.to_string()), part(&claims.to_string()));
        let signature = issuer.sign(self.algorithm, signed.as_bytes())?;
        Some(format!("{signed}.{}", plain(Encoding::Base64Url.encode(&signature))))
    }

    /// Whether it matters how long ago a token was issued.
    pub(super) const fn judges_age(&self) -> bool {
        self.issued_within.is_some()
    }

    /// Takes another limit for the age of tokens, where there is one.
    pub(super) fn tolerate(&mut self, age: Span) {
        if let Some(within) = &mut self.issued_within {
            *within = age;
        }
    }

    /// What a token claims, proved or not.
    pub(super) fn claims(text: &[u8]) -> Option<Vec<u8>> {
        let claims = text.split(|byte| *byte == b'.').nth(1)?;
        Encoding::Base64Url.decode(claims, 16 * 1024)
    }

    pub(super) const fn algorithm(&self) -> JwtAlgorithm {
        self.algorithm
    }

    pub(super) const fn covers_body(&self) -> bool {
        self.body.is_some()
    }

    pub(super) const fn needs_public_url(&self) -> bool {
        self.url.is_some() || self.request_hash.is_some()
    }

    /// Takes a token apart; `None` unless it is one of this scheme's algorithm.
    pub(super) fn parts<'t>(&self, text: &'t [u8]) -> Option<Parts<'t>> {
        let at = text.iter().rposition(|byte| *byte == b'.')?;
        let (signed, signature) = text.split_at_checked(at)?;
        let head = signed.split(|byte| *byte == b'.').next()?;
        let head = Encoding::Base64Url.decode(head, 1024)?;
        let pointers = [Pointer::parse("/alg")?, Pointer::parse("/kid")?];
        let [algorithm, key_id] = pointers.each_ref();
        let mut found = json::pick(&head, &[algorithm, key_id])?.into_iter();
        let (algorithm, key_id) = (found.next()??, found.next()?);
        let three = signed.split(|byte| *byte == b'.').count() == 2;
        let signature = Encoding::Base64Url.decode(signature.get(1..)?, 1024)?;
        (algorithm == self.algorithm.name() && three && !signature.is_empty()).then_some(Parts {
            signed,
            signature,
            key_id,
        })
    }

    /// Whether a text is a token signed under the key: `None` when it is no HS256 token at all.
    pub(super) fn is_signed(&self, key: &[u8], text: &[u8]) -> Option<bool> {
        let parts = self.parts(text)?;
        let mut mac = Algorithm::Sha256.start(key)?;
        mac.update(parts.signed);
        let claimed = Algorithm::Sha256.tag(&parts.signature)?;
        Some(bool::from(mac.finish().equals(&claimed)))
    }

    /// Whether a text is a token signed by the owner of the public key: `None` when it is no token
    /// for such a key, or names another one.
    pub(super) fn is_signed_by(&self, key: &NamedKey, text: &[u8]) -> Option<bool> {
        let parts = self.parts(text)?;
        let other = |wanted: &String| key.id.as_ref().is_some_and(|known| known != wanted);
        if parts.key_id.as_ref().is_some_and(other) {
            return None;
        }
        match (&key.key, self.algorithm) {
            (PublicKey::Rsa(key), JwtAlgorithm::Rs256) => {
                let signed = std::iter::once(parts.signed);
                Some(key.verify(Hash::Sha256, signed, &parts.signature))
            }
            (PublicKey::P256(key), JwtAlgorithm::Es256) => {
                // RFC 7518 section 3.4: both numbers, 32 bytes each.
                let signature = p256::ecdsa::Signature::from_slice(&parts.signature).ok()?;
                Some(key.verify(parts.signed, &signature).is_ok())
            }
            _ => None,
        }
    }

    /// Judges the claims of a token whose signature holds. Gives the time it was issued.
    pub(super) fn judge(
        &self,
        text: &[u8],
        inbound: &Inbound,
        url: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Rejection> {
        let claims = Self::claims(text).ok_or(Rejection::SignatureMalformed)?;
        let claim = |pointer: &Pointer| json::pick(&claims, &[pointer])?.pop().flatten();
        let named = |name: &str| Pointer::parse(name).and_then(|pointer| claim(&pointer));
        let moment = |name: &str| match named(name) {
            None => Ok(None),
            Some(text) => seconds(&text).map(Some).ok_or(Rejection::TimestampMalformed),
        };
        let until = moment("/exp")?;
        if self.must_expire && until.is_none() {
            return Err(Rejection::PartMissing(SignedPart::Timestamp));
        }
        if let Some(until) = until
            && now.since(until) > LEEWAY
        {
            return Err(Rejection::TooOld { by: now.since(until).minus(LEEWAY) });
        }
        if let Some(from) = moment("/nbf")?
            && from.since(now) > LEEWAY
        {
            return Err(Rejection::TooNew { by: from.since(now).minus(LEEWAY) });
        }
        let issued = moment("/iat")?;
        if let Some(within) = self.issued_within {
            let issued = issued.ok_or(Rejection::PartMissing(SignedPart::Timestamp))?;
            if now.since(issued) > within {
                return Err(Rejection::TooOld { by: now.since(issued).minus(within) });
            }
            if issued.since(now) > LEEWAY {
                return Err(Rejection::TooNew { by: issued.since(now).minus(LEEWAY) });
            }
        }
        if self.issuer.as_ref().is_some_and(|issuer| named("/iss").as_ref() != Some(issuer)) {
            return Err(Rejection::Mismatch);
        }
        let says = |(pointer, values): &(Pointer, Vec<String>)| {
            claim(pointer).is_some_and(|found| values.contains(&found))
        };
        if !self.claims.is_empty() && !self.claims.iter().any(|set| set.iter().all(says)) {
            return Err(Rejection::NotMeant);
        }
        if let Some(pointer) = &self.url {
            let url = url.ok_or(Rejection::PartMissing(SignedPart::Url))?;
            let named = claim(pointer);
            // The URL that was registered may have a query, which is the request's own.
            let whole = format!("{url}?{}", inbound.query);
            if ![url, whole.as_str()].contains(&named.as_deref().unwrap_or_default()) {
                return Err(Rejection::Mismatch);
            }
        }
        if let Some(pointer) = &self.request_hash {
            let url = url.ok_or(Rejection::PartMissing(SignedPart::Url))?;
            let expected = request_hash(&inbound.method, url, &inbound.query);
            if claim(pointer) != Some(expected) {
                return Err(Rejection::Mismatch);
            }
        }
        if let Some((pointer, encoding)) = &self.body {
            let claimed = claim(pointer).ok_or(Rejection::PartMissing(SignedPart::BodyHash))?;
            is_hash_of(*encoding, claimed.as_bytes(), &inbound.body)?;
        }
        Ok(issued)
    }
}

/// Checks a claimed SHA-256 of a body.
pub(super) fn is_hash_of(encoding: Encoding, claimed: &[u8], body: &[u8]) -> Result<(), Rejection> {
    let claimed = encoding.decode(claimed, 64).ok_or(Rejection::SignatureMalformed)?;
    let same = bool::from(claimed.ct_eq(&Sha256::digest(body)));
    if same { Ok(()) } else { Err(Rejection::Mismatch) }
}

/// Whether HTTP Basic credentials (RFC 7617) are the secret `user:password`; `None` when the value
/// holds none.
pub(super) fn is_basic(secret: &Secret, value: &[u8]) -> Option<bool> {
    let text = without_scheme(value, "Basic ")?;
    let credentials = STANDARD.decode(text).ok()?;
    credentials.contains(&b':').then(|| secret.matches(&credentials))
}

/// What follows the name of an authentication scheme, whose case does not matter (RFC 9110).
pub(super) fn without_scheme<'v>(value: &'v [u8], scheme: &str) -> Option<&'v [u8]> {
    let (start, rest) = value.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
}

/// A NumericDate: seconds, perhaps with a fraction, which is dropped.
fn seconds(text: &str) -> Option<Timestamp> {
    let whole = text.split('.').next()?;
    whole.parse().ok().map(Timestamp::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Headers;

    /// The example of RFC 7515, appendix A.1.
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn plain() -> Jwt {
        let algorithm = JwtAlgorithm::Hs256;
        Jwt {
            algorithm,
            body: None,
            url: None,
            request_hash: None,
            issuer: None,
            issued_within: None,
            claims: vec![],
            must_expire: false,
        }
    }

    #[test]
    fn the_example_of_rfc_7515() {
        let key = Encoding::Base64Url.decode(b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", 128).expect("a key");
        let jwt = Jwt { issuer: Some("joe".to_owned()), ..plain() };
        assert_eq!(jwt.is_signed(&key, TOKEN.as_bytes()), Some(true));
        assert_eq!(jwt.is_signed(b"other", TOKEN.as_bytes()), Some(false));
        let inbound = Inbound::post("/", Headers::new(), "");
        let judge = |secs| jwt.judge(TOKEN.as_bytes(), &inbound, None, Timestamp::from_secs(secs));
        assert_eq!(judge(1_300_819_440), Ok(None));
        assert_eq!(judge(1_300_819_441), Err(Rejection::TooOld { by: Span::from_secs(1) }));
        let other = Jwt { issuer: Some("jim".to_owned()), ..jwt.clone() };
        let judged = other.judge(TOKEN.as_bytes(), &inbound, None, Timestamp::EPOCH);
        assert_eq!(judged, Err(Rejection::Mismatch));
    }

    #[test]
    fn a_token_for_one_request_line_is_for_no_other() {
        let jwt = Jwt { request_hash: Pointer::parse("/qsh"), ..plain() };
        let (url, now) = ("https://hooks.example.com/hooks/jira", Timestamp::from_secs(17));
        let issuer = Issuer::Shared(Key::Text(b"key"));
        let token = jwt.issue(&issuer, b"", Some(url), now, &[]).expect("a token");
        let asked = Inbound::post("/hooks/jira", Headers::new(), "{}");
        let judge = |inbound: &Inbound, url| jwt.judge(token.as_bytes(), inbound, url, now);
        assert_eq!(judge(&asked, Some(url)), Ok(Some(now)));
        let query = Inbound { query: "a=1".to_owned(), ..asked.clone() };
        let method = Inbound { method: "PUT".to_owned(), ..asked.clone() };
        for other in [&query, &method] {
            assert_eq!(judge(other, Some(url)), Err(Rejection::Mismatch));
        }
        let elsewhere = Some("https://hooks.example.com/hooks/other");
        assert_eq!(judge(&asked, elsewhere), Err(Rejection::Mismatch));
        let unknown = Err(Rejection::PartMissing(SignedPart::Url));
        assert_eq!(judge(&asked, None), unknown);
    }

    #[test]
    fn tokens_under_public_keys() {
        use super::super::key_text::keys_in;
        let keys = keys_in(include_str!("../../fixtures/keys.json"), Timestamp::EPOCH);
        let [rsa, ec] = keys.as_slice() else { panic!("two keys") };
        let (rs256, es256) =
            (include_str!("../../fixtures/rs256.jwt"), include_str!("../../fixtures/es256.jwt"));
        let by = |algorithm, key, text: &str| {
            Jwt { algorithm, ..plain() }.is_signed_by(key, text.trim().as_bytes())
        };
        assert_eq!(by(JwtAlgorithm::Rs256, rsa, rs256), Some(true));
        assert_eq!(by(JwtAlgorithm::Es256, ec, es256), Some(true));
        // The algorithm is the configuration's, the key the one that the token names.
        for (algorithm, key, text) in [
            (JwtAlgorithm::Es256, rsa, rs256),
            (JwtAlgorithm::Hs256, rsa, rs256),
            (JwtAlgorithm::Rs256, ec, rs256),
            (JwtAlgorithm::Es256, rsa, es256),
        ] {
            assert_eq!(by(algorithm, key, text), None);
        }
        let unnamed = NamedKey { id: None, key: rsa.key.clone() };
        assert_eq!(by(JwtAlgorithm::Rs256, &unnamed, rs256), Some(true));
        let other = rs256.replacen("eyJpc3M", "eyJpc3N", 1);
        assert_ne!(by(JwtAlgorithm::Rs256, rsa, &other), Some(true));
        let public = include_str!("../../fixtures/rsa.pem");
        assert_eq!(plain().is_signed(public.as_bytes(), rs256.as_bytes()), None);
    }

    #[test]
    fn what_is_no_token() {
        // {"alg":"none"} and its empty signature, too few and too many parts.
        for text in ["", ".", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &format!("{TOKEN}.x")] {
            assert_eq!(plain().is_signed(b"k", text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn basic_credentials() {
        let secret = Secret::new("user:pass:word");
        let value = |text: &str| format!("basic {}", STANDARD.encode(text));
        assert_eq!(is_basic(&secret, value("user:pass:word").as_bytes()), Some(true));
        assert_eq!(is_basic(&secret, value("user:pass").as_bytes()), Some(false));
        for none in [value("user").as_str(), "Bearer x", "Basic !", "Basic", "é"] {
            assert_eq!(is_basic(&secret, none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn claims_may_be_long_but_not_any_length() {
        let token = |len: usize| {
            format!(
                "e30.{}.c2ln",
                Encoding::Base64Url.encode(&vec![b'x'; len]).trim_end_matches('=')
            )
        };
        assert_eq!(Jwt::claims(token(16 * 1024).as_bytes()).map(|all| all.len()), Some(16 * 1024));
        assert_eq!(Jwt::claims(token(32 * 1024).as_bytes()), None);
    }

    #[test]
    fn a_token_holds_from_a_minute_before_its_time() {
        let now = Timestamp::from_secs(1_800_000_000);
        let judge = |jwt: &Jwt, claim: &str, secs: i64| {
            let claims = format!("{{\"{claim}\":{secs}}}");
            let token = format!("e30.{}.c2ln", Encoding::Base64Url.encode(claims.as_bytes()));
            jwt.judge(token.as_bytes(), &Inbound::post("/", Headers::new(), ""), None, now)
        };
        let recent = Jwt { issued_within: Some(Span::from_secs(300)), ..plain() };
        let too_new = Err(Rejection::TooNew { by: Span::from_secs(1) });
        assert_eq!(judge(&plain(), "nbf", now.secs() + 60), Ok(None));
        assert_eq!(judge(&plain(), "nbf", now.secs() + 61), too_new);
        let issued = Timestamp::from_secs(now.secs() + 60);
        assert_eq!(judge(&recent, "iat", issued.secs()), Ok(Some(issued)));
        assert_eq!(judge(&recent, "iat", now.secs() + 61), too_new);
        let issued = Timestamp::from_secs(now.secs() - 300);
        assert_eq!(judge(&recent, "iat", issued.secs()), Ok(Some(issued)));
        let too_old = Err(Rejection::TooOld { by: Span::from_secs(1) });
        assert_eq!(judge(&recent, "iat", now.secs() - 301), too_old);
    }
}
