//! A request that the provider did sign, however odd it is: its users may have chosen the content.

use crate::endpoint::{Endpoint, NOW, secret};
use crate::pieces;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Message;
use holdfast_receiver::event::http_api_event;

/// It is answered, and where it is stored it is stored with a ticket for each record, and the same
/// request once more adds nothing.
pub(crate) fn check(data: &[u8]) {
    let (name, inbound) = pieces::request(data);
    let Ok(provider) = holdfast_providers::find(&name) else { return };
    let Some(inbound) = signed(provider, &inbound) else { return };
    let endpoint = Endpoint::new();
    let event = http_api_event(&inbound);
    let first = endpoint.handle(&event);
    assert!(first.status < 500, "{name}: {}", first.status);
    assert_eq!(first.records, first.tickets, "{name}: a ticket for each record");
    assert!(first.records == 0 || first.status == 200, "{name}: stored and {}", first.status);
    let second = endpoint.handle(&event);
    assert_eq!((second.status, second.records), (first.status, first.records), "{name}: twice");
}

/// The request with the provider's signature; `None` where we cannot sign for it.
fn signed(provider: &Provider, inbound: &Inbound) -> Option<Inbound> {
    let secrets = [Secret::new(secret(provider)?)];
    let body = &inbound.body;
    let message = Message { id: "1", at: NOW, headers: &inbound.headers, body };
    let made = provider.scheme().sign(&secrets, &message).ok()?;
    let others = inbound.headers.iter().filter(|(name, _)| {
        !made.iter().any(|(signature, _)| signature.eq_ignore_ascii_case(name))
    });
    let made = made.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let headers: Headers = others.chain(made).collect();
    Some(Inbound { method: "POST".to_owned(), query: String::new(), headers, ..inbound.clone() })
}
