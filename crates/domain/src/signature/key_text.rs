//! Public keys as people and providers write them: PEM (a certificate or a key alone), and JSON Web
//! Keys (RFC 7517), one or a set.

use super::mac::Encoding;
use super::rsa::RsaKey;
use crate::time::Timestamp;
use p256::ecdsa::VerifyingKey;
use p256::pkcs8::DecodePublicKey as _;
use serde_json::Value;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, DecodePem as _, Encode as _};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// A public key.
#[derive(Clone, Debug)]
pub(super) enum PublicKey {
    Rsa(RsaKey),
    P256(VerifyingKey),
}

/// A key, and what it is called where it has a name.
#[derive(Clone, Debug)]
pub(super) struct NamedKey {
    pub(super) id: Option<String>,
    pub(super) key: PublicKey,
}

/// Longer than any provider's set, shorter than what it would take to keep us busy.
const MOST_KEYS: usize = 64;

/// The keys in a text; those that cannot be used, or whose certificates are not valid now, are left
/// out.
pub(super) fn keys_in(text: &str, now: Timestamp) -> Vec<NamedKey> {
    let text = text.trim();
    if text.starts_with('{') {
        let parsed = serde_json::from_str::<Value>(text).unwrap_or_default();
        return json_keys(&parsed, now);
    }
    pem_key(text, now).map(|key| NamedKey { id: None, key }).into_iter().collect()
}

/// The key of a certificate's page: what a request names is a certificate, or a key alone, in PEM. No
/// other page of the same host is one.
pub(super) fn key_of_certificate(text: &str, now: Timestamp) -> Vec<NamedKey> {
    let key = pem_key(text.trim_start(), now);
    key.map(|key| NamedKey { id: None, key }).into_iter().collect()
}

/// A set of keys, one key, or an object of name → certificate.
fn json_keys(value: &Value, now: Timestamp) -> Vec<NamedKey> {
    if let Some(items) = value.get("keys").and_then(Value::as_array) {
        return items.iter().take(MOST_KEYS).filter_map(json_key).collect();
    }
    if let Some(one) = json_key(value.get("key").unwrap_or(value)) {
        return vec![one];
    }
    let entries = value.as_object().into_iter().flatten().take(MOST_KEYS);
    let named = entries.filter_map(|(name, value)| {
        let key = pem_key(value.as_str()?, now)?;
        Some(NamedKey { id: Some(name.clone()), key })
    });
    named.collect()
}

/// RFC 7518 section 6.
fn json_key(value: &Value) -> Option<NamedKey> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let bytes = |name: &str| Encoding::Base64Url.decode(text(name)?.as_bytes(), 2048);
    let key = match text("kty")? {
        "RSA" => PublicKey::Rsa(RsaKey::new(&bytes("n")?, &bytes("e")?)?),
        "EC" if text("crv")? == "P-256" => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            let point = (x.len() == 32 && y.len() == 32).then(|| [&[4][..], &x, &y].concat())?;
            PublicKey::P256(VerifyingKey::from_sec1_bytes(&point).ok()?)
        }
        _ => return None,
    };
    Some(NamedKey { id: text("kid").map(str::to_owned), key })
}

fn pem_key(text: &str, now: Timestamp) -> Option<PublicKey> {
    // A chain begins with the certificate that signs.
    let end = text.find("-----END ").map_or(text.len(), |at| {
        let rest = text.get(at + 9..).unwrap_or_default();
        rest.find("-----").map_or(text.len(), |dashes| at + 9 + dashes + 5)
    });
    let first = text.get(..end)?.trim_start();
    if first.starts_with("-----BEGIN CERTIFICATE-----") {
        let certificate = Certificate::from_pem(first).ok()?;
        let signed = certificate.tbs_certificate();
        let secs = |time: &x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        let validity = signed.validity();
        let valid = secs(&validity.not_before)..=secs(&validity.not_after);
        return valid
            .contains(&now.secs())
            .then(|| spki_key(&signed.subject_public_key_info().to_der().ok()?))?;
    }
    // The parser would look for a key in the middle of a page.
    if !first.starts_with("-----BEGIN PUBLIC KEY-----") {
        return None;
    }
    let info = SubjectPublicKeyInfoOwned::from_pem(first).ok()?;
    spki_key(&info.to_der().ok()?)
}

fn spki_key(der: &[u8]) -> Option<PublicKey> {
    /// RFC 8017, appendix C.
    const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
    let info = SubjectPublicKeyInfoOwned::from_der(der).ok()?;
    if info.algorithm.oid.to_string() == RSA_ENCRYPTION {
        let bits = info.subject_public_key.as_bytes()?;
        return RsaKey::from_pkcs1(bits).map(PublicKey::Rsa);
    }
    VerifyingKey::from_public_key_der(der).ok().map(PublicKey::P256)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../../fixtures/certificate.pem");
    const SET: &str = include_str!("../../fixtures/keys.json");

    /// In the middle of the certificate's year, 2026.
    const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);

    #[test]
    fn certificates_are_keys_while_they_are_valid() {
        assert_eq!(keys_in(CERTIFICATE, NOW).len(), 1);
        let chain = format!("\r\n{CERTIFICATE}{CERTIFICATE}");
        assert_eq!(keys_in(&chain, NOW).len(), 1, "the first of a chain");
        for secs in [1_767_225_599, 1_798_761_601] {
            assert!(keys_in(CERTIFICATE, Timestamp::from_secs(secs)).is_empty(), "{secs}");
        }
    }

    #[test]
    fn sets_name_their_keys() {
        let names = |text: &str| -> Vec<Option<String>> {
            keys_in(text, NOW).into_iter().map(|named| named.id).collect()
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(names(SET), [some("r"), some("e")], "P-384 is not known");
        let by_name = serde_json::json!({ "a": CERTIFICATE, "b": "junk" }).to_string();
        assert_eq!(names(&by_name), [some("a")]);
        let set: Value = serde_json::from_str(SET).expect("JSON");
        assert_eq!(names(&set["keys"][1].to_string()), [some("e")]);
        assert_eq!(names(&serde_json::json!({ "key": set["keys"][0] }).to_string()), [some("r")]);
    }

    #[test]
    fn what_holds_no_key() {
        let cut = &CERTIFICATE[..CERTIFICATE.len() / 2];
        let nested = "[".repeat(100_000);
        for text in ["", "{", "{}", "{\"keys\":[{}]}", "-----BEGIN ", cut, "junk", &nested] {
            assert!(keys_in(text, NOW).is_empty(), "{text:.30}");
        }
    }

    #[test]
    fn a_key_of_another_curve_is_none_even_if_its_numbers_would_do() {
        let mut set: Value = serde_json::from_str(SET).expect("JSON");
        let key = &mut set["keys"][1];
        assert_eq!(keys_in(&key.to_string(), NOW).len(), 1);
        key["crv"] = "P-384".into();
        assert_eq!(keys_in(&key.to_string(), NOW).len(), 0);
    }
}
