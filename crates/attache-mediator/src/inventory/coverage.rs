//! How complete the knowledge of one type in one account and region is.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::scrape::Fault;

/// How the last scrape ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Complete.
    Ok,
    /// The role may not make the call.
    Denied,
    /// AWS throttled to the end.
    Throttled,
    /// There was no session for the account, or it is not valid in the region.
    NoSession,
    /// Anything else: see the message.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Ok, Self::Denied, Self::Throttled, Self::NoSession, Self::Failed];

    /// The name, as the API, the metrics and the database have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::NoSession => "no-session",
            Self::Failed => "failed",
        }
    }

    /// The outcome of a name; an unknown one is a failure.
    #[must_use]
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name).unwrap_or(Self::Failed)
    }

    pub(crate) fn of(fault: &Fault) -> Self {
        match fault {
            Fault::Denied { .. } => Self::Denied,
            Fault::Throttled { .. } => Self::Throttled,
            Fault::Session { .. } => Self::NoSession,
            _ => Self::Failed,
        }
    }
}

/// How one type's last scrape in one account and region went.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// The account that was reached; where none was, the role's.
    pub account: String,
    /// The region, or `global`.
    pub region: String,
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it ended.
    pub status: Outcome,
    /// Resources in the inventory: those of the last complete scrape.
    pub count: usize,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// When one was last complete.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_ok: Option<OffsetDateTime>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The calls that it took, repeated ones included.
    pub calls: u64,
    /// What went wrong; empty when it is ok.
    pub message: String,
    /// What to do about it; empty when it is ok.
    pub remedy: String,
}
