//! The HTTP request as Lambda delivers it: payload format 2.0, which an HTTP API and a function
//! URL share ("Working with AWS Lambda proxy integrations for HTTP APIs", API Gateway developer
//! guide).
//!
//! Read with types of our own: the usual crate turns a header that is not ASCII, a body that is
//! not base64 or a strange `Host` into a failed invocation, and here such requests are the normal
//! case (`docs/adr/0002-own-http-event.md`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_pipeline::receive::Answer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The parts of the event that are used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEvent {
    #[serde(default)]
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

/// Why an event is no request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not an HTTP event of payload format 2.0.
    #[error("not an HTTP event of payload format 2.0: {0}")]
    Shape(#[source] serde_json::Error),
    /// Its body says that it is base64 and is not.
    #[error("the body is not base64")]
    Base64,
}

/// Reads an event.
///
/// Whether the body is base64 is decided by the flag alone: form bodies are, JSON is not, and the
/// content type does not tell.
///
/// # Errors
/// When it is not an HTTP event, or its body cannot be decoded.
pub fn inbound(event: &str) -> Result<Inbound, Error> {
    let event: HttpEvent = serde_json::from_str(event).map_err(Error::Shape)?;
    let body = event.body.unwrap_or_default();
    let body = if event.is_base64_encoded {
        Bytes::from(STANDARD.decode(body).map_err(|_| Error::Base64)?)
    } else {
        Bytes::from(body)
    };
    Ok(Inbound {
        method: event.request_context.http.method,
        path: event.raw_path,
        query: event.raw_query_string,
        headers: event.headers.into_iter().collect::<Headers>(),
        body,
    })
}

/// The event that an HTTP API makes of a request: header names in lower case, repeated ones joined,
/// the body as text only where its type says that it is text and it is. For whatever stands in for
/// API Gateway: the local runner and the tests.
pub fn http_api_event(inbound: &Inbound) -> String {
    let headers: BTreeMap<&str, String> = inbound
        .headers
        .iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(value).into_owned()))
        .collect();
    let declared = headers.get("content-type").map(String::as_str).unwrap_or_default();
    let (body, is_base64) = match std::str::from_utf8(&inbound.body) {
        Ok(text) if is_text(declared) => (text.to_owned(), false),
        _ => (STANDARD.encode(&inbound.body), true),
    };
    serde_json::json!({
        "version": "2.0",
        "routeKey": "ANY /hooks/{source}",
        "rawPath": inbound.path,
        "rawQueryString": inbound.query,
        "headers": headers,
        "requestContext": {
            "http": { "method": inbound.method, "path": inbound.path, "protocol": "HTTP/1.1" },
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": is_base64,
    })
    .to_string()
}

/// What API Gateway passes on as text ("Working with AWS Lambda proxy integrations for HTTP APIs").
fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"]
            .contains(&kind.as_str())
}

/// The answer as Lambda wants it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    body: String,
    is_base64_encoded: bool,
}

impl HttpAnswer {
    /// Status, headers and body as they go over the wire.
    pub fn into_parts(self) -> (u16, BTreeMap<String, String>, Vec<u8>) {
        let body = if self.is_base64_encoded {
            STANDARD.decode(&self.body).unwrap_or_default()
        } else {
            self.body.into_bytes()
        };
        (self.status_code, self.headers, body)
    }
}

impl From<Answer> for HttpAnswer {
    fn from(answer: Answer) -> Self {
        let headers = answer.headers.into_iter().collect();
        let (body, is_base64_encoded) = match String::from_utf8(answer.body) {
            Ok(text) => (text, false),
            Err(error) => (STANDARD.encode(error.into_bytes()), true),
        };
        Self { status_code: answer.status, headers, body, is_base64_encoded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::RngSeed;

    fn event(headers: &str, body: &str, is_base64: bool) -> String {
        format!(
            r#"{{"version":"2.0","rawPath":"/hooks/stripe","rawQueryString":"a=%20b","headers":{headers},
            "requestContext":{{"http":{{"method":"POST"}}}},"body":{body},"isBase64Encoded":{is_base64}}}"#
        )
    }

