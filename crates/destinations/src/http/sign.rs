//! Signatures of outgoing requests: Standard Webhooks v1, that is HMAC-SHA256 over
//! `<id>.<timestamp>.<body>`, in base64 (github.com/standard-webhooks/standard-webhooks, spec).

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use holdfast_domain::secret::Secret;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The shortest key that the specification allows.
pub(crate) const LEAST_KEY_BYTES: usize = 24;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why there is no signature. Never says anything of the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsigned {
    /// There is no secret of that name.
    #[error("there is no such secret")]
    Missing,
    /// No value of the secret is a key.
    #[error("no value is `whsec_` and 24 or more bytes in base64")]
    Unusable,
}

/// The `webhook-signature` header: one signature for each usable value, separated by spaces, so
/// that during a rotation the endpoint may know either. A value that is no key is passed over as
/// long as another one is: a slip in the new value must not stop what the old one still proves.
///
/// # Errors
/// [`Unsigned`] when there is not one signature.
pub(crate) fn signatures(
    secrets: &[Secret],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> Result<String, Unsigned> {
    if secrets.is_empty() {
        return Err(Unsigned::Missing);
    }
    let signed: Vec<String> = secrets
        .iter()
        .filter_map(|secret| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        })
        .collect();
    if signed.is_empty() { Err(Unsigned::Unusable) } else { Ok(signed.join(" ")) }
}

/// The key in a secret: what follows `whsec_`, decoded. The prefix may be absent, as in the
/// libraries that verify.
fn key(secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let text = secret.expose().trim();
    let encoded = text.strip_prefix("whsec_").unwrap_or(text);
    let key = Zeroizing::new(LENIENT.decode(encoded).ok()?);
    (key.len() >= LEAST_KEY_BYTES).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn sign(secrets: &[&str], body: &[u8]) -> Result<String, Unsigned> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        signatures(&secrets, ID, TIMESTAMP, body)
    }

    #[test]
    fn the_published_example() {
        assert_eq!(sign(&[SECRET], BODY).as_deref(), Ok(SIGNATURE));
        assert_eq!(sign(&[&SECRET[6..]], BODY).as_deref(), Ok(SIGNATURE));
        assert_eq!(sign(&[&format!(" {SECRET}\n")], BODY).as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn both_values_sign_while_rotating() {
        let new = "whsec_aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=";
        let alone = sign(&[new], BODY).unwrap();
        assert_eq!(sign(&[new, SECRET], BODY), Ok(format!("{alone} {SIGNATURE}")));
        assert_eq!(sign(&["whsec_%", SECRET], BODY).as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn padding_may_be_missing() {
        let padded = "whsec_aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=";
        assert_eq!(sign(&[padded], BODY), sign(&[padded.trim_end_matches('=')], BODY));
    }

    #[test]
    fn any_bytes_are_signed() {
        let mut seen = std::collections::HashSet::new();
        for body in [&b""[..], b"\0", b"\xff\xfe", b".", b"..", BODY] {
            assert!(seen.insert(sign(&[SECRET], body).unwrap()));
        }
    }

    #[test]
    fn nothing_is_signed_without_a_key() {
        assert_eq!(sign(&[], BODY), Err(Unsigned::Missing));
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64!", "password"] {
            assert_eq!(sign(&[text], BODY), Err(Unsigned::Unusable), "{text}");
        }
    }
}
