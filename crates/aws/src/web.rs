//! The web as far as the receiver may go: one GET over `https`, with the connector that the SDK's
//! clients have. No client of its own is linked, none is made before it is needed, and no redirect is
//! followed: the host was checked, the next one would not be.

use crate::connector;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use holdfast_pipeline::ports::{Error, Result};
use holdfast_pipeline::web::{Visit, Web};
use std::sync::OnceLock;
use std::time::Duration;

/// A provider waits meanwhile; what it waits for beside must fit too.
const IN_ALL: Duration = Duration::from_millis(1500);

/// Longer than any certificate chain or set of keys.
const MOST_BYTES: usize = 64 * 1024;

/// Visits pages over TLS.
#[derive(Debug, Default)]
pub struct Https(OnceLock<SharedHttpConnector>);

impl Https {
    async fn visit(&self, url: &str) -> Result<Visit> {
        let failed = |cause: &dyn std::fmt::Display| Error::new("visit a page", cause);
        if !url.starts_with("https://") {
            return Err(failed(&"only https is spoken"));
        }
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).map_err(|error| failed(&error))?;
        let connector = self.0.get_or_init(connector::plain);
        let response = connector.call(request).await.map_err(|error| failed(&error))?;
        match response.status().as_u16() {
            200..=299 => {}
            status if says_that_there_is_none(status) => return Ok(Visit::None(status)),
            status => return Err(failed(&format!("status {status}"))),
        }
        let mut stream = ByteStream::new(response.into_body());
        let mut page = BytesMut::new();
        while let Some(piece) = stream.try_next().await.map_err(|error| failed(&error))? {
            if page.len() + piece.len() > MOST_BYTES {
                return Err(failed(&"the page is too long"));
            }
            page.extend_from_slice(&piece);
        }
        Ok(Visit::Page(Bytes::from(page)))
    }
}

/// RFC 9110, 15.5.5 and 15.5.11. Every other status says something about the host at this moment, or
/// about who asks, and nothing about the page.
const fn says_that_there_is_none(status: u16) -> bool {
    matches!(status, 404 | 410)
}

impl Web for Https {
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Visit>> {
        Box::pin(async move {
            let visited = tokio::time::timeout(IN_ALL, self.visit(url)).await;
            visited.unwrap_or_else(|_| Err(Error::new("visit a page", "no answer in time")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_or_a_bad_moment_is_not_taken_for_the_absence_of_a_page() {
        let none: Vec<u16> = (100..600).filter(|one| says_that_there_is_none(*one)).collect();
        assert_eq!(none, [404, 410]);
    }
}
