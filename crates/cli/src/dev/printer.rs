//! The destination of the sample configuration: prints what is delivered, and whether its
//! signature holds.

use super::door;
use super::life::say;
use super::world::World;
use crate::table::harmless;
use bytes::Bytes;
use holdfast_domain::configuration::{Destination, Target};
use holdfast_domain::inbound::Inbound;
use holdfast_domain::signature::verify;
use holdfast_pipeline::ports::{Ports, SecretStore};
use http::{Response, StatusCode};
use http_body_util::Full;
use std::sync::Arc;

/// Where the sample configuration delivers to.
pub(super) const PORT: u16 = 8788;

/// Whether a configured destination leads here.
pub(super) fn is_destination(destination: &Destination) -> bool {
    let Target::Http(http) = &destination.target else { return false };
    [format!("http://127.0.0.1:{PORT}"), format!("http://localhost:{PORT}")].iter().any(|here| {
        http.url
            .strip_prefix(here.as_str())
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
    })
}

/// Takes deliveries until the process ends.
pub(super) async fn serve(world: Arc<World>, listener: tokio::net::TcpListener) {
    door::serve(listener, move |request| {
        let world = world.clone();
        async move {
            match door::read(request).await {
                Some(delivery) => print(&world, &delivery).await,
                None => door::plain(StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            }
        }
    })
    .await;
}

async fn print(world: &World, delivery: &Inbound) -> Response<Full<Bytes>> {
    let header = |name: &str| delivery.headers.text(name).unwrap_or_default().into_owned();
    let verdict = if is_signed(world, delivery).await { "holds" } else { "does NOT hold" };
    say(&harmless(&format!(
        "→ delivered to the printer: {} {} ({} bytes, attempt {}, signature {verdict})",
        header("holdfast-source"),
        header("holdfast-kind"),
        delivery.body.len(),
        header("holdfast-attempt"),
    )));
    door::plain(StatusCode::OK, "ok")
}

/// Whether one of the destinations that lead here signed it.
async fn is_signed(world: &World, delivery: &Inbound) -> bool {
    let Ok(provider) = holdfast_providers::find("standard-webhooks") else { return false };
    let Ok(secrets) = world.memory.secrets().load().await else { return false };
    world.configuration.destinations().any(|destination| {
        let Target::Http(http) = &destination.target else { return false };
        let values = secrets.get(http.secret.as_str()).cloned().unwrap_or_default();
        is_destination(destination)
            && verify(provider, delivery, &values, world.memory.now()).is_ok()
    })
}
