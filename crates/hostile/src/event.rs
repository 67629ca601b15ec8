//! Anything in the place of Lambda's event.

use crate::endpoint::Endpoint;

/// It is answered, never with a 5xx but for a secret that is not there, and leaves nothing behind.
pub(crate) fn check(data: &[u8]) {
    let outcome = Endpoint::new().handle(&String::from_utf8_lossy(data));
    let calm = outcome.status < 500 || outcome.status == 503;
    assert!(calm, "answered {}", outcome.status);
    assert_eq!((outcome.records, outcome.tickets), (0, 0), "something was stored");
}
