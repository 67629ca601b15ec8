//! The `holdfast` command as a process: against the deployed stack, and as `holdfast dev`.

use super::endpoint::Answer;
use super::eventually::{SOON, eventually, eventually_so};
use super::journey::Journey;
use super::server::unused_port;
use super::signed::{STRIPE_SECRET, record_key, stripe, stripe_of};
use super::stack::{binary, send_signal};
use super::world::{DESTINATION_SECRET, World, shared};
use holdfast_domain::record::{RecordKey, State};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

#[tokio::test]
async fn send_posts_a_sample_that_is_delivered() {
    let journey = Journey::through(shared()).await;
    let url = format!("{}/stripe", journey.world.deployment.said("/webhook_url"));
    let said = on_stack(journey.world, &["send", "stripe", "--url", &url, "--count", "2"]);
    let keys: Vec<RecordKey> = said
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("stripe/"))
        .map(|event_key| record_key("stripe", event_key))
        .collect();
    assert_eq!(keys.len(), 2, "{said}");
    for key in &keys {
        journey.wait_until_processed(key).await;
        assert_eq!(journey.deliveries(key).len(), 1);
    }
}

#[tokio::test]
async fn a_dead_event_is_listed_shown_and_replayed() {
    let (journey, path) = (Journey::through(shared()).await, "/replayed");
    journey.world.endpoint.tell(path, Answer::Status(410));
    let webhook = stripe_of("to.replayed");
    journey.post_accepted(&webhook).await;
    journey.wait_until(&webhook.key, State::Dead, SOON).await;

    let name = format!("stripe/{}", webhook.key.event_key());
    let listed = async || on_stack(journey.world, &["list", "--dead", "--limit", "1000"]).contains(&name);
    eventually_so("it is listed", SOON, listed).await;
    let shown = on_stack(journey.world, &["show", &name]);
    assert!(shown.contains("DEAD") && shown.contains("410"), "{shown}");

    journey.world.endpoint.tell(path, Answer::Status(200));
    let said = on_stack(journey.world, &["replay", &name]);
    assert!(said.contains("replayed"), "{said}");
    let record = journey.wait_until_processed(&webhook.key).await;
    assert_eq!(record.replays, 1);
    let shown = on_stack(journey.world, &["show", &name]);
    assert!(shown.contains("PROCESSED"), "{shown}");
}

#[tokio::test]
async fn dev_takes_delivers_and_shows_events_until_it_is_told_to_end() {
    let world = shared();
    for signal in ["TERM", "INT"] {
        let mut dev = Dev::start(world);
        let started = async || dev.get("/_dev/events").await;
        let events = eventually("holdfast dev answers", SOON, started).await;
        assert_eq!(events, json!([]));

        let webhook = stripe();
        dev.post(&webhook.headers, webhook.body.clone()).await;
        let path = format!("/_dev/events/stripe/{}", webhook.key.event_key());
        let processed = async || {
            let record = dev.get(&path).await?;
            (record["state"] == "PROCESSED").then_some(record)
        };
        let record = eventually("it is PROCESSED", SOON, processed).await;
        assert_eq!(record["outcome"], "delivered");
        assert_eq!(world.endpoint.deliveries_of(&webhook.key.idempotency_key()).len(), 1);

        let sent = holdfast(&dev.folder, &[], &["send", "stripe", "--url", &dev.url("/hooks/stripe")]);
        assert!(sent.contains("200"), "{sent}");

        send_signal(signal, dev.process.id());
        let ended = async || dev.process.try_wait().expect("it is our child");
        let status = eventually("it ends", SOON, ended).await;
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(dev.get("/_dev/events").await, None, "nobody listens there any more");
    }
}

/// A running `holdfast dev`, its standard input at its end. It is killed when it is dropped.
struct Dev {
    port: u16,
    folder: PathBuf,
    http: reqwest::Client,
    process: Child,
}

impl Dev {
    fn start(world: &World) -> Self {
        let port = unused_port();
        let folder = world.deployment.folder.join(format!("dev-{port}"));
        fs::create_dir_all(&folder).expect("a folder");
        let configuration = format!(
            "[sources.stripe]\nprovider = \"stripe\"\n[[routes]]\nfrom = \"stripe\"\nto = \"good\"\n\
             [destinations.good]\nkind = \"http\"\nurl = \"{}\"\nallow_private = [\"127.0.0.0/8\"]\n",
            world.endpoint.url("/good")
        );
        let secrets = json!({ "stripe": STRIPE_SECRET, "destinations.good": DESTINATION_SECRET });
        fs::write(folder.join("holdfast.toml"), configuration).expect("holdfast.toml is written");
        fs::write(folder.join("secrets.json"), secrets.to_string()).expect("secrets are written");
        let log = fs::File::create(folder.join("dev.log")).expect("a log file");
        let process = Command::new(binary("holdfast"))
            .args(["dev", "--secrets", "secrets.json", "--port", &port.to_string()])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("holdfast starts");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { port, folder, http, process }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The JSON at a path; `None` while there is none.
    async fn get(&self, path: &str) -> Option<Value> {
        let answer = self.http.get(self.url(path)).send().await.ok()?;
        serde_json::from_str(&answer.text().await.ok()?).ok()
    }

    async fn post(&self, headers: &[(String, String)], body: bytes::Bytes) {
        let mut post = self.http.post(self.url("/hooks/stripe")).body(body);
        for (name, value) in headers {
            post = post.header(name, value);
        }
        assert_eq!(post.send().await.expect("it answers").status(), 200);
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// What the command says, run with the environment that the stack prints and with its
/// configuration.
fn on_stack(world: &World, arguments: &[&str]) -> String {
    let environment = world.deployment.ready["environment"].as_object().expect("variables");
    let variables: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().expect("text")))
        .collect();
    holdfast(&world.deployment.folder, &variables, arguments)
}

/// # Panics
/// When it does not succeed.
fn holdfast(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let mut command = Command::new(binary("holdfast"));
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    if arguments.first() == Some(&"send") {
        command.args(["--secrets", "secrets.json"]);
    }
    let Output { status, stdout, stderr } = command.output().expect("holdfast starts");
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{status}: {said}{}", String::from_utf8_lossy(&stderr));
    said
}
