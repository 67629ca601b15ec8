//! The contract of a secret store. The caller prepares the store with [`PREPARED`].

use holdfast_pipeline::ports::SecretStore;
use std::collections::BTreeMap;

/// What the store has to hold: names and values, the newest first.
pub const PREPARED: [(&str, &[&str]); 3] = [
    ("stripe", &["whsec_new", "whsec_old"]),
    ("github", &["ünïcödé and spaces "]),
    ("destinations.billing", &["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
];

/// Runs the suite.
pub async fn secrets(store: &impl SecretStore) {
    let loaded = store.load().await.expect("the secrets load");
    let shown: BTreeMap<&str, Vec<&str>> = loaded
        .iter()
        .map(|(name, values)| (name.as_str(), values.iter().map(|value| value.expose()).collect()))
        .collect();
    let prepared: BTreeMap<&str, Vec<&str>> =
        PREPARED.into_iter().map(|(name, values)| (name, values.to_vec())).collect();
    assert_eq!(shown, prepared);
}
