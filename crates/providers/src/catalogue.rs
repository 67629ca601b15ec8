//! The definitions as the configuration asks for them.

use crate::registry::{find, names};
use holdfast_domain::configuration::Catalogue;
use holdfast_domain::provider::Provider;
use std::sync::Arc;

/// All definitions that are compiled in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Definitions;

impl Catalogue for Definitions {
    fn names(&self) -> Vec<&str> {
        names().collect()
    }

    fn find(&self, name: &str) -> Option<Arc<Provider>> {
        find(name).ok().map(|provider| Arc::new(provider.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::configuration::Configuration;

    const SAMPLE: &str = include_str!("../../../holdfast.toml");

    #[test]
    fn the_configuration_that_comes_with_the_repository_is_sound() {
        let read = Configuration::read(SAMPLE, &Definitions);
        let configuration = read.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(configuration.warnings(), []);
        let warnings = configuration.deployment_warnings();
        let warnings: Vec<&str> = warnings.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            warnings,
            ["destination `billing` is this machine: right for `holdfast dev`, but in AWS nobody \
              listens there"]
        );
    }

    #[test]
    fn every_source_of_that_configuration_has_a_sample_that_is_routed() {
        use holdfast_domain::inbound::Inbound;
        use holdfast_domain::secret::Secret;
        use holdfast_domain::signature::verify;
        use holdfast_domain::time::Timestamp;

        let configuration = Configuration::read(SAMPLE, &Definitions).expect("sound");
        let (now, secrets) = (Timestamp::from_secs(1_700_000_000), [Secret::new("whsec_c2VjcmV0")]);
        for source in configuration.sources() {
            let sample = source.provider.signed_sample(&secrets, "1", now).expect("signed");
            let headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
            let inbound = Inbound::post("/", headers, sample.body);
            let verified = verify(&source.provider, &inbound, &secrets, now).expect("verified");
            let kind = verified.identify(now).kind;
            assert!(configuration.route(&source.name, &kind).is_some(), "{} {kind}", source.name);
        }
    }
}
