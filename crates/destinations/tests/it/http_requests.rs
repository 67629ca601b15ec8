//! What an endpoint receives.

use crate::event::{Given, NOW, SECRET, Values, class_of_retry, deliver, endpoint};
use crate::server::{Request, Server};
use holdfast_destinations::Destinations;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::outcome::{Class, Ending, Outcome};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{Message, Rejection, Scheme, verify};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::deliver::Deliver;
use std::sync::Arc;

/// The signature of a request as an endpoint computes it, from what it received alone.
fn expected_signature(request: &Request, secret: &str) -> String {
    let id = request.header("webhook-id");
    let at = Timestamp::from_secs(request.header("webhook-timestamp").parse().unwrap());
    let message = Message { id, at, headers: &Headers::new(), body: &request.body };
    let signed = Scheme::standard_webhooks().sign(&[Secret::new(secret)], &message).unwrap();
    signed.into_iter().find(|(name, _)| name == "webhook-signature").unwrap().1
}

#[tokio::test]
async fn a_standard_webhooks_receiver_believes_it() {
    let server = Server::start([]).await;
    deliver(&endpoint(&server.url("/")), &Given { body: b"\xff{}", ..Given::default() }).await;
    let request = server.request();
    let inbound = |body: &[u8]| {
        let headers = request.headers.iter().cloned().collect();
        Inbound::post("/", headers, body.to_vec())
    };
    let provider = holdfast_providers::find("standard-webhooks").unwrap();
    let secrets = [Secret::new(SECRET)];
    assert!(verify(provider, &inbound(&request.body), &secrets, NOW).is_ok());
    let other = inbound(b"{}");
    let forged = verify(provider, &other, &secrets, NOW);
    assert_eq!(forged.err(), Some(Rejection::Mismatch));
}

#[tokio::test]
async fn a_request_in_full() {
    let server = Server::start([]).await;
    let given = Given {
        headers: &[("content-type", "application/json; charset=utf-8"), ("X-Event", "a b")],
        body: br#"{"id": "evt_1"}"#,
        ..Given::default()
    };
    let outcome = deliver(&endpoint(&server.url("/hooks?tenant=7")), &given).await;
    assert_eq!(outcome, Outcome::done(Ending::Delivered));

    let request = server.request();
    let key = given.delivery().idempotency_key;
    assert_eq!(request.line, "POST /hooks?tenant=7 HTTP/1.1");
    assert_eq!(request.body, given.body);
    let mut lines: Vec<String> =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "accept: */*".to_owned(),
            "content-length: 15".to_owned(),
            "content-type: application/json; charset=utf-8".to_owned(),
            "holdfast-attempt: 1".to_owned(),
            "holdfast-event-key: evt_1".to_owned(),
            "holdfast-header-x-event: a b".to_owned(),
            "holdfast-kind: invoice.paid".to_owned(),
            "holdfast-origin: webhook".to_owned(),
            "holdfast-received-at: 2023-11-14T22:13:18.000Z".to_owned(),
            "holdfast-source: stripe".to_owned(),
            format!("host: 127.0.0.1:{}", server.port()),
            format!("idempotency-key: {key}"),
            concat!("user-agent: holdfast/", env!("CARGO_PKG_VERSION")).to_owned(),
            format!("webhook-id: msg_{}", &key[..32]),
            format!("webhook-signature: {}", expected_signature(&request, SECRET)),
            format!("webhook-timestamp: {}", NOW.secs()),
        ]
    );
}

#[tokio::test]
async fn bodies_arrive_byte_for_byte_and_signed() {
    let every_byte: Vec<u8> = (0..=255).collect();
    let large = every_byte.repeat(8192);
    let bodies = [&b""[..], b"{}", b"{ \"a\":1.0 }\r\n", b"\xff\xfe\0", &every_byte, &large];
    let server = Server::start([]).await;
    let to = endpoint(&server.url("/"));
    for body in bodies {
        let outcome = deliver(&to, &Given { body, ..Given::default() }).await;
        assert_eq!(outcome, Outcome::done(Ending::Delivered));
    }
    let requests = server.requests();
    assert_eq!(requests.len(), bodies.len());
    for (request, body) in requests.iter().zip(bodies) {
        assert!(request.body == body, "{} bytes", body.len());
        assert_eq!(request.header("content-length"), body.len().to_string());
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("webhook-signature"), expected_signature(request, SECRET));
    }
    assert_eq!(server.connections(), 1, "a connection is used again");
}

#[tokio::test]
async fn a_compressed_body_stays_compressed() {
    let server = Server::start([]).await;
    let headers = [("Content-Encoding", "gzip"), ("Content-Type", "text/x")];
    let given = Given { headers: &headers, body: b"\x1f\x8b\x08", ..Given::default() };
    deliver(&endpoint(&server.url("/")), &given).await;
    let request = server.request();
    assert_eq!(request.header("content-encoding"), "gzip");
    assert_eq!(request.header("content-type"), "text/x");
    assert_eq!(request.body, b"\x1f\x8b\x08");
}

