//! The local AWS that tests run against: ministack from the work tree's `.venv`, one for all tests
//! of the binary, and microburst in front of it for tests that need a failing network. Both end
//! with the test process, however it ends.

mod http;
mod process;
pub(crate) mod proxy;
pub(crate) mod sandbox;

use process::{free_port, start};
use std::sync::OnceLock;

/// A running local AWS.
pub(crate) struct LocalAws {
    /// Its URL: each service's endpoint.
    pub(crate) endpoint: String,
    _process: process::Running,
}

/// The one local AWS of this process, started when it is first asked for.
pub(crate) fn local_aws() -> &'static LocalAws {
    static SHARED: OnceLock<LocalAws> = OnceLock::new();
    SHARED.get_or_init(|| {
        let port = free_port();
        let settings = [("BIND_HOST", "127.0.0.1".to_owned()), ("GATEWAY_PORT", port.to_string())];
        let process = start("ministack", &[], &settings);
        process.wait_until("answers", || http::get(port, "/_ministack/health").is_ok());
        LocalAws { endpoint: format!("http://127.0.0.1:{port}"), _process: process }
    })
}
