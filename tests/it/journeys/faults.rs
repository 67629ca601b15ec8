//! Calls of the functions to AWS that fail: rules for microburst, which stands between the two.

use super::world::World;
use serde_json::{Value, json};

/// The faults of a world that was deployed with them.
pub(crate) struct Faults {
    url: String,
    http: reqwest::Client,
}

impl Faults {
    /// # Panics
    /// When the world was deployed without.
    pub(crate) fn of(world: &World) -> Self {
        let url = format!("{}/_microburst", world.deployment.said("/faults"));
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { url, http }
    }

    /// Makes the operation fail before it has an effect, until [`Fault::end`].
    pub(crate) async fn fail(&self, operation: &str, about: &str) -> Fault<'_> {
        let error = json!({ "code": "InternalServerError", "status": 500 });
        let rule = json!({ "operation": operation, "body": contains(about), "error": error });
        self.ask_for(rule).await
    }

    /// Lets the operation have its effect once and loses the answer.
    pub(crate) async fn lose_one_answer(&self, operation: &str, about: &str) -> Fault<'_> {
        let lost = json!({ "abort_bytes": 0 });
        let body = contains(about);
        let rule = json!({ "operation": operation, "body": body, "times": 1, "response": lost });
        self.ask_for(rule).await
    }

    async fn ask_for(&self, rule: Value) -> Fault<'_> {
        let rules = self.set(json!([rule])).await;
        let rule = rules.pointer("/0/id").and_then(Value::as_u64);
        Fault { faults: self, rule: rule.expect("the rule's number") }
    }

    /// Puts this rule in the place of all others.
    async fn set(&self, rules: Value) -> Value {
        let post = self.http.post(format!("{}/rules", self.url)).body(rules.to_string());
        let answer = post.header("content-type", "application/json").send().await;
        let answer = answer.expect("microburst answers");
        assert!(answer.status().is_success(), "microburst takes the rules: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("a body")).expect("the rules as JSON")
    }
}

/// A fault that was asked for.
pub(crate) struct Fault<'f> {
    faults: &'f Faults,
    rule: u64,
}

impl Fault<'_> {
    /// Ends it and answers how often it happened: a test without it has shown nothing.
    pub(crate) async fn end(self) -> usize {
        let url = format!("{}/fired?rule_id={}", self.faults.url, self.rule);
        let fired = self.faults.http.get(url).send().await.expect("microburst answers");
        let fired = fired.text().await.expect("a body");
        let fired: Vec<Value> = serde_json::from_str(&fired).expect("a list");
        self.faults.set(json!([])).await;
        fired.len()
    }
}

/// Only requests that name this: one event's, not those of the others.
fn contains(about: &str) -> String {
    format!("contains(to_string(@), '{about}')")
}
