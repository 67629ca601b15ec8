//! One POST, as a provider would make it: no redirects, no second try.

use super::request::Request;
use anyhow::{Context, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::time::Duration;

/// As patient as a patient provider.
const TIMEOUT: Duration = Duration::from_secs(15);

/// More of an answer is nobody's business.
const SHOWN_BODY_CHARS: usize = 200;

/// Posts to one endpoint.
pub(super) struct Poster {
    client: Client,
    url: Url,
}

/// What the endpoint said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Its beginning.
    pub(super) body: String,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Poster {
    pub(super) fn new(url: &str) -> Result<Self> {
        let url: Url = url.parse().with_context(|| format!("{url} is no URL"))?;
        let mut client = Client::builder().timeout(TIMEOUT).redirect(Policy::none());
        if is_local(&url) {
            client = client.no_proxy();
        }
        Ok(Self { client: client.build().context("could not set up HTTP")?, url })
    }

    /// Whether the endpoint is on this machine.
    pub(super) fn is_local(&self) -> bool {
        is_local(&self.url)
    }

    pub(super) async fn post(&self, request: &Request) -> Result<Answer> {
        let mut post = self.client.post(self.url.clone()).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(name, value);
        }
        let sent = post.send().await.map_err(reqwest::Error::without_url);
        let answer = sent.with_context(|| format!("could not post to {}", self.url))?;
        let status = answer.status().as_u16();
        let body = answer.text().await.map_err(reqwest::Error::without_url);
        let body = body.context("the answer broke off")?;
        Ok(Answer { status, body: body.trim().chars().take(SHOWN_BODY_CHARS).collect() })
    }
}

fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || plain.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