#[tokio::test]
async fn a_stored_header_is_never_more_than_a_stored_header() {
    let server = Server::start([]).await;
    let given = Given {
        headers: &[
            ("webhook-signature", "v1,forged"),
            ("webhook-id", "forged"),
            ("idempotency-key", "forged"),
            ("holdfast-kind", "forged"),
            ("host", "forged.example"),
            ("connection", "close"),
            ("transfer-encoding", "chunked"),
            ("content-length", "0"),
            ("authorization", "Basic Zm9yZ2Vk"),
            ("cookie", "forged"),
            ("x-line", "a\r\nwebhook-id: forged"),
            ("x-feed", "a\nforged: b"),
            ("x-nul", "a\0b"),
            ("x-latin", "\u{e9}"),
            ("x bad\r\nname", "forged"),
            ("\u{e9}", "forged"),
            ("", "forged"),
            ("x-empty", " "),
            ("x-good", " kept, as it is; q=0.5 \t"),
            ("content-type", "text/plain\r\nforged: b"),
        ],
        ..Given::default()
    };
    assert_eq!(
        deliver(&endpoint(&server.url("/")), &given).await,
        Outcome::done(Ending::Delivered)
    );
    let request = server.request();
    let mut kept: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("holdfast-header-"))
        .map(|(name, value)| (&name["holdfast-header-".len()..], value.as_str()))
        .collect();
    kept.sort_unstable();
    assert_eq!(
        kept,
        [
            ("holdfast-kind", "forged"),
            ("idempotency-key", "forged"),
            ("webhook-id", "forged"),
            ("webhook-signature", "v1,forged"),
            ("x-good", "kept, as it is; q=0.5"),
        ]
    );
    let others: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| !name.starts_with("holdfast-header-"))
        .filter(|(name, value)| name.contains("forged") || value.contains("forged"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(request.header("webhook-signature"), expected_signature(&request, SECRET));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("content-length"), "2");
    assert_eq!(request.header("holdfast-kind"), "invoice.paid");
    assert!(request.all("transfer-encoding").is_empty() && request.all("connection").is_empty());
}

#[tokio::test]
async fn keys_and_kinds_of_any_text_travel_encoded() {
    let server = Server::start([]).await;
    let given = Given { key: "über 100%#1", kind: "a b: c\u{2028}🚀", ..Given::default() };
    deliver(&endpoint(&server.url("/")), &given).await;
    let request = server.request();
    assert_eq!(request.header("holdfast-event-key"), "%C3%BCber%20100%25#1");
    assert_eq!(request.header("holdfast-kind"), "a%20b:%20c%E2%80%A8%F0%9F%9A%80");
}

#[tokio::test]
async fn an_event_keeps_its_ids_and_its_replay_gets_others() {
    let server = Server::start([]).await;
    let to = endpoint(&server.url("/"));
    let all = Destinations::without_queues(Values(Some(vec![SECRET])));
    let first = Given::default().delivery();
    let mut second = first.clone();
    let mut record = (*first.record).clone();
    record.attempts = 2;
    second.record = Arc::new(record.clone());
    let mut replay = first.clone();
    record.event.key = first.record.key().replay(1);
    replay.idempotency_key = record.key().idempotency_key();
    replay.record = Arc::new(record);
    for delivery in [&first, &second, &replay] {
        assert_eq!(all.deliver(&to, delivery).await, Outcome::done(Ending::Delivered));
    }
    let requests = server.requests();
    let ids = |name: &str| -> Vec<String> {
        requests.iter().map(|request| request.header(name).to_owned()).collect()
    };
    for name in ["webhook-id", "idempotency-key"] {
        let ids = ids(name);
        assert_eq!(ids[0], ids[1], "{name}");
        assert_ne!(ids[0], ids[2], "{name}");
    }
    assert_eq!(ids("holdfast-attempt"), ["1", "2", "2"]);
    assert_eq!(ids("holdfast-event-key"), ["evt_1", "evt_1", "evt_1#1"]);
}

#[tokio::test]
async fn both_secrets_sign_while_one_replaces_the_other() {
    let new = "whsec_aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=";
    let server = Server::start([]).await;
    let all = Destinations::without_queues(Values(Some(vec![new, SECRET])));
    all.deliver(&endpoint(&server.url("/")), &Given::default().delivery()).await;
    let request = server.request();
    let both =
        format!("{} {}", expected_signature(&request, new), expected_signature(&request, SECRET));
    assert_eq!(request.header("webhook-signature"), both);
}

#[tokio::test]
async fn nothing_is_sent_unsigned() {
    let server = Server::start([]).await;
    let to = endpoint(&server.url("/"));
    for values in [None, Some(vec![]), Some(vec![""]), Some(vec!["whsec_%", "pass word"])] {
        let all = Destinations::without_queues(Values(values));
        let outcome = all.deliver(&to, &Given::default().delivery()).await;
        let shown = format!("{outcome:?}");
        assert!(shown.contains("destinations.billing") && !shown.contains("pass word"), "{shown}");
        assert_eq!(class_of_retry(outcome), Class::Setup);
    }
    assert_eq!(server.connections(), 0);
}
