//! Secrets for this machine alone, made from their names: `holdfast dev` verifies with them and
//! `holdfast send` signs with them where no file is given, so that the two fit without a word.
//! Anybody can compute them; nothing that is deployed ever uses them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_domain::secret::Secret;
use sha2::{Digest, Sha256};

/// The local secret of a name. It fits every scheme there is: as a text, and as the `whsec_` and
/// base64 of 32 bytes that Standard Webhooks asks for.
pub fn local_secret(name: &str) -> Secret {
    let hash = Sha256::digest(format!("holdfast local secret: {name}"));
    Secret::new(format!("whsec_{}", STANDARD.encode(hash)))
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
}
