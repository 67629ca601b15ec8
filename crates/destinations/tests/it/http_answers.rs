//! What an endpoint's answer, or its silence, comes to.

use crate::event::{Given, class_of_retry, deliver, endpoint, endpoint_with, retried};
use crate::server::{Reply, Server};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::time::Span;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn outcome_of(reply: Reply) -> Outcome {
    let server = Server::start([reply]).await;
    let outcome = deliver(&endpoint(&server.url("/")), &Given::default()).await;
    assert_eq!(server.requests().len(), 1, "an attempt is one request");
    outcome
}

#[tokio::test]
async fn every_class_of_status() {
    for status in [200, 201, 202, 204, 299] {
        let outcome = outcome_of(Reply::answer(status, "")).await;
        assert_eq!(outcome, Outcome::done(Ending::Delivered), "{status}");
    }
    for status in [304, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504, 599, 999] {
        let failure = retried(outcome_of(Reply::answer(status, "")).await);
        assert_eq!((failure.class, failure.status), (Class::Status, Some(status)));
    }
    let Outcome::Reject(failure) = outcome_of(Reply::answer(410, "moved away")).await else {
        panic!("410 is final");
    };
    assert_eq!(failure.to_string(), "status 410: Gone: moved away");
}

#[tokio::test]
async fn retry_after_is_passed_on() {
    let outcome = outcome_of(Reply::with_header(429, "retry-after: 90", "")).await;
    assert!(
        matches!(outcome, Outcome::Retry { after: Some(after), .. } if after == Span::from_secs(90)),
        "{outcome:?}"
    );
    let outcome = outcome_of(Reply::with_header(503, "retry-after: soon", "")).await;
    assert!(matches!(outcome, Outcome::Retry { after: None, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}", elsewhere.url("/"));
        let failure = retried(outcome_of(Reply::with_header(status, &location, "")).await);
        assert_eq!(failure.to_string(), format!("status {status}: redirects are not followed"));
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn the_beginning_of_an_answer_says_why() {
    let text = "no \u{1b}[31msuch\r\n\0 customer\u{202e}";
    let failure = retried(outcome_of(Reply::answer(422, text)).await);
    assert_eq!(failure.message, "Unprocessable Entity: no [31msuch customer");
    let failure = retried(outcome_of(Reply::answer(500, &"x".repeat(100_000))).await);
    assert!(failure.message.starts_with("Internal Server Error: xxx"), "{}", failure.message);
    assert!(failure.message.len() <= Failure::MAX_MESSAGE_BYTES);
    // Whatever was compressed is no text.
    let packed = Reply::with_header(500, "content-encoding: gzip", "packed");
    assert_eq!(retried(outcome_of(packed).await).message, "Internal Server Error");
}

#[tokio::test]
async fn an_endless_answer_is_left_behind() {
    for status in [200, 500] {
        let head = format!("HTTP/1.1 {status} X\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("400\r\n{}\r\n", "y".repeat(1024));
        let server = Server::start([Reply::Endless(head.into_bytes(), chunk.into_bytes())]).await;
        let to = endpoint(&server.url("/"));
        match deliver(&to, &Given::default()).await {
            Outcome::Done(ending, _) => assert_eq!((status, ending), (200, Ending::Delivered)),
            other => assert_eq!((status, retried(other).status), (500, Some(500))),
        }
        // Its connection is gone with it.
        assert_eq!(deliver(&to, &Given::default()).await, Outcome::done(Ending::Delivered));
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn the_status_decides_even_if_the_rest_never_comes() {
    let cut =
        |status| format!("HTTP/1.1 {status} X\r\ncontent-length: 100\r\n\r\nbegin").into_bytes();
    let outcome = outcome_of(Reply::Last(cut(200))).await;
    assert_eq!(outcome, Outcome::done(Ending::Delivered));
    let failure = retried(outcome_of(Reply::Last(cut(500))).await);
    assert_eq!(failure.to_string(), "status 500: Internal Server Error: begin");
    for (status, delivered) in [(200, true), (500, false)] {
        let server = Server::start([Reply::Stall(cut(status))]).await;
        let to = endpoint_with(&server.url("/"), Span::from_millis(300), &["127.0.0.1"]);
        let outcome = deliver(&to, &Given::default()).await;
        assert_eq!(matches!(outcome, Outcome::Done(..)), delivered, "{outcome:?}");
        if !delivered {
            assert_eq!(retried(outcome).message, "Internal Server Error: begin");
        }
    }
}

#[tokio::test]
async fn no_answer_in_time() {
    let server = Server::start([Reply::Stall(Vec::new()), Reply::Stall(Vec::new())]).await;
    let to = endpoint_with(&server.url("/"), Span::from_millis(50), &["127.0.0.0/8"]);
    let failure = retried(deliver(&to, &Given::default()).await);
    assert_eq!(failure.to_string(), "timeout: no answer within 50 ms");
    // What is left to the function counts where it is less.
    let given = Given { left: Span::from_millis(20), ..Given::default() };
    let failure = retried(deliver(&to, &given).await);
    assert_eq!(failure.to_string(), "timeout: no answer within 20 ms");
}

#[tokio::test]
async fn no_time_left_is_no_call() {
    let server = Server::start([]).await;
    let given = Given { left: Span::ZERO, ..Given::default() };
    let outcome = deliver(&endpoint(&server.url("/")), &given).await;
    assert_eq!(class_of_retry(outcome), Class::Timeout);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let to = endpoint(&format!("http://127.0.0.1:{port}/token/hunter2"));
    let failure = retried(deliver(&to, &Given::default()).await);
    assert_eq!(failure.class, Class::Connect);
    assert!(failure.message.contains("refused") && !failure.message.contains("hunter2"));
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_status() {
    for bytes in [&b""[..], b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\ncontent-le", b"nonsense\r\n\r\n"] {
        let outcome = outcome_of(Reply::Last(bytes.to_vec())).await;
        assert_eq!(class_of_retry(outcome), Class::Connect, "{}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn an_endpoint_that_cannot_encrypt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = endpoint(&format!("https://{}/", listener.local_addr().unwrap()));
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = [0; 1024];
        let length = stream.read(&mut heard).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        heard[..length].to_vec()
    });
    let failure = retried(deliver(&to, &Given::default()).await);
    assert_eq!((failure.class, failure.status), (Class::Connect, None), "{failure}");
    let heard = heard.await.unwrap();
    assert_eq!(heard.first(), Some(&22), "a TLS handshake");
    assert!(!heard.windows(7).any(|window| window == b"webhook"));
}
