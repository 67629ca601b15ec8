//! `holdfast.toml` and definitions of providers: an operator's own, but a typing error must not
//! bring the reader down.

use holdfast_domain::configuration::Configuration;
use holdfast_domain::provider::Provider;
use holdfast_providers::Definitions;

/// It is read, or refused with something to say.
pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(problems) = Configuration::read(&text, &Definitions) {
        assert!(!problems.to_string().trim().is_empty(), "refused without a word");
    }
    if let Err(problems) = Provider::from_toml(&text) {
        assert!(!problems.to_string().trim().is_empty(), "refused without a word");
    }
}
