//! A destination: an HTTP server on 127.0.0.1 that keeps what it gets and answers what it is told
//! to.

use super::server::{self, serve, status};
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
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
        let answers = watch::Sender::new(HashMap::new());
        let shared = Arc::new(Shared { deliveries: Mutex::default(), answers });
        let serving = shared.clone();
        let port = serve(port, move |head, body| {
            let serving = serving.clone();
            async move { serving.answer(&head, body).await }
        });
        Self { port, shared }
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

impl Shared {
    async fn answer(&self, head: &Parts, body: Bytes) -> server::Answer {
        let delivery = Delivery { at: Instant::now(), headers: head.headers.clone(), body };
        self.deliveries.lock().expect("no holder panics").push(delivery);
        let told = |answers: &HashMap<String, Answer>| {
            answers.get(head.uri.path()).copied().unwrap_or(Answer::Status(200))
        };
        let mut answers = self.answers.subscribe();
        let released = answers.wait_for(|answers| told(answers) != Answer::Hold).await;
        let answer = released.map_or(Answer::Status(500), |answers| told(&answers));
        match answer {
            Answer::Status(code) => status(code),
            Answer::RetryAfter(code, secs) => {
                let mut response = status(code);
                response.headers_mut().insert("retry-after", secs.into());
                response
            }
            Answer::Hold => status(500),
        }
    }
}
