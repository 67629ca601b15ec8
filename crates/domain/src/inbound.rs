//! A request as it arrived: raw bytes, nothing proved. Only [`crate::signature::verify`] makes more
//! of it.

use crate::headers::Headers;
use bytes::Bytes;
use std::fmt;

/// A request as it arrived. Body and query are as on the wire: a base64 wrapping by the platform
/// is undone, nothing else (no percent-decoding, no decompression, no change of line ends).
#[derive(Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The method in upper case, e.g. `POST`.
    pub method: String,
    /// The path as the platform gives it, undecoded.
    pub path: String,
    /// The raw query without `?`; empty when there is none.
    pub query: String,
    /// The headers.
    pub headers: Headers,
    /// The body's bytes.
    pub body: Bytes,
}

impl Inbound {
    /// A POST with nothing but headers and a body.
    pub fn post(path: impl Into<String>, headers: Headers, body: impl Into<Bytes>) -> Self {
        let (method, query) = ("POST".to_owned(), String::new());
        Self { method, path: path.into(), query, headers, body: body.into() }
    }
}

impl fmt::Debug for Inbound {
    /// Shows neither the body nor a header's value nor the query, which may carry a token.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Inbound")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_content() {
        let headers = [("x-token", "hunter2")].into_iter().collect();
        let mut inbound = Inbound::post("/hooks/acme", headers, "hunter2");
        inbound.query = "token=hunter2".to_owned();
        let shown = format!("{inbound:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("x-token") && shown.contains("body_bytes: 7"), "{shown}");
    }
}
