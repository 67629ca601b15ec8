//! The lists that a provider's API answers with. It is authenticated by TLS alone, and may be down.

use holdfast_domain::provider::Provider;

/// Every provider that is polled reads the page or refuses it.
pub(crate) fn check(data: &[u8]) {
    let all = holdfast_providers::names().filter_map(|name| holdfast_providers::find(name).ok());
    for listing in all.filter_map(Provider::listing) {
        for base_url in [None, Some("https://api.example.com")] {
            if let Ok(page) = listing.page(base_url, data) {
                assert!(page.items.len() <= data.len(), "more items than bytes");
            }
        }
    }
}
