//! Running the built binary, and what it printed.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// Variables that change what a command does: the shell that runs the tests may have them set.
const VARIABLES: [&str; 13] = [
    "ATTACHE_LOG",
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "NO_COLOR",
];

/// The binary, to be given arguments.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
pub(crate) fn attache(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

/// Standard output and standard error, one after the other.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// An authority that runs.
pub(crate) struct Authority {
    pub(crate) process: Child,
    pub(crate) url: String,
    pub(crate) credentials: PathBuf,
}

impl Authority {
    /// Starts one that stores nothing, and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(&["--ephemeral"], arguments)
    }

    /// Starts one with that data directory.
    pub(crate) fn with_data(directory: &str, arguments: &[&str]) -> Self {
        Self::spawn(&["--data", directory], arguments)
    }

    fn spawn(store: &[&str], arguments: &[&str]) -> Self {
        let mut process = command(Path::new("."))
            .args(["authority", "--listen", "127.0.0.1:0"])
            .args(store)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut value =
            || lines.next().unwrap().unwrap().split_once("  ").unwrap().1.trim().to_owned();
        let (url, credentials) = (value(), PathBuf::from(value()));
        Self { process, url, credentials }
    }

    /// Sends SIGTERM; the exit code, none where the signal ended it.
    pub(crate) fn terminated(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        self.process.wait().unwrap().code()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
