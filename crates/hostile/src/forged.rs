//! A request that nobody who knows the secret has made.

use crate::endpoint::Endpoint;
use crate::pieces;
use holdfast_receiver::event::http_api_event;

/// No source stores it, whatever its headers claim.
pub(crate) fn check(data: &[u8]) {
    let (name, inbound) = pieces::request(data);
    let outcome = Endpoint::new().handle(&http_api_event(&inbound));
    assert_eq!((outcome.records, outcome.tickets), (0, 0), "{name} believed a forgery");
    let known = holdfast_providers::names().any(|one| one == name);
    assert!(known || outcome.status == 401, "no such source, answered {}", outcome.status);
}
