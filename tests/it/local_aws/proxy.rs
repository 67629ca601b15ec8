//! microburst in front of the local AWS: answers get lost on the way back.

use super::process::{Running, free_port, start};
use super::{http, local_aws};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A network that loses answers.
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
    pub(crate) fn lose_next_answer(&'static self, operation: &str, name: &str) -> Loss {
        let rules = json!([{
            "operation": operation,
            "body": format!("contains(to_string(@), '{name}')"),
            "times": 1,
            "response": { "abort_bytes": 0 },
        }]);
        let added = http::ask(self.port, "PATCH", "/_microburst/rules", "", &rules.to_string());
        let added: Value = serde_json::from_str(&added.expect("a new rule")).expect("JSON");
        Loss { proxy: self, rule: added[0]["id"].as_u64().expect("the rule's number") }
    }
}

/// A loss that was asked for.
pub(crate) struct Loss {
    proxy: &'static Proxy,
    rule: u64,
}

impl Loss {
    /// # Panics
    /// When no answer was lost: then the test has shown nothing.
    pub(crate) fn assert_happened(&self) {
        let path = format!("/_microburst/fired?rule_id={}", self.rule);
        let fired = http::get(self.proxy.port, &path).expect("the list of faults");
        let fired: Vec<Value> = serde_json::from_str(&fired).expect("a list");
        assert_eq!(fired.len(), 1, "one answer was lost: {fired:?}");
    }
}
