//! The lines of a check: what was looked at, what came of it, and what AWS would say.

use attache_authority::{IssuerFailure, issuer_failure};
use attache_oidc_discovery::FetchError;
use serde::Serialize;

use crate::output::{Format, Output, Tone};

/// What came of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// It was checked, and AWS accepts it.
    Ok,
    /// It was checked, and AWS refuses it.
    Fail,
    /// It could not be checked.
    Unknown,
}

/// One line.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    /// Its name, which stays the same: `discovery`.
    pub(super) check: &'static str,
    pub(super) status: Status,
    /// What was found.
    pub(super) found: String,
    /// The answer of STS to a token of this issuer, where the line fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aws: Option<AwsAnswer>,
}

/// An answer of AWS.
#[derive(Debug, Serialize)]
pub(super) struct AwsAnswer {
    code: String,
    message: String,
}

/// The names of the lines, in the order in which they are checked.
pub(super) const CHECKS: [&str; 8] =
    ["url", "discovery", "certificate", "issuer", "jwks-uri", "key-set", "keys", "time"];

/// The lines of one issuer.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    pub(super) fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(check, Status::Ok, found.into(), None);
    }

    pub(super) fn unknown(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(check, Status::Unknown, found.into(), None);
    }

    /// A line that fails for a reason that STS never gets to: IAM refuses the provider.
    pub(super) fn refused(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(check, Status::Fail, found.into(), None);
    }

    /// A line that fails so that STS finds no key.
    pub(super) fn no_key(&mut self, check: &'static str, found: impl Into<String>) {
        self.failed(check, &IssuerFailure::Other(found.into()));
    }

    /// A certificate that no thumbprint of the provider names.
    pub(super) fn thumbprint(&mut self, check: &'static str, found: impl Into<String>) {
        self.failed(check, &IssuerFailure::Thumbprint(found.into()));
    }

    /// A fetch that failed.
    pub(super) fn fetch(&mut self, check: &'static str, error: &FetchError) {
        self.failed(check, &issuer_failure(error));
    }

    fn failed(&mut self, check: &'static str, failure: &IssuerFailure) {
        let answer = failure.sts_answer();
        let aws = AwsAnswer { code: answer.code, message: answer.message };
        self.add(check, Status::Fail, failure.why().to_owned(), Some(aws));
    }

    fn add(&mut self, check: &'static str, status: Status, found: String, aws: Option<AwsAnswer>) {
        self.0.push(Line { check, status, found, aws });
    }

    /// The lines that were not reached are unknown.
    pub(super) fn finish(mut self) -> Vec<Line> {
        for check in CHECKS {
            if !self.0.iter().any(|line| line.check == check) {
                self.unknown(check, "not checked: a check before it failed");
            }
        }
        self.0.sort_by_key(|line| CHECKS.iter().position(|check| *check == line.check));
        self.0
    }
}

/// Prints the lines, and the first answer of AWS.
pub(super) fn print(issuer: &str, lines: &[Line], out: &Output) -> miette::Result<()> {
    if out.format == Format::Json {
        return out.json(&serde_json::json!({ "issuer": issuer, "checks": lines }));
    }
    let word = |status: Status| match status {
        Status::Ok => "ok",
        Status::Fail => "fail",
        Status::Unknown => "unknown",
    };
    let row = |line: &Line| vec![word(line.status).into(), line.check.into(), line.found.clone()];
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    out.table(&["status", "check", "found"], &rows, |cell| match cell {
        "ok" => Some(Tone::Good),
        "fail" => Some(Tone::Bad),
        "unknown" => Some(Tone::Warning),
        _ => None,
    });
    if let Some(answer) = lines.iter().find_map(|line| line.aws.as_ref()) {
        out.line("");
        let said = format!("AWS STS answers {}: {}", answer.code, answer.message);
        out.line(out.paint(Tone::Bad, &said));
    }
    Ok(())
}
