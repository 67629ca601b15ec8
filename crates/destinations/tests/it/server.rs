//! A server that keeps what it is sent, byte for byte, and answers what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to do with a request.
pub(crate) enum Reply {
    /// Write these bytes and wait for the next request.
    Bytes(Vec<u8>),
    /// Write these bytes and close the connection.
    Last(Vec<u8>),
    /// Write these bytes again and again until the other side closes the connection.
    Endless(Vec<u8>, Vec<u8>),
    /// Write these bytes after that time and wait for the next request.
    Late(Duration, Vec<u8>),
    /// Write these bytes and then nothing, until the other side closes the connection.
    Stall(Vec<u8>),
}

impl Reply {
    /// An answer with a body of that text.
    pub(crate) fn answer(status: u16, text: &str) -> Self {
        Self::with_header(status, "x-test: 1", text)
    }

    /// An answer with one more header line.
    pub(crate) fn with_header(status: u16, header: &str, text: &str) -> Self {
        let length = text.len();
        let head = format!("HTTP/1.1 {status} X\r\n{header}\r\ncontent-length: {length}\r\n\r\n");
        Self::Bytes([head.as_bytes(), text.as_bytes()].concat())
    }
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// Names and values in the order of arrival, as sent.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The values under a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The only value under a name.
    pub(crate) fn header(&self, name: &str) -> &str {
        match self.all(name)[..] {
            [value] => value,
            ref values => panic!("{name}: {values:?}"),
        }
    }
}

#[derive(Default)]
struct Seen {
    replies: VecDeque<Reply>,
    requests: Vec<Request>,
    connections: usize,
}

/// The server; it ends with the runtime of its test.
pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Starts on a free port. When the replies are used up, it answers 200 without a body.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let replies = replies.into_iter().collect();
        let seen = Arc::new(Mutex::new(Seen { replies, ..Seen::default() }));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { port, seen }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Everything that came.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().requests.clone()
    }

    /// The one request that came.
    pub(crate) fn request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests[0].clone()
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    while let Some(request) = read_request(&mut stream).await {
        let reply = {
            let mut seen = seen.lock().unwrap();
            seen.requests.push(request);
            seen.replies.pop_front()
        };
        // The other side may be gone at any time: that is its right.
        match reply.unwrap_or_else(|| Reply::answer(200, "")) {
            Reply::Bytes(bytes) => _ = stream.write_all(&bytes).await,
            Reply::Late(after, bytes) => {
                tokio::time::sleep(after).await;
                _ = stream.write_all(&bytes).await;
            }
            Reply::Last(bytes) => {
                _ = stream.write_all(&bytes).await;
                return;
            }
            Reply::Endless(head, chunk) => {
                _ = stream.write_all(&head).await;
                while stream.write_all(&chunk).await.is_ok() {}
                return;
            }
            Reply::Stall(bytes) => {
                _ = stream.write_all(&bytes).await;
                _ = stream.read(&mut [0]).await;
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n").map(str::to_owned);
    let line = lines.next().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    assert_eq!(body.len(), length, "one request at a time");
    Some(Request { line, headers, body })
}
