//! A small HTTP server on 127.0.0.1, on a thread of its own: a stack outlives the test, and the
//! runtime, that started it.

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use tokio::net::TcpListener;

/// What such a server answers.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Serves on a port, any free one for 0, until the process ends; answers the port.
pub(crate) fn serve<F, Fut>(port: u16, answer: F) -> u16
where
    F: Fn(Parts, Bytes) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Answer> + Send,
{
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    listener.set_nonblocking(true).expect("a listener for tokio");
    let port = listener.local_addr().expect("it has an address").port();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let tasks = tokio::task::LocalSet::new();
        tasks.block_on(&runtime, accept(listener, answer));
    });
    port
}

/// A port of 127.0.0.1 where nothing listens.
pub(crate) fn unused_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    listener.local_addr().expect("it has an address").port()
}

async fn accept<F, Fut>(listener: std::net::TcpListener, answer: F)
where
    F: Fn(Parts, Bytes) -> Fut + Clone + 'static,
    Fut: Future<Output = Answer>,
{
    let listener = TcpListener::from_std(listener).expect("a listener of this runtime");
    while let Ok((stream, _)) = listener.accept().await {
        let answer = answer.clone();
        tokio::task::spawn_local(async move {
            let answer = service_fn(|request: Request<Incoming>| async {
                let (head, body) = request.into_parts();
                Ok::<_, Infallible>(match body.collect().await {
                    Ok(body) => answer(head, body.to_bytes()).await,
                    Err(_) => status(400),
                })
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer);
            // A caller may be killed at any time: that is what some journeys are about.
            _ = connection.await;
        });
    }
}

/// An answer without a body.
pub(crate) fn status(code: u16) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::new()));
    *answer.status_mut() = StatusCode::from_u16(code).expect("a status");
    answer
}