    #[test]
    fn a_request_keeps_its_bytes() {
        let read = inbound(&event(r#"{"X-A":"1"}"#, r#""{\"a\": \"ü\"}""#, false)).unwrap();
        assert_eq!((read.path.as_str(), read.query.as_str()), ("/hooks/stripe", "a=%20b"));
        assert_eq!(read.headers.get("x-a"), Some(&b"1"[..]));
        assert_eq!(read.body, "{\"a\": \"ü\"}".as_bytes());
        let read = inbound(&event("{}", r#""/wA=""#, true)).unwrap();
        assert_eq!(read.body, &[0xff, 0x00][..]);
        let read = inbound(&event("{}", "null", false)).unwrap();
        assert!(read.body.is_empty());
    }

    #[test]
    fn what_an_http_api_would_deliver_is_read_back() {
        for (kind, body) in [
            ("application/json; charset=utf-8", &b"{}"[..]),
            ("application/json", &[0xff][..]),
            ("application/x-www-form-urlencoded", b"a=b"),
            ("", b""),
        ] {
            let headers = [("content-type", kind)].into_iter().collect();
            let sent = Inbound::post("/hooks/a", headers, body.to_vec());
            let read = inbound(&http_api_event(&sent)).unwrap();
            assert_eq!((read.body, read.path), (sent.body, sent.path));
            assert_eq!(read.headers.get("content-type"), Some(kind.as_bytes()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 200,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(7),
            ..ProptestConfig::default()
        })]

        #[test]
        fn whatever_is_posted_arrives(
            pairs in vec(("[a-zA-Z-]{1,8}", any::<String>()), 0..6),
            kind in select(vec![
                "application/json", "Application/XML; charset=latin1", "text/plain", "image/png", "",
            ]),
            [path, query] in [any::<String>(), any::<String>()],
            body in any::<Vec<u8>>(),
        ) {
            let typed = [("content-type".to_owned(), kind.to_owned())];
            let others = pairs.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            let headers: Headers = others.chain(typed).collect();
            let sent = Inbound { query, ..Inbound::post(path, headers, body) };
            let read = inbound(&http_api_event(&sent)).unwrap();
            prop_assert_eq!(&read.body, &sent.body);
            prop_assert_eq!((read.method, read.path, read.query), (sent.method, sent.path, sent.query));
            prop_assert_eq!(read.headers.iter().count(), sent.headers.iter().count());
            for (name, value) in sent.headers.iter() {
                prop_assert_eq!(read.headers.get(name), Some(value));
            }
        }

        #[test]
        fn whatever_is_answered_goes_out(
            status in 100..600_u16,
            body in any::<Vec<u8>>(),
        ) {
            let answer = Answer { status, headers: Vec::new(), body: body.clone() };
            let (told, _, sent) = HttpAnswer::from(answer).into_parts();
            prop_assert_eq!((told, sent), (status, body));
        }

        #[test]
        fn no_text_breaks_the_reading(text in any::<String>()) {
            prop_assert!(inbound(&text).is_err());
        }
    }

    #[test]
    fn strange_headers_are_only_strange() {
        let headers = r#"{"stripe-signature":"tü\n1","host":"a b\u0000//","":"x"," y ":"é"}"#;
        let read = inbound(&event(headers, "\"\"", false)).unwrap();
        assert_eq!(read.headers.get("stripe-signature"), Some("tü\n1".as_bytes()));
    }

    #[test]
    fn what_is_no_request_is_an_error() {
        for text in ["", "{}", "[]", "null", r#"{"requestContext":{}}"#] {
            assert!(matches!(inbound(text), Err(Error::Shape(_))), "{text}");
        }
        let bad = event("{}", "\"%%%\"", true);
        assert!(matches!(inbound(&bad), Err(Error::Base64)));
    }
}
