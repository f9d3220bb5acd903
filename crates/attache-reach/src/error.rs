//! What is wrong with a snapshot or a rules file.

use attache_policy::{Invalid, Kind};

/// What prints everything of an account.
const COMMAND: &str = "aws iam get-account-authorization-details";

/// A snapshot that cannot be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {subject}: {source}")]
pub struct SnapshotError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The account and the role, user or policy: `222222222222, role Reader, trust policy`.
    pub subject: String,
    /// What is wrong.
    pub source: SnapshotProblem,
}

/// What is wrong with a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotProblem {
    /// It is not JSON, or has not a snapshot's shape.
    #[error("{}{source}", cut_off(.source))]
    Json {
        /// Where and why.
        source: serde_json::Error,
    },
    /// It has no `accounts` and not AWS's shape either.
    #[error("it is neither a snapshot nor an account's authorization details: {0}")]
    NotASnapshot(#[source] serde_json::Error),
    /// `accounts` is empty.
    #[error("there is no account in it")]
    NoAccount,
    /// AWS's answer without roles.
    #[error("it has no RoleDetailList, which `{COMMAND}` prints")]
    NoRoles,
    /// Nothing names an account.
    #[error("no ARN in it says whose it is")]
    NoArn,
    /// What is not on this page may be on another.
    #[error(
        "this is one page of several ({mark} says that more follow): write all of them with \
         `{COMMAND} > account.json`, without --no-paginate, --max-items and --starting-token"
    )]
    OnePage {
        /// The key that says so.
        mark: &'static str,
    },
    /// An account that another file has too.
    #[error("the account is given twice")]
    AccountGivenTwice,
    /// A role without its trust policy.
    #[error("it has no AssumeRolePolicyDocument")]
    NoTrustPolicy,
    /// A policy of the organization whose document is missing.
    #[error("it is attached, but not among the organization's policies")]
    MissingOrganizationPolicy,
    /// A policy document that is neither JSON nor text.
    #[error("expected a policy document as an object or text")]
    NotADocument,
    /// Text that is not a JSON string.
    #[error(transparent)]
    DocumentText(serde_json::Error),
    /// Percent-encoded bytes that are not text.
    #[error(transparent)]
    NotUtf8(std::str::Utf8Error),
    /// A document that is not a policy of its kind.
    #[error("it is not a valid {}: {}", .kind.name(), first_message(.source))]
    InvalidPolicy {
        /// What it should be.
        kind: Kind,
        /// What is wrong with it.
        source: Box<Invalid>,
    },
}

impl SnapshotProblem {
    /// Whether one policy document alone is wrong.
    pub(crate) fn is_about_a_document(&self) -> bool {
        matches!(
            self,
            Self::NotADocument
                | Self::DocumentText(_)
                | Self::NotUtf8(_)
                | Self::InvalidPolicy { .. }
        )
    }
}

fn cut_off(error: &serde_json::Error) -> &'static str {
    if error.is_eof() { "it ends in the middle, as a file that was cut off: " } else { "" }
}

fn first_message(invalid: &Invalid) -> String {
    let first = invalid.diagnostics.first();
    first.map_or_else(|| invalid.to_string(), |diagnostic| diagnostic.message.clone())
}

/// A rules file that cannot be read, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// It is not TOML, or has a key that rules have not.
    #[error("{file}: {source}")]
    Toml {
        /// The file's name, as the caller gave it.
        file: String,
        /// What is wrong, with its line.
        source: Box<toml::de::Error>,
    },
    /// There is no rule in it.
    #[error("{file}: there is no rule in it; write [[deny]] with from and to")]
    Empty {
        /// The file's name, as the caller gave it.
        file: String,
    },
}
