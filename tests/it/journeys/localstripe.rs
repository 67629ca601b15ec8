//! A real counterpart: localstripe sends signed webhooks of its own making, once each. Some of
//! them get lost on the way, and the poll of its list finds exactly those.

use super::eventually::{LATER, SOON, eventually_so};
use super::journey::Journey;
use super::server::{serve, status, unused_port};
use super::signed::{STRIPE_SECRET, record_key};
use super::stack::{python, root};
use super::world::{Setting, World};
use http::HeaderMap;
use holdfast_domain::record::Origin;
use holdfast_domain::time::Span;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

const CUSTOMERS: usize = 12;
const API_KEY: &str = "sk_test_12345";

#[tokio::test]
async fn the_poll_finds_exactly_the_webhooks_that_were_lost() {
    let stripe = Localstripe::start();
    let setting = Setting {
        stripe: format!(
            "[sources.stripe.reconcile]\nevery = \"1m\"\nsecret = \"stripe_api_key\"\n\
             base_url = \"{}\"\nlag = \"1s\"\ngrace = \"5s\"\noverlap = \"1m\"\n",
            stripe.url
        ),
        secrets: vec![("stripe_api_key", API_KEY.to_owned())],
        ..Setting::default()
    };
    let world = World::deploy("localstripe", setting);
    let journey = Journey::through(&world).await;
    let way = Way::to(format!("{}/stripe", world.deployment.said("/webhook_url")));
    stripe.send_webhooks_to(way.port).await;

    // Nothing happened yet; what happens from now on is polled for.
    let (polled_at, report) = (journey.now(), journey.invoke_reconciler("poll").await);
    assert_eq!((&report["polled"], &report["injected"]), (&1.into(), &0.into()), "{report}");
    for _ in 0..CUSTOMERS {
        stripe.create_customer().await;
    }
    eventually_so("every webhook was sent", SOON, async || way.seen().len() == CUSTOMERS).await;
    let seen = way.seen();
    for (id, lost) in &seen {
        let record = journey.record(&record_key("stripe", id)).await;
        assert_eq!(record.is_none(), *lost, "{id}");
    }
    assert_eq!(seen.values().filter(|lost| **lost).count(), CUSTOMERS / 3);

    let is_due = async || journey.now().since(polled_at) > Span::from_secs(50);
    eventually_so("the next poll is due", LATER, is_due).await;
    let report = journey.invoke_reconciler("poll").await;
    assert_eq!(report["injected"], CUSTOMERS / 3, "{report}");
    for (id, lost) in &seen {
        let key = record_key("stripe", id);
        let record = journey.wait_until_processed(&key).await;
        assert_eq!(record.event.origin, if *lost { Origin::Poll } else { Origin::Webhook });
        assert_eq!(record.event.kind.as_str(), "customer.created");
        assert_eq!((record.attempts, journey.deliveries(&key).len()), (1, 1), "{id}");
    }
}

/// The way from the provider to us, on which every third webhook is answered 500 and lost.
struct Way {
    port: u16,
    seen: Arc<Mutex<BTreeMap<String, bool>>>,
}

impl Way {
    fn to(url: String) -> Self {
        let seen: Arc<Mutex<BTreeMap<String, bool>>> = Arc::default();
        let (noting, http) = (seen.clone(), client());
        let port = serve(0, move |head, body| {
            let event: Value = serde_json::from_slice(&body).expect("an event");
            let id = event["id"].as_str().expect("an id").to_owned();
            let (url, http, noting) = (url.clone(), http.clone(), noting.clone());
            async move {
                let nth = noting.lock().expect("no holder panics").len();
                let lost = nth % 3 == 1;
                let answer = if lost { 500 } else { forward(&http, &url, &head.headers, body).await };
                noting.lock().expect("no holder panics").insert(id, lost);
                status(answer)
            }
        });
        Self { port, seen }
    }

    /// The ids of all events that came along, and whether each was lost.
    fn seen(&self) -> BTreeMap<String, bool> {
        self.seen.lock().expect("no holder panics").clone()
    }
}

async fn forward(http: &reqwest::Client, url: &str, headers: &HeaderMap, body: bytes::Bytes) -> u16 {
    let mut request = http.post(url).body(body);
    for name in ["stripe-signature", "content-type"] {
        request = request.header(name, headers[name].clone());
    }
    request.send().await.expect("the receiver answers").status().as_u16()
}

/// A running localstripe. It ends when it is dropped, or when this process ends in any way.
struct Localstripe {
    url: String,
    http: reqwest::Client,
    keeper: Child,
}

impl Localstripe {
    fn start() -> Self {
        let (port, infra) = (unused_port(), root().join("infra/local"));
        let mut command = Command::new(python());
        command.arg(infra.join("keeper.py")).arg(python());
        command.arg(infra.join("localstripe_server.py")).arg(port.to_string());
        // The keeper ends it when this pipe closes.
        let keeper = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = keeper.spawn().expect("python starts");
        Self { url: format!("http://127.0.0.1:{port}"), http: client(), keeper }
    }

    async fn send_webhooks_to(&self, port: u16) {
        let hook = format!("url=http://127.0.0.1:{port}/&secret={STRIPE_SECRET}");
        let is_up = async || self.post("/_config/webhooks/journey", &hook).await;
        eventually_so("localstripe takes a webhook endpoint", SOON, is_up).await;
    }

    async fn create_customer(&self) {
        assert!(self.post("/v1/customers", "email=somebody@example.com").await);
    }

    async fn post(&self, path: &str, form: &str) -> bool {
        let post = self.http.post(format!("{}{path}", self.url)).basic_auth(API_KEY, Some(""));
        let post = post.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        post.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}

impl Drop for Localstripe {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        _ = self.keeper.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
