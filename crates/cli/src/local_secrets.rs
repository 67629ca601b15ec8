//! Secrets for this machine alone: `holdfast dev` verifies with them and `holdfast send` signs with
//! them where no file is given, so that the two fit without a word. Shared secrets are made from their
//! names; for providers that sign with a private key, there are private keys that anybody can know.
//! Nothing that is deployed ever uses them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{Scheme, VerifiedBy};
use holdfast_providers::sample_keys;
use sha2::{Digest, Sha256};

/// The local secret of a name. It fits every scheme with shared secrets: as a text, and as the
/// `whsec_` and base64 of 32 bytes that Standard Webhooks asks for.
pub fn local_secret(name: &str) -> Secret {
    let hash = Sha256::digest(format!("holdfast local secret: {name}"));
    Secret::new(format!("whsec_{}", STANDARD.encode(hash)))
}

/// What a source has as the secret of that name, where none is given, and the provider's page of keys
/// if they lie elsewhere.
pub fn believed(name: &str, scheme: &Scheme) -> VerifiedBy {
    scheme.verified_by(&signing(vec![local_secret(name)], scheme, true))
}

/// What to sign a sample with, for a source with these secrets: they themselves, and the local private
/// keys where the source believes those.
pub fn signing(secrets: Vec<Secret>, scheme: &Scheme, is_local: bool) -> Vec<Secret> {
    if !scheme.has_public_key() {
        return secrets;
    }
    let halves = scheme.verified_by(&sample_keys());
    let is_known =
        |half: &Secret| secrets.iter().any(|known| known.matches(half.expose().as_bytes()));
    let believed = is_local || halves.secrets.iter().any(is_known);
    secrets.into_iter().chain(sample_keys().into_iter().filter(|_| believed)).collect()
}

/// Whether nobody but the provider can sign for a source of it that is deployed: its keys lie on the
/// provider's own host.
pub fn is_signed_elsewhere(provider: &Provider) -> bool {
    provider.scheme().verified_by(&sample_keys()).page.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_own() {
        let secret = local_secret("stripe");
        assert_eq!(secret.expose(), local_secret("stripe").expose());
        assert_ne!(secret.expose(), local_secret("github").expose());
        assert_eq!(secret.expose().len(), "whsec_".len() + 44);
    }

    #[test]
    fn private_keys_sign_only_for_sources_that_believe_them() {
        let discord = holdfast_providers::find("discord").expect("defined").scheme();
        let own = believed("discord", discord).secrets;
        assert_eq!(own.len(), 1, "the public half alone");
        assert_eq!(signing(own, discord, false).len(), 4);
        let foreign = vec![Secret::new("00".repeat(32))];
        assert_eq!(signing(foreign, discord, false).len(), 1, "somebody's real key");
        let stripe = holdfast_providers::find("stripe").expect("defined").scheme();
        assert_eq!(signing(vec![local_secret("stripe")], stripe, true).len(), 1);
    }
}
