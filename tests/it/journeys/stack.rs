//! The deployed local stack: `infra/local/stack.py` with the binaries that lie beside this test.

use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LONGEST_START: Duration = Duration::from_secs(180);

/// How a stack is to be deployed.
pub(crate) struct Plan {
    /// Its `holdfast.toml`.
    pub(crate) configuration: String,
    /// What its secret holds.
    pub(crate) secrets: Value,
    /// Parameters of the template that are not to have their defaults.
    pub(crate) parameters: Vec<(&'static str, String)>,
    /// Whether calls to AWS can be made to fail.
    pub(crate) with_faults: bool,
    /// Whether the reconciler's schedules run.
    pub(crate) with_schedules: bool,
}

/// A running stack. It ends when it is dropped, or when this process ends in any way.
pub(crate) struct Deployment {
    /// What `stack.py` says of it: URLs, names of resources.
    pub(crate) ready: Value,
    /// Where its logs and its functions' processes live.
    pub(crate) folder: PathBuf,
    process: Child,
}

impl Deployment {
    /// Deploys a stack of this name.
    pub(crate) fn start(name: &str, plan: Plan) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journeys").join(name);
        // The last run's logs; there may be none.
        _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the stack");
        let configuration = folder.join("holdfast.toml");
        let secrets = folder.join("secrets.json");
        fs::write(&configuration, &plan.configuration).expect("holdfast.toml is written");
        fs::write(&secrets, plan.secrets.to_string()).expect("the secrets are written");
        let log = folder.join("stack.log");
        let ready_file = folder.join("ready.json");

        let mut command = Command::new(python());
        command.arg(root().join("infra/local/stack.py"));
        command.arg("--bin-dir").arg(binaries());
        command.arg("--config").arg(&configuration).arg("--secrets").arg(&secrets);
        command.arg("--ready-file").arg(&ready_file).arg("--run-dir").arg(folder.join("run"));
        command.arg("--quiet");
        if plan.with_faults {
            command.arg("--faults");
        }
        if !plan.with_schedules {
            command.arg("--no-schedules");
        }
        for (name, value) in &plan.parameters {
            command.arg("--parameter").arg(format!("{name}={value}"));
        }
        let out = File::create(&log).expect("a log file");
        let process = command
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a log file"))
            .stderr(out)
            .spawn()
            .expect("python starts");
        let mut deployment = Self { ready: Value::Null, folder, process };
        deployment.ready = deployment.wait_until_ready(&ready_file, &log);
        deployment
    }

    fn wait_until_ready(&mut self, ready_file: &Path, log: &Path) -> Value {
        let started = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(ready_file) {
                return serde_json::from_str(&text).expect("the ready file is JSON");
            }
            let ended = self.process.try_wait().expect("the stack is our child");
            let log = || fs::read_to_string(log).unwrap_or_default();
            assert!(ended.is_none(), "the stack ended while starting: {}", log());
            assert!(started.elapsed() < LONGEST_START, "the stack is not ready: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A text of what `stack.py` says, by its JSON pointer.
    pub(crate) fn said(&self, pointer: &str) -> &str {
        let said = self.ready.pointer(pointer).and_then(Value::as_str);
        said.unwrap_or_else(|| panic!("the stack does not say {pointer}"))
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        // Asked to, it ends the emulator and all functions before itself.
        send_signal("TERM", self.process.id());
        _ = self.process.wait();
    }
}

/// Sends a signal to a process, which may have ended before.
pub(crate) fn send_signal(signal: &str, pid: u32) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{signal}")).arg(pid.to_string()).stderr(Stdio::null());
    kill.status().expect("there is a command `kill`");
}

/// The work tree.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The work tree's own Python.
pub(crate) fn python() -> PathBuf {
    let python = root().join(".venv/bin/python");
    assert!(python.exists(), "{} is missing: `make test` installs it", python.display());
    python
}

/// A binary of this profile: it lies beside the folder of the test itself.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let folder = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is missing: `make test` builds it", binary.display());
    binary
}

fn binaries() -> PathBuf {
    let all = ["receiver", "processor", "reconciler"].map(binary);
    all[0].parent().expect("a binary lies in a folder").to_owned()
}
