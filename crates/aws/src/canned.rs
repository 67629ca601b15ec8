//! Clients that hear what a test says, and reach nobody.

use crate::clients::{Clients, Pace};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use std::fmt;
use std::sync::Arc;

/// The status and the body of an answer.
type Answer = Arc<dyn Fn() -> (u16, SdkBody) + Send + Sync>;

#[derive(Clone)]
struct Canned(Answer);

impl fmt::Debug for Canned {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Canned")
    }
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.0();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body)))
    }
}

/// Clients of a worker whose every call is answered so.
pub(crate) fn clients(answer: impl Fn() -> (u16, SdkBody) + Send + Sync + 'static) -> Clients {
    let canned = Canned(Arc::new(answer));
    let credentials = Credentials::new("the-id", "the-key", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(canned.clone())))
        .build();
    Clients::new(&config, Pace::Working)
}
