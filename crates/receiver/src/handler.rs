//! From Lambda's event to Lambda's answer.

use crate::event::{self, HttpAnswer};
use holdfast_pipeline::facts::Fact;
use holdfast_pipeline::ports::Ports;
use holdfast_pipeline::receive::{Answer, Receiver};

/// Answers one event, whatever it is: an invocation that fails would be a 5xx that nobody chose.
pub async fn handle<P: Ports>(receiver: &Receiver<P>, event: &str) -> HttpAnswer {
    match event::inbound(event) {
        Ok(inbound) => receiver.receive(&inbound).await.into(),
        Err(error) => {
            let reason = match error {
                event::Error::Shape(_) => "not_http",
                event::Error::Base64 => "not_base64",
            };
            receiver.ports().facts().record(Fact::Rejected { source: None, reason });
            Answer::bad_request().into()
        }
    }
}
