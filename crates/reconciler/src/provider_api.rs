//! The port to providers' APIs over HTTP.
//!
//! The API key travels with every request. So: no redirect is followed, no proxy is used, nothing
//! goes out unencrypted but to this machine (for tests), and neither the key nor an answer is ever
//! in an error's text. An answer is read up to a limit, and nothing is decompressed.

use bytes::{Bytes, BytesMut};
use holdfast_domain::poll::{ApiRequest, Auth};
use holdfast_domain::secret::Secret;
use holdfast_domain::time::Span;
use holdfast_pipeline::poll::{ApiAnswer, ProviderApi};
use holdfast_pipeline::ports::{Error, Result};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url, redirect};
use std::net::IpAddr;
use std::time::Duration;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

/// How long an answer may take, its body included.
const WHOLE: Duration = Duration::from_secs(15);

/// The longest answer that is read, in bytes: a hundred of Stripe's largest events stay below it.
const LONGEST: usize = 8 * 1024 * 1024;

const ASK: &str = "ask the provider's API";

/// Providers' APIs over HTTP.
#[derive(Clone, Debug)]
pub struct HttpProviderApi(Client);

impl HttpProviderApi {
    /// A client that keeps its connections.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self).map_err(|error| Error::new("set up the provider's API", bare(error)))
    }
}

impl ProviderApi for HttpProviderApi {
    async fn get(&self, request: &ApiRequest, api_key: &Secret) -> Result<ApiAnswer> {
        let url = allowed(&request.url).map_err(|why| Error::new(ASK, why))?;
        let headers = headers(request, api_key).map_err(|why| Error::new(ASK, why))?;
        let sent = self.0.get(url).headers(headers).send().await;
        let mut answer = sent.map_err(|error| Error::new(ASK, bare(error)))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(seconds);
        // What else was answered is nobody's business: only a list is read.
        let body = if status == 200 { read(&mut answer).await? } else { Bytes::new() };
        Ok(ApiAnswer { status, retry_after, body })
    }
}

