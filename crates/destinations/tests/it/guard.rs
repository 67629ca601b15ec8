//! The guard, on the way that names really take.

use crate::event::{Given, deliver, endpoint_with, retried};
use crate::server::Server;
use holdfast_domain::outcome::{Class, Ending, Outcome};
use holdfast_domain::time::Span;

const TIMEOUT: Span = Span::from_secs(10);

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let server = Server::start([]).await;
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://localhost:{}/", server.port());
        let to = endpoint_with(&url, TIMEOUT, &["10.0.0.0/8"]);
        let failure = retried(deliver(&to, &Given::default()).await);
        assert_eq!(failure.class, Class::Guard, "{failure}");
        assert!(failure.message.contains("is a loopback address"), "{failure}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_that_leads_where_it_may_is_called() {
    let server = Server::start([]).await;
    let url = format!("http://localhost:{}/", server.port());
    let to = endpoint_with(&url, TIMEOUT, &["127.0.0.0/8", "::1"]);
    assert_eq!(deliver(&to, &Given::default()).await, Outcome::done(Ending::Delivered));
    assert_eq!(server.request().header("host"), format!("localhost:{}", server.port()));
}
