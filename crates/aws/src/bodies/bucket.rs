//! Large bodies: objects of the bodies bucket. They expire by the bucket's lifecycle rule, counted
//! from their last write; keeping one longer is writing it over itself.

use super::{Bodies, READ, RENEW, WRITE};
use crate::cause;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::MetadataDirective;
use holdfast_domain::record::BodyKey;
use holdfast_pipeline::ports::{Error, Result};
use std::time::Duration;

/// Why S3 has no object: without the permission to list the bucket, a missing object is a
/// forbidden one (`AccessDenied`), which stays an error.
const NO_OBJECT: [&str; 2] = ["NoSuchKey", "NotFound"];

const CONTENT_TYPE: &str = "application/zstd";

/// How long reading an object may take in all.
const LONGEST_READ: Duration = Duration::from_secs(15);

impl Bodies {
    pub(super) async fn put_object(&self, key: &BodyKey, compressed: Vec<u8>) -> Result<()> {
        let put = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(object_key(key))
            .content_type(CONTENT_TYPE)
            .body(ByteStream::from(compressed));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::new(WRITE, cause::of(&error))),
        }
    }

    pub(super) async fn get_object(&self, key: &BodyKey) -> Result<Option<Vec<u8>>> {
        self.get_object_within(LONGEST_READ, key).await
    }

    /// The client's time-outs end with the head of the answer, and its protection against stalled
    /// streams is content with a byte a second. A body that trickles in so would take its whole batch
    /// along when the function's time is over.
    async fn get_object_within(&self, limit: Duration, key: &BodyKey) -> Result<Option<Vec<u8>>> {
        let read = self.get_whole_object(key);
        match tokio::time::timeout(limit, read).await {
            Ok(read) => read,
            Err(elapsed) => Err(Error::new(READ, elapsed)),
        }
    }

    async fn get_whole_object(&self, key: &BodyKey) -> Result<Option<Vec<u8>>> {
        let get = self.s3.get_object().bucket(&self.bucket).key(object_key(key));
        match get.send().await {
            Ok(got) => {
                let read = got.body.collect().await;
                Ok(Some(read.map_err(|error| Error::new(READ, error))?.to_vec()))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(Error::new(READ, cause::of(&error))),
        }
    }

    pub(super) async fn keep_object(&self, key: &BodyKey) -> Result<bool> {
        let key = object_key(key);
        let copy = self
            .s3
            .copy_object()
            .bucket(&self.bucket)
            .key(&key)
            .copy_source(format!("{}/{key}", self.bucket))
            .metadata_directive(MetadataDirective::Replace)
            .content_type(CONTENT_TYPE);
        match copy.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(Error::new(RENEW, cause::of(&error))),
        }
    }
}

fn object_key(key: &BodyKey) -> String {
    format!("bodies/{}", key.as_str())
}

fn is_missing(error: &impl ProvideErrorMetadata) -> bool {
    error.code().is_some_and(|code| NO_OBJECT.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;
    use aws_sdk_s3::primitives::SdkBody;
    use holdfast_testkit::builders;
    use http_body_util::{BodyExt, Full};
    use std::future::pending;

    /// ```text
    /// read ─ head ─ first bytes ───────────────── limit: could not be read, which is not "gone"
    /// ```
    #[tokio::test]
    async fn a_body_that_does_not_end_is_not_waited_for() {
        let clients = canned::clients(|| {
            let endless = Full::<bytes::Bytes>::from("the beginning").with_trailers(pending());
            (200, SdkBody::from_body_1_x(endless))
        });
        let bodies = Bodies::new(clients.dynamodb, "bodies", clients.s3, "bodies");
        let body = builders::body_ref(&builders::unique_key(), b"{}");

        let read = bodies.get_object_within(Duration::from_millis(100), &body.key).await;

        let error = read.expect_err("nothing is known of the object");
        assert_eq!((error.operation, error.cause.as_str()), (READ, "deadline has elapsed"));
    }
}
