//! A destination: an HTTP server on 127.0.0.1 that keeps what it gets and answers what it is told
//! to. It runs on a thread of its own, because a stack outlives the test that started it.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What to answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A status.
    Status(u16),
    /// A status, and the seconds after which to come again.
    RetryAfter(u16, u32),
    /// 200, but not before something else is told.
    Hold,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// When.
    pub(crate) at: Instant,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, byte for byte.
    pub(crate) body: Bytes,
}

impl Delivery {
    /// The text of a header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `Idempotency-Key`.
    pub(crate) fn idempotency_key(&self) -> &str {
        self.header("idempotency-key")
    }
}

struct Shared {
    deliveries: Mutex<Vec<Delivery>>,
    answers: watch::Sender<HashMap<String, Answer>>,
}

/// The server. It ends with the process.
pub(crate) struct Endpoint {
    port: u16,
    shared: Arc<Shared>,
}

impl Endpoint {
    /// Starts on a free port.
    pub(crate) fn start() -> Self {
        Self::start_at(0)
    }

    /// Starts on a port that was left free.
    pub(crate) fn start_at(port: u16) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let port = listener.local_addr().expect("it has an address").port();
        let answers = watch::Sender::new(HashMap::new());
        let shared = Arc::new(Shared { deliveries: Mutex::default(), answers });
        let serving = shared.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(serve(listener, serving));
        });
        Self { port, shared }
    }

    /// A port of 127.0.0.1 where nothing listens.
    pub(crate) fn unused_port() -> u16 {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
        listener.local_addr().expect("it has an address").port()
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Says what a path answers from now on; 200 where nothing was said.
    pub(crate) fn tell(&self, path: &str, answer: Answer) {
        self.shared.answers.send_modify(|answers| _ = answers.insert(path.to_owned(), answer));
    }

    /// Everything that came and was to be believed to be this record's, in order of arrival.
    pub(crate) fn deliveries_of(&self, idempotency_key: &str) -> Vec<Delivery> {
        let all = self.shared.deliveries.lock().expect("no holder panics");
        all.iter().filter(|one| one.idempotency_key() == idempotency_key).cloned().collect()
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a listener of this runtime");
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(&shared, request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer);
            // The processor may be killed at any time: that is what some journeys are about.
            _ = connection.await;
        });
    }
}

async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Ok(status(400)) };
    let delivery = Delivery { at: Instant::now(), headers: head.headers, body: body.to_bytes() };
    shared.deliveries.lock().expect("no holder panics").push(delivery);

    let told = |answers: &HashMap<String, Answer>| {
        answers.get(head.uri.path()).copied().unwrap_or(Answer::Status(200))
    };
    let mut answers = shared.answers.subscribe();
    let released = answers.wait_for(|answers| told(answers) != Answer::Hold).await;
    let answer = released.map_or(Answer::Status(500), |answers| told(&answers));
    Ok(match answer {
        Answer::Status(code) => status(code),
        Answer::RetryAfter(code, secs) => {
            let mut response = status(code);
            response.headers_mut().insert("retry-after", secs.into());
            response
        }
        Answer::Hold => status(500),
    })
}

fn status(code: u16) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = code.try_into().expect("a status");
    response
}
