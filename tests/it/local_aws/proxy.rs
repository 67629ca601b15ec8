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
        Proxy { endpoint: format!("http://127.0.0.1:{port}"), port, _process: process }
    })
}

impl Proxy {
    /// Loses the next answer to this operation on this table or queue. The call itself goes
    /// through.
    pub(crate) fn lose_next_answer(&self, service: &str, operation: &str, resource: &str) {
        let rule = json!([{
            "service": service,
            "operation": operation,
            "resource": resource,
            "times": 1,
            "response": { "abort_bytes": 0 },
        }]);
        http::ask(self.port, "PATCH", "/_microburst/rules", &rule.to_string()).expect("a new rule");
    }

    /// How many answers to this operation on this table or queue were lost.
    pub(crate) fn lost_answers(&self, operation: &str, resource: &str) -> usize {
        let fired = http::get(self.port, "/_microburst/fired").expect("the list of faults");
        let fired: Vec<Value> = serde_json::from_str(&fired).expect("a list");
        let is_it = |fault: &&Value| {
            fault["operation"] == operation && fault.to_string().contains(resource)
        };
        fired.iter().filter(is_it).count()
    }
}