/// The answer's body, if it is not too long.
async fn read(answer: &mut Response) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| Error::new(ASK, bare(error)))? {
        if body.len().saturating_add(chunk.len()) > LONGEST {
            return Err(Error::new(ASK, "the answer is longer than 8 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The URL, if the key may be sent there.
fn allowed(url: &str) -> std::result::Result<Url, &'static str> {
    let url = Url::parse(url).map_err(|_| "its address is not a URL")?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        _ if has_user => Err("its address names a user"),
        "https" => Ok(url),
        "http" if is_this_machine(&url) => Ok(url),
        _ => Err("its address is not https://"),
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn headers(request: &ApiRequest, api_key: &Secret) -> std::result::Result<HeaderMap, &'static str> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name).map_err(|_| "a header's name is not allowed")?;
        let value = HeaderValue::try_from(value).map_err(|_| "a header's value is not allowed")?;
        headers.insert(name, value);
    }
    let shown = match request.auth {
        Auth::Bearer => format!("Bearer {}", api_key.expose()),
    };
    let mut shown = HeaderValue::try_from(shown).map_err(|_| "the API key fits in no header")?;
    shown.set_sensitive(true);
    headers.insert(AUTHORIZATION, shown);
    Ok(headers)
}

/// `Retry-After` in seconds. A date is left to the poll's own patience.
fn seconds(value: &HeaderValue) -> Option<Span> {
    value.to_str().ok()?.trim().parse().ok().map(Span::from_secs)
}

/// An error and its causes without the URL, which may hold a cursor of the provider's.
fn bare(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(deeper) = cause {
        text.push_str(": ");
        text.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    /// Answers one connection and tells what was asked.
    fn serve(answer: Vec<u8>) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1/events?a=b", listener.local_addr().expect("an address"));
        let served = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().expect("a connection");
            let mut asked = Vec::new();
            let mut buffer = [0; 4096];
            while !asked.ends_with(b"\r\n\r\n") {
                let read = connection.read(&mut buffer).expect("a request");
                asked.extend_from_slice(&buffer[..read]);
            }
            // The client may hang up on an answer that is too long.
            let _ = connection.write_all(&answer);
            String::from_utf8(asked).expect("text")
        });
        (url, served)
    }

    fn request(url: impl Into<String>) -> ApiRequest {
        let headers = vec![("Acme-Version".to_owned(), "3".to_owned())];
        ApiRequest { url: url.into(), headers, auth: Auth::Bearer }
    }

    async fn get(url: &str) -> Result<ApiAnswer> {
        let api = HttpProviderApi::new().expect("a client");
        api.get(&request(url), &Secret::new("sk_hunter2")).await
    }

    #[tokio::test]
    async fn the_key_is_shown_and_the_answer_read() {
        let (url, served) =
            serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}".into());
        let answer = get(&url).await.expect("an answer");
        assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
        let asked = served.join().expect("asked").to_ascii_lowercase();
        assert!(asked.starts_with("get /v1/events?a=b http/1.1\r\n"), "{asked}");
        for line in [
            "authorization: bearer sk_hunter2\r\n",
            "acme-version: 3\r\n",
            "accept: application/json\r\n",
            "user-agent: holdfast/",
        ] {
            assert!(asked.contains(line), "missing {line:?} in {asked}");
        }
        assert!(!asked.contains("accept-encoding"), "{asked}");
    }

    #[tokio::test]
    async fn redirects_are_answers() {
        let (url, served) = serve(
            b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\n\
              content-length: 0\r\nconnection: close\r\n\r\n"
                .into(),
        );
        assert_eq!(get(&url).await.expect("an answer").status, 307);
        served.join().expect("asked once");
    }

    #[tokio::test]
    async fn being_too_often_there_is_told_with_its_time() {
        for (value, expected) in [
            ("150", Some(Span::from_secs(150))),
            ("Wed, 21 Oct 2015 07:28:00 GMT", None),
            ("-1", None),
        ] {
            let head = format!(
                "HTTP/1.1 429 Too Many Requests\r\nretry-after: {value}\r\ncontent-length: 3\r\n\
                 connection: close\r\n\r\nno!"
            );
            let (url, served) = serve(head.into_bytes());
            let answer = get(&url).await.expect("an answer");
            assert_eq!((answer.status, answer.retry_after), (429, expected));
            assert!(answer.body.is_empty());
            served.join().expect("asked");
        }
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off() {
        let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        answer.resize(LONGEST + 4096, b' ');
        let (url, served) = serve(answer);
        let error = get(&url).await.expect_err("too long").to_string();
        assert!(error.contains("longer than 8 MiB"), "{error}");
        served.join().expect("asked");
    }

    #[tokio::test]
    async fn errors_show_neither_key_nor_address() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1?after=hunter2", listener.local_addr().expect("bound"));
        drop(listener);
        let error = get(&url).await.expect_err("nobody there").to_string();
        assert!(!error.contains("hunter2") && error.contains("refused"), "{error}");
        let shown = headers(&request("x"), &Secret::new("sk_hunter2")).expect("headers");
        assert!(!format!("{shown:?}").contains("hunter2"));
        assert!(headers(&request("x"), &Secret::new("sk\n")).is_err());
    }

    #[test]
    fn the_key_goes_out_encrypted_or_not_at_all() {
        for good in [
            "https://api.stripe.com/v1/events",
            "http://127.0.0.1:8420/",
            "http://localhost/",
            "http://[::1]:1/",
        ] {
            assert!(allowed(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.stripe.com/",
            "http://127.0.0.1.evil.example/",
            "http://10.0.0.1/",
            "https://user@api.stripe.com/",
            "https://u:p@127.0.0.1/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "",
        ] {
            assert!(allowed(bad).is_err(), "{bad}");
        }
    }
}
