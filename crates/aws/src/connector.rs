//! The one HTTP connector of a process, behind the clients of all services.
//!
//! Left to themselves, every client makes connectors of its own, one to check its settings and one
//! to use, and each of them parses all CA certificates of the system again: a sixth of a start's
//! work. Here they are parsed once.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use std::sync::OnceLock;
use std::time::Duration;

/// A client for all services, otherwise like the SDK's own. No connection takes longer than
/// `longest` to open, and no answer longer to begin; each client's limit on an attempt is what cuts
/// a call off.
pub(crate) fn shared(longest: Duration) -> SharedHttpClient {
    let settings =
        HttpConnectorSettings::builder().connect_timeout(longest).read_timeout(longest).build();
    let connector = OnceLock::new();
    http_client_fn(move |_, components| {
        let open = || {
            let mut builder = Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .connector_settings(settings.clone())
                .proxy_config(ProxyConfig::from_env());
            builder.set_sleep_impl(components.sleep_impl());
            SharedHttpConnector::new(builder.build())
        };
        connector.get_or_init(open).clone()
    })
}

/// A connector for pages that are no service of AWS. Who calls it sets the limit of time.
pub(crate) fn plain() -> SharedHttpConnector {
    let builder = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .proxy_config(ProxyConfig::from_env());
    SharedHttpConnector::new(builder.build())
}
