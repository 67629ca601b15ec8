//! Signatures of outgoing requests: Standard Webhooks v1, by the same scheme that proves incoming
//! ones.

use holdfast_domain::headers::Headers;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{Message, Scheme, Unsignable};
use holdfast_domain::time::Timestamp;
use std::sync::LazyLock;

static SCHEME: LazyLock<Scheme> = LazyLock::new(Scheme::standard_webhooks);

/// The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, with one signature for
/// each usable value of the secret, so that during a rotation the endpoint may know either. A value
/// that is no key is passed over as long as another one is: a slip in the new value must not stop
/// what the old one still proves.
///
/// # Errors
/// [`Unsignable`] when there is not one signature.
pub(crate) fn signed(
    secrets: &[Secret],
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<Vec<(String, String)>, Unsignable> {
    SCHEME.sign(secrets, &Message { id, at, headers: &Headers::new(), body })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn signature(secrets: &[&str]) -> Result<String, Unsignable> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        let at = Timestamp::from_secs(1_614_265_330);
        let body = br#"{"test": 2432232314}"#;
        let headers = signed(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)?;
        let signature = headers.into_iter().find(|(name, _)| name == "webhook-signature");
        Ok(signature.unwrap().1)
    }

    #[test]
    fn the_published_example() {
        assert_eq!(signature(&[SECRET]).as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn every_usable_value_signs() {
        let new = "whsec_aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=";
        let alone = signature(&[new]).unwrap();
        assert_eq!(signature(&[new, SECRET]), Ok(format!("{alone} {SIGNATURE}")));
        assert_eq!(signature(&["whsec_%", SECRET]).as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn nothing_is_signed_without_a_key() {
        for values in [&[][..], &[""], &["whsec_"], &["whsec_not base64!"]] {
            assert_eq!(signature(values), Err(Unsignable::NoUsableSecret), "{values:?}");
        }
    }
}
