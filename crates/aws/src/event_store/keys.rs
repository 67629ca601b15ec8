//! Names in the events table: its attributes, its index and the prefixes of its keys.
//!
//! | prefix of `pk` | what it is |
//! |---|---|
//! | `E#` | the record of an event |
//! | `R#` | the record of a forced replay |
//! | `V#` | the last version completed of an entity |
//! | `W#` | a poll's watermark |
//! | `S#` | the switches, or the memory of the sweep or of the renewal |
//! | `offers#` | the secrets that were offered to a source at a handshake |

/// The sparse index: records by `open_shard` and `index_at`, keys only.
pub const OPEN_INDEX: &str = "open";

/// The table's hash key.
pub const PK: &str = "pk";
/// The index' hash key, `open#3`: absent once a record is processed.
pub const OPEN_SHARD: &str = "open_shard";
/// The index' sort key, in milliseconds.
pub const INDEX_AT: &str = "index_at";
/// When DynamoDB may drop the item, in seconds. Of records, only processed ones have it; of
/// documents, only offered secrets.
pub const EXPIRES_AT: &str = "expires_at";

pub(super) const STATE: &str = "state";
pub(super) const TOKEN: &str = "token";
pub(super) const OWNER: &str = "owner";
pub(super) const INGEST_NONCE: &str = "ingest_nonce";
pub(super) const LEASE_UNTIL: &str = "lease_until";
pub(super) const ATTEMPTS: &str = "attempts";
pub(super) const REPLAYS: &str = "replays";
pub(super) const NEXT_ATTEMPT_AT: &str = "next_attempt_at";
pub(super) const LAST_SENT_AT: &str = "last_sent_at";
pub(super) const RECEIVED_AT: &str = "received_at";
pub(super) const SOURCE_TIME: &str = "source_time";
pub(super) const KIND: &str = "kind";
pub(super) const ENTITY: &str = "entity";
pub(super) const VERSION: &str = "version";
pub(super) const ORIGIN: &str = "origin";
pub(super) const HEADERS: &str = "headers";
pub(super) const BODY_REF: &str = "body_ref";
pub(super) const BODY_SHA256: &str = "body_sha256";
pub(super) const BODY_KEPT_UNTIL: &str = "body_kept_until";
pub(super) const ATTEMPT_LOG: &str = "attempt_log";
pub(super) const OUTCOME: &str = "outcome";
pub(super) const PROCESSED_AT: &str = "processed_at";
pub(super) const PROCESSED_REASON: &str = "processed_reason";
pub(super) const DEAD_AT: &str = "dead_at";
pub(super) const CLASS: &str = "class";
pub(super) const REASON: &str = "reason";
pub(super) const HTTP_STATUS: &str = "http_status";

/// In a document: its text.
pub(super) const JSON: &str = "json";
/// In a document: which write it comes from.
pub(super) const REVISION: &str = "revision";
/// In a document: the nonce of that write.
pub(super) const WRITER: &str = "writer";
