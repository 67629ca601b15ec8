//! Programs of the work tree's `.venv`, as children that cannot outlive the tests.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a program until its own standard input ends. Nobody writes to it: it ends when this
/// process ends, even when that is killed.
const WATCHDOG: &str = r#""$@" & child=$!; read -r _; kill "$child"; wait "$child""#;

const LONGEST_START: Duration = Duration::from_secs(60);

/// A running program.
pub(crate) struct Running {
    program: String,
    log: PathBuf,
    _watchdog: Child,
}

/// A port that nobody listens on.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    listener.local_addr().expect("it has an address").port()
}

/// Starts a program of the virtual environment.
pub(super) fn start(program: &str, arguments: &[&str], variables: &[(&str, String)]) -> Running {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin").join(program);
    assert!(path.exists(), "{} is missing: `make venv` installs it", path.display());
    let log = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{program}-{}.log", std::process::id()));
    let out = File::create(&log).expect("a log file");
    let watchdog = Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(&path)
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(out.try_clone().expect("a log file"))
        .stderr(out)
        // Ctrl-C ends the tests, and their end ends this.
        .process_group(0)
        .spawn()
        .expect("sh starts");
    Running { program: program.to_owned(), log, _watchdog: watchdog }
}

impl Running {
    /// Waits for what the program does when it is ready.
    pub(super) fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            let log = || std::fs::read_to_string(&self.log).unwrap_or_default();
            let waited = started.elapsed();
            assert!(waited < LONGEST_START, "{} never {what}; its log:\n{}", self.program, log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
