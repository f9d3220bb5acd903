//! `credential_process`: credentials that a program prints.
//!
//! What it prints on its standard output is a secret, and is never part of an error. It is run as
//! the SDKs run it, by the shell.
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use attache_identifiers::{Secret, displayable};
use aws_credential_types::Credentials;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

/// Ours: the largest session token has some 10 kB.
const MOST_OUTPUT: u64 = 64 * 1024;

/// Ours: characters of its standard error that are shown.
const LONGEST_COMPLAINT: usize = 500;

/// Ours: such a program may wait for a person to sign in with a browser.
const LONGEST_RUN: Duration = Duration::from_secs(5 * 60);

/// Why a program gave no credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// There is no shell to run it.
    #[error("its credential_process could not be started: {0}")]
    NotStarted(#[source] std::io::Error),
    /// It ended with a failure.
    #[error("its credential_process ended with {status}{}", said(.complaint))]
    Failed {
        /// `exit code 3`, `signal 9`.
        status: String,
        /// What it wrote to standard error, without secrets.
        complaint: String,
    },
    /// It did not end.
    #[error("its credential_process did not end within {} s", LONGEST_RUN.as_secs())]
    TooLong,
    /// Its output could not be read, or there is too much of it.
    #[error("its credential_process printed more than {MOST_OUTPUT} bytes")]
    TooMuch,
    /// What it printed is not what AWS says that it must be.
    #[error("its credential_process printed no credentials: {0}")]
    Output(String),
}

fn said(complaint: &str) -> String {
    if complaint.is_empty() { String::new() } else { format!(": {complaint}") }
}

/// Runs the command and reads what it prints.
pub(crate) async fn run(command: &Secret) -> Result<Credentials, ProcessError> {
    match tokio::time::timeout(LONGEST_RUN, output(command)).await {
        Ok(output) => credentials(output?.expose()),
        Err(_) => Err(ProcessError::TooLong),
    }
}

async fn output(command: &Secret) -> Result<Secret, ProcessError> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command.expose()]).kill_on_drop(true);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().map_err(ProcessError::NotStarted)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::join!(bounded(stdout), drained(stderr));
    if stdout.len() as u64 > MOST_OUTPUT {
        // It may go on for ever: it ends with its handle.
        return Err(ProcessError::TooMuch);
    }
    let status = child.wait().await.map_err(ProcessError::NotStarted)?;
    let text = String::from_utf8_lossy(&stdout);
    if !status.success() {
        // A program may complain with what it was about to print.
        let known: Vec<&str> = text.split(['"', '\n']).filter(|part| part.len() >= 16).collect();
        let complaint = String::from_utf8_lossy(&stderr);
        let complaint = displayable(complaint.trim(), &known, LONGEST_COMPLAINT);
        return Err(ProcessError::Failed { status: ending(status), complaint });
    }
    Ok(Secret::new(text))
}

/// As much as is kept of what a program complains; the rest is read all the same, so that the program
/// ends by itself.
async fn drained(mut pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let bytes = bounded(pipe.as_mut()).await;
    if let Some(pipe) = &mut pipe {
        let _ = tokio::io::copy(pipe, &mut tokio::io::sink()).await;
    }
    bytes
}

/// At most a byte more than the limit.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What was read before a failure counts: the exit code has the rest.
        let _ = pipe.take(MOST_OUTPUT + 1).read_to_end(&mut bytes).await;
    }
    bytes
}

fn ending(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}

/// What it must print. Unknown members are ignored, as the SDKs do.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: Option<serde_json::Value>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    session_token: Option<String>,
    expiration: Option<String>,
}

fn credentials(text: &str) -> Result<Credentials, ProcessError> {
    let wrong = |why: &str| ProcessError::Output(why.to_owned());
    let printed: Printed = serde_json::from_str(text).map_err(|e| {
        // Not the parser's words: they can repeat a value.
        ProcessError::Output(format!(
            "not a JSON object at line {}, column {}",
            e.line(),
            e.column()
        ))
    })?;
    match printed.version {
        Some(version) if version == 1 => {}
        Some(_) => return Err(wrong("expected Version 1, found another")),
        None => return Err(wrong("Version is missing; expected 1")),
    }
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let id = filled(printed.access_key_id).ok_or_else(|| wrong("AccessKeyId is missing"))?;
    let secret =
        filled(printed.secret_access_key).ok_or_else(|| wrong("SecretAccessKey is missing"))?;
    let until = filled(printed.expiration).map(|text| {
        let parsed = OffsetDateTime::parse(&text, &Rfc3339);
        parsed.map(SystemTime::from).map_err(|_| wrong("Expiration is not an RFC 3339 time"))
    });
    let until = until.transpose()?;
    if until.is_some_and(|until| until <= SystemTime::now()) {
        return Err(wrong("they have expired already"));
    }
    let token = filled(printed.session_token);
    Ok(Credentials::new(id, secret, token, until, "credential_process"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fails(command: &str) -> String {
        run(&Secret::new(command)).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn what_a_program_prints_is_credentials_or_an_error_without_secrets() {
        let good = r#"echo '{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s e","SessionToken":"t","Expiration":"2999-01-01T00:00:00Z","X":{}}'"#;
        let got = run(&Secret::new(good)).await.unwrap();
        assert_eq!((got.access_key_id(), got.secret_access_key()), ("AKIA", "s e"));
        assert_eq!(got.session_token(), Some("t"));
        assert!(got.expiry().is_some());
        for (command, said) in [
            ("exit 3", "exit code 3"),
            ("echo down >&2; exit 1", "exit code 1: down"),
            ("kill -9 $$", "signal 9"),
            ("no-such-program-here", "exit code 127"),
            ("echo 'SecretAccessKey=abcd1234abcd1234' >&2; exit 1", "SecretAccessKey=[hidden]"),
            (
                "echo '{\"SecretAccessKey\":\"0123456789abcdefgh\"}'; echo 0123456789abcdefgh >&2; exit 1",
                "exit code 1: [hidden]",
            ),
            ("true", "not a JSON object"),
            ("echo hunter2hunter2", "not a JSON object at line 1"),
            ("echo '{\"Version\":2}'", "expected Version 1"),
            ("echo '{\"AccessKeyId\":\"a\"}'", "Version is missing"),
            ("echo '{\"Version\":1,\"AccessKeyId\":\"a\"}'", "SecretAccessKey is missing"),
            (
                "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Expiration\":\"2020-01-01T00:00:00Z\"}'",
                "expired already",
            ),
            ("yes hunter2", "more than 65536 bytes"),
            ("yes hunter2 | head -c 200000 >&2; exit 4", "exit code 4: hunter2"),
        ] {
            let text = fails(command).await;
            assert!(text.contains(said), "{command}: {text}");
            assert!(!text.contains("0123456789abcdefgh"), "{text}");
            assert!(!text.contains("hunter2hunter2") && text.len() < 700, "{text}");
        }
    }
}
