//! `--exec CMD`: a command that runs as long as the authority, with the authority as its AWS.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, IsTerminal};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use attache_authority::{Administrator, HOME_REGION};
use miette::{IntoDiagnostic as _, WrapErr as _};
use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{self, SignalKind};
use tokio::task::JoinSet;

use crate::output::Exit;

/// The exit codes of shells for a command that does not exist, and for one that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// What a shell adds to the number of the signal that ended a command.
const BY_SIGNAL: i32 = 128;

/// AWS's variables that say nothing of where AWS is, and who calls: they are left as they are.
const KEPT: &[&str] = &[
    "AWS_CLI_AUTO_PROMPT",
    "AWS_DEFAULT_OUTPUT",
    "AWS_MAX_ATTEMPTS",
    "AWS_PAGER",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID",
];

/// Where the command's AWS is, and whose keys it has.
pub(super) struct Environment<'e> {
    pub(super) address: SocketAddr,
    pub(super) credentials: &'e Path,
    /// Of the first account; the others are profiles of the credentials file.
    pub(super) administrator: Option<&'e Administrator>,
}

impl Environment<'_> {
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let address = reachable(self.address);
        let mut variables: Vec<(&str, OsString)> = vec![
            ("AWS_ENDPOINT_URL", format!("http://{address}").into()),
            ("AWS_REGION", HOME_REGION.into()),
            // Boto3 and version 1 of `aws` look here.
            ("AWS_DEFAULT_REGION", HOME_REGION.into()),
            ("AWS_SHARED_CREDENTIALS_FILE", self.credentials.as_os_str().to_owned()),
            // A person's own configuration can lead elsewhere.
            ("AWS_CONFIG_FILE", "/dev/null".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ];
        if let Some(Administrator { access_key, secret, .. }) = self.administrator {
            variables.push(("AWS_ACCESS_KEY_ID", access_key.into()));
            variables.push(("AWS_SECRET_ACCESS_KEY", secret.expose().into()));
        }
        for name in ["NO_PROXY", "no_proxy"] {
            let before = std::env::var(name).unwrap_or_default();
            let comma = if before.is_empty() { "" } else { "," };
            variables.push((name, format!("{before}{comma}{}", address.ip()).into()));
        }
        variables
    }
}

/// The address by which this machine reaches a server that listens on all of its own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    SocketAddr::new(ip, address.port())
}

/// Whether a variable of this process is not for the command: it could lead it to another AWS.
fn is_removed(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("AWS_") && !KEPT.contains(&name.as_ref())
}

/// The signals that are passed on, from before the command begins.
pub(super) struct Signals(Vec<(unix::Signal, Signal)>);

impl Signals {
    pub(super) fn listen() -> miette::Result<Self> {
        let passed = [
            (SignalKind::terminate(), Signal::TERM),
            (SignalKind::hangup(), Signal::HUP),
            (SignalKind::user_defined1(), Signal::USR1),
            (SignalKind::user_defined2(), Signal::USR2),
            (SignalKind::interrupt(), Signal::INT),
            (SignalKind::quit(), Signal::QUIT),
        ];
        let opened = passed.into_iter().map(|(kind, signal)| Ok((unix::signal(kind)?, signal)));
        opened.collect::<std::io::Result<_>>().map(Self).into_diagnostic()
    }

    /// Passes signals on to a process, until this is dropped.
    async fn pass_on(self, process: Pid) {
        // A terminal gives its own signals to all of its processes: the command has them already.
        let by_terminal = std::io::stdin().is_terminal();
        let mut tasks = JoinSet::new();
        for (mut received, signal) in self.0 {
            let has_it_already = by_terminal && matches!(signal, Signal::INT | Signal::QUIT);
            tasks.spawn(async move {
                while received.recv().await.is_some() {
                    if !has_it_already {
                        // One that has just ended needs none.
                        let _best_effort = kill_process(process, signal);
                    }
                }
            });
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// Runs the command to its end. Its exit code is this process's.
pub(super) async fn run(
    words: &[OsString],
    environment: &Environment<'_>,
    signals: Signals,
) -> miette::Result<Exit> {
    // `--exec -- CMD` is how other programs are told where a command begins.
    let words = match words {
        [first, rest @ ..] if first == "--" => rest,
        words => words,
    };
    let Some((program, arguments)) = words.split_first() else {
        return Err(miette::miette!("--exec needs a command, for example --exec pytest tests/"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_removed(name)) {
        command.env_remove(name);
    }
    command.envs(environment.variables());
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let code = match error.kind() {
                ErrorKind::NotFound => NOT_FOUND,
                _ => NOT_EXECUTABLE,
            };
            crate::output::warn(&format!("could not run {}: {error}", program.to_string_lossy()));
            return Ok(Exit::Command(code));
        }
    };
    let status =
        wait(child, signals).await.into_diagnostic().wrap_err("could not wait for the command")?;
    Ok(Exit::Command(code_of(status)))
}

async fn wait(mut child: Child, signals: Signals) -> std::io::Result<ExitStatus> {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let waited = tokio::task::spawn_blocking(move || child.wait());
    let passing = async {
        match process {
            Some(process) => signals.pass_on(process).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        status = waited => status.map_err(std::io::Error::other)?,
        () = passing => Err(std::io::Error::other("signals can no longer be received")),
    }
}

/// As a shell says how a command ended.
fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| BY_SIGNAL + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_cannot_be_led_to_another_aws() {
        for (name, removed) in [
            ("AWS_PROFILE", true),
            ("AWS_SESSION_TOKEN", true),
            ("AWS_ENDPOINT_URL_S3", true),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", true),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", true),
            ("AWS_MAX_ATTEMPTS", false),
            ("AWS_PAGER", false),
            ("PATH", false),
        ] {
            assert_eq!(is_removed(OsStr::new(name)), removed, "{name}");
        }
    }

    #[test]
    fn an_address_for_all_is_reached_by_loopback() {
        for (listens, reached) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("10.0.0.1:1", "10.0.0.1:1")]
        {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), reached);
        }
    }

    #[test]
    fn a_command_that_a_signal_ended_has_a_shells_code() {
        assert_eq!(code_of(ExitStatus::from_raw(0)), 0);
        assert_eq!(code_of(ExitStatus::from_raw(7 << 8)), 7);
        assert_eq!(code_of(ExitStatus::from_raw(15)), 143);
    }
}
