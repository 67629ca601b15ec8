//! The HTTP port: what API Gateway is on AWS, and a window into the stores for scripts.

use super::records;
use super::world::World;
use anyhow::{Context, Result};
use bytes::Bytes;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_receiver::{event, handler};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The largest request that API Gateway passes on.
const LARGEST: usize = 10 * 1024 * 1024;

type Answer = Response<Full<Bytes>>;

/// Opens a port on 127.0.0.1, or any free one for port 0.
///
/// # Errors
/// When it is taken.
pub(super) async fn open(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("could not listen on 127.0.0.1:{port}"))
}

/// Answers requests until the process ends.
pub(super) async fn serve<F, Fut>(listener: TcpListener, answer: F)
where
    F: Fn(Request<Incoming>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    loop {
        // Failing to accept is over with the client that hung up; there is always a next one.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let answer = answer.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let answer = answer(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer);
            // A client that breaks off is its own business.
            let _ = connection.await;
        });
    }
}

/// Answers one request.
pub(super) async fn answer(world: Arc<World>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    if let Some(rest) = path.strip_prefix("/_dev/events") {
        return window(&world, rest);
    }
    if !path.starts_with("/hooks/") {
        return plain(StatusCode::NOT_FOUND, "not found");
    }
    match read(request).await {
        Some(inbound) => receive(&world, &inbound).await,
        None => plain(StatusCode::PAYLOAD_TOO_LARGE, "payload too large"),
    }
}

/// Takes a request the way it goes on AWS: as an event through the receiver's handler.
pub(super) async fn receive(world: &World, inbound: &Inbound) -> Answer {
    let event = event::http_api_event(inbound);
    let (status, headers, body) = handler::handle(&world.receiver, &event).await.into_parts();
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(name, value);
    }
    answer
        .body(Full::new(Bytes::from(body)))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "no answer"))
}

/// The whole request; `None` if it is larger than API Gateway allows, or broken off.
pub(super) async fn read(request: Request<Incoming>) -> Option<Inbound> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.ok()?.to_bytes();
    let headers: Headers =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    Some(Inbound {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    })
}

/// The records as JSON: all of them, or one.
fn window(world: &World, rest: &str) -> Answer {
    let found = match rest.trim_matches('/') {
        "" => Some(records::all(&world.memory)),
        name => records::one(&world.memory, name),
    };
    match found {
        Some(json) => Response::builder()
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(format!("{json:#}\n"))))
            .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "no answer")),
        None => plain(StatusCode::NOT_FOUND, "no such event"),
    }
}

/// A short answer in plain text.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    answer
}
