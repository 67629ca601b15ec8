//! microburst in front of the local AWS: answers get lost on the way back, and transactions are
//! cancelled as if others were at the same items.

use super::process::{Running, free_port, start};
use super::{http, local_aws};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A network that loses answers, before a DynamoDB that is busier than it is.
pub(crate) struct Proxy {
    /// Its URL, to be used as an endpoint.
    pub(crate) endpoint: String,
    port: u16,
    _process: Running,
}

/// The one proxy of this process, started when it is first asked for.
pub(crate) fn proxy() -> &'static Proxy {
    static SHARED: OnceLock<Proxy> = OnceLock::new();
    SHARED.get_or_init(|| {
        let upstream = local_aws().endpoint.clone();
        let port = free_port();
        let number = port.to_string();
        let arguments = ["--upstream", &upstream, "--port", &number, "--host", "127.0.0.1"];
        let process = start("microburst", &arguments, &[]);
        process.wait_until("answers", || http::get(port, "/_microburst/rules").is_ok());
        // It reads a service's model at the first call, which takes seconds.
        for operation in ["DynamoDB_20120810.ListTables", "AmazonSQS.ListQueues"] {
            http::ask(port, "POST", "/", operation, "{}").expect("a warm proxy");
        }
        Proxy { endpoint: format!("http://127.0.0.1:{port}"), port, _process: process }
    })
}

impl Proxy {
    /// Loses the answer to the next such operation whose request names this table or queue. The
    /// call itself goes through.
    pub(crate) fn lose_next_answer(&'static self, operation: &str, name: &str) -> Fault {
        self.add(operation, name, json!({ "times": 1, "response": { "abort_bytes": 0 } }))
    }

    /// Cancels the next transactions whose requests name this table, because of these reasons. None
    /// of them gets to DynamoDB.
    pub(crate) fn cancel_next_transactions(
        &'static self,
        times: usize,
        name: &str,
        reasons: &[&str],
    ) -> Fault {
        let reasons: Vec<Value> = reasons.iter().map(|code| json!({ "Code": code })).collect();
        let error = json!({
            "code": "TransactionCanceledException",
            "status": 400,
            "fields": { "CancellationReasons": reasons },
        });
        self.add("TransactWriteItems", name, json!({ "times": times, "error": error }))
    }

    /// Refuses the next such operations whose requests name this table, because a transaction is at the
    /// same item.
    pub(crate) fn refuse_next_for_a_transaction(
        &'static self,
        times: usize,
        operation: &str,
        name: &str,
    ) -> Fault {
        let error = json!({ "code": "TransactionConflictException", "status": 400 });
        self.add(operation, name, json!({ "times": times, "error": error }))
    }

    fn add(&'static self, operation: &str, name: &str, mut rule: Value) -> Fault {
        rule["operation"] = json!(operation);
        rule["body"] = json!(format!("contains(to_string(@), '{name}')"));
        let rules = json!([rule]);
        let added = http::ask(self.port, "PATCH", "/_microburst/rules", "", &rules.to_string());
        let added: Value = serde_json::from_str(&added.expect("a new rule")).expect("JSON");
        Fault { proxy: self, rule: added[0]["id"].as_u64().expect("the rule's number") }
    }
}

/// A fault that was asked for.
pub(crate) struct Fault {
    proxy: &'static Proxy,
    rule: u64,
}

impl Fault {
    /// # Panics
    /// When it did not happen once: then the test has shown nothing.
    pub(crate) fn assert_happened(&self) {
        assert_eq!(self.times(), 1, "it happened once");
    }

    /// How often it happened.
    pub(crate) fn times(&self) -> usize {
        let path = format!("/_microburst/fired?rule_id={}", self.rule);
        let fired = http::get(self.proxy.port, &path).expect("the list of faults");
        let fired: Vec<Value> = serde_json::from_str(&fired).expect("a list");
        fired.len()
    }
}
