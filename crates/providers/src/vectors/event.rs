//! A row's request as API Gateway's HTTP API hands it to a function (payload format 2.0): names of
//! headers in lower case, repeated headers joined with a comma, and a body that is base64 unless
//! its type is textual.

use super::row::Row;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use serde_json::{Map, Value, json};

impl Row {
    /// The Lambda event for a request to `path`, e.g. `/hooks/stripe`.
    pub fn http_api_event(&self, path: &str) -> Value {
        let mut headers = Map::new();
        for (name, value) in &self.request.headers {
            headers.insert(name.to_ascii_lowercase(), Value::String(value.joined()));
        }
        let declared = headers.get("content-type").and_then(Value::as_str).unwrap_or_default();
        let bytes = STANDARD.decode(&self.request.body_base64).unwrap_or_default();
        let (body, encoded) = match String::from_utf8(bytes) {
            Ok(text) if is_textual(declared) => (text, false),
            _ => (self.request.body_base64.clone(), true),
        };
        let method = &self.request.method;
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": self.request.query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "domainName": "hooks.example.com",
                "domainPrefix": "hooks",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "vectors",
                },
                "requestId": self.id,
                "routeKey": "$default",
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": self.now().millis(),
            },
            "body": body,
            "isBase64Encoded": encoded,
        })
    }

    /// The request after its passage through API Gateway.
    pub fn inbound(&self) -> Option<Inbound> {
        inbound(&self.http_api_event(&self.request.path))
    }
}

/// The request in an event of payload format 2.0; `None` when the event has another shape.
pub fn inbound(event: &Value) -> Option<Inbound> {
    let mut headers = Headers::new();
    for (name, value) in event.get("headers")?.as_object()? {
        headers.add(name, value.as_str()?);
    }
    let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
    let encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let body = if encoded { STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
    let text_at = |pointer| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Some(Inbound {
        method: text_at("/requestContext/http/method")?,
        path: text_at("/rawPath")?,
        query: text_at("/rawQueryString").unwrap_or_default(),
        headers,
        body: body.into(),
    })
}

fn is_textual(declared: &str) -> bool {
    let kind = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"]
            .contains(&kind.as_str())
}
