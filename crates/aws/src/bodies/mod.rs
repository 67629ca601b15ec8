//! The bodies, compressed: small ones in a DynamoDB table, large ones in S3, where one put costs
//! as much as eight writes. Keys name the content, so that a repeated write changes no byte.

mod bucket;
mod compression;
mod table;

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_s3::Client as S3;
use bytes::Bytes;
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::record::{BodyKey, BodyPlace, BodyRef};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{BodyStore, Error, Result};

/// The largest compressed body, in bytes, that is kept in the table.
pub const LARGEST_IN_TABLE: usize = 8 * 1024;

const WRITE: &str = "store the body";
const READ: &str = "read the body";
const RENEW: &str = "keep the body longer";

/// The bodies table and the bodies bucket.
#[derive(Clone, Debug)]
pub struct Bodies {
    dynamodb: DynamoDb,
    table: String,
    s3: S3,
    bucket: String,
}

impl Bodies {
    /// The table and the bucket of those names.
    pub fn new(
        dynamodb: DynamoDb,
        table: impl Into<String>,
        s3: S3,
        bucket: impl Into<String>,
    ) -> Self {
        Self { dynamodb, table: table.into(), s3, bucket: bucket.into() }
    }
}

impl BodyStore for Bodies {
    async fn write(&self, key: &BodyKey, body: &Bytes, kept_until: Timestamp) -> Result<BodyPlace> {
        let compressed = compression::compress(body).map_err(|error| Error::new(WRITE, error))?;
        if compressed.len() <= LARGEST_IN_TABLE {
            self.put_item(key, compressed, kept_until).await?;
            Ok(BodyPlace::Table)
        } else {
            self.put_object(key, compressed).await?;
            Ok(BodyPlace::Bucket)
        }
    }

    async fn read(&self, body: &BodyRef) -> Result<Option<Bytes>> {
        let compressed = match body.place {
            BodyPlace::Table => self.get_item(&body.key).await?,
            BodyPlace::Bucket => self.get_object(&body.key).await?,
        };
        Ok(compressed.and_then(|compressed| verified(&compressed, body)))
    }

    async fn renew(&self, body: &BodyRef, kept_until: Timestamp) -> Result<bool> {
        match body.place {
            BodyPlace::Table => self.keep_item(&body.key, kept_until).await,
            BodyPlace::Bucket => self.keep_object(&body.key).await,
        }
    }
}

/// A body that is not the one the record names is as good as gone.
fn verified(compressed: &[u8], wanted: &BodyRef) -> Option<Bytes> {
    let body = compression::decompress(compressed);
    let body = body.filter(|body| BodyHash::of(body) == wanted.hash);
    if body.is_none() {
        tracing::error!(key = wanted.key.as_str(), "a stored body is not the one its record names");
    }
    body.map(Bytes::from)
}
