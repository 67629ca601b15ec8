//! Private keys that anybody can know, to sign samples with as a provider that has a private key would.
//! Nothing that is deployed believes them: a source does so only with their public half as its secret.

use holdfast_domain::secret::Secret;

/// One for each kind of signature: ed25519, ECDSA over P-256, and RSA with 2048 bits; PKCS #8 in PEM.
pub fn sample_keys() -> [Secret; 3] {
    [
        include_str!("../fixtures/sample-keys/ed25519.pem"),
        include_str!("../fixtures/sample-keys/p256.pem"),
        include_str!("../fixtures/sample-keys/rsa.pem"),
    ]
    .map(Secret::new)
}
