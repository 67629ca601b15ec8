//! One attempt: load the secret, sign, post, read as much of the answer as an error message needs.

use super::endpoint::Endpoint;
use super::guard::Refused;
use super::{headers, sign};
use crate::classify::{self, Answer};
use crate::excerpt;
use crate::secrets::SigningSecrets;
use holdfast_domain::outcome::{Class, Failure, Outcome};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::deliver::Delivery;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, RETRY_AFTER};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How much of an answer's body is read. A shorter one is read to its end, so that its connection
/// can be used again; behind a longer one the connection is closed.
const MAX_ANSWER_BYTES: usize = 1024;

/// How long the body of an answer may take once its status is known: the status decides.
const ANSWER_WAIT: Duration = Duration::from_secs(1);

impl Endpoint {
    /// Delivers an event: every failure is an outcome.
    pub(crate) async fn deliver(
        &self,
        secrets: &impl SigningSecrets,
        delivery: &Delivery,
    ) -> Outcome {
        let left = Duration::from(delivery.deadline.since(delivery.now));
        let allowed = self.timeout.min(left);
        if allowed.is_zero() {
            return retry(Class::Timeout, "no time was left to call the endpoint");
        }
        let ends = Instant::now() + allowed;
        match timeout_at(ends, self.call(secrets, delivery)).await {
            Ok(Ok(response)) => understand(response, ends, delivery.now).await,
            Ok(Err(outcome)) => outcome,
            Err(_) => retry(Class::Timeout, format!("no answer within {} ms", allowed.as_millis())),
        }
    }

    async fn call(
        &self,
        secrets: &impl SigningSecrets,
        delivery: &Delivery,
    ) -> Result<Response, Outcome> {
        let unsigned = |why: &dyn std::fmt::Display| {
            // Never unsigned: an endpoint that accepts it once cannot tell it from a forgery.
            retry(Class::Setup, format!("signing secret `{}`: {why}", self.secret))
        };
        let values = secrets.signing_secrets(&self.secret).await.map_err(|why| unsigned(&why))?;
        let id = headers::webhook_id(delivery);
        let signature = sign::signatures(&values, &id, delivery.now.secs(), &delivery.body)
            .map_err(|why| unsigned(&why))?;
        let client = self.client().map_err(|error| failed(&error))?;
        let request = client
            .post(self.url.clone())
            .headers(headers::headers(delivery, &id, &signature))
            .body(delivery.body.clone());
        request.send().await.map_err(|error| failed(&error))
    }
}

async fn understand(mut response: Response, ends: Instant, now: Timestamp) -> Outcome {
    let text = beginning(&mut response, ends.min(Instant::now() + ANSWER_WAIT)).await;
    let status = response.status();
    let encoded = response.headers().contains_key(CONTENT_ENCODING);
    let answer = Answer {
        status: status.as_u16(),
        reason: status.canonical_reason(),
        retry_after: response.headers().get(RETRY_AFTER).map(|value| value.as_bytes()),
        text: if encoded { b"" } else { &text },
    };
    classify::answer(answer, now)
}

/// The beginning of a body, or what of it has come in time or before the connection broke.
async fn beginning(response: &mut Response, until: Instant) -> Vec<u8> {
    let mut text = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = MAX_ANSWER_BYTES.saturating_sub(text.len());
            text.extend(chunk.iter().take(room));
            if chunk.len() > room {
                break;
            }
        }
    };
    // Running out of time is no failure here: what has come is in `text`.
    _ = timeout_at(until, reading).await;
    text
}

/// What it means that there is no answer.
fn failed(error: &reqwest::Error) -> Outcome {
    let is_refused = excerpt::causes(error).any(|cause| cause.is::<Refused>());
    let class = if is_refused {
        Class::Guard
    } else if error.is_builder() {
        Class::Setup
    } else if error.is_timeout() {
        Class::Timeout
    } else {
        Class::Connect
    };
    retry(class, excerpt::innermost(error))
}

fn retry(class: Class, message: impl std::fmt::Display) -> Outcome {
    Outcome::Retry { failure: Failure::new(class, message), after: None::<Span> }
}
