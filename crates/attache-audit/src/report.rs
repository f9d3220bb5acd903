//! What is asked of an audit, and what it answers: plain data.

use std::time::Duration;

use attache_identifiers::{AccountId, Issuer, Region, RoleArn};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{Assumption, RefusedCall, ServiceUse};

/// A workload in a cluster, for which a role is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The cluster's issuer; none where its tokens are for EKS Pod Identity alone.
    pub issuer: Option<Issuer>,
    /// `system:serviceaccount:NAMESPACE:NAME`.
    pub subject: String,
}

/// A role to look at.
#[derive(Debug, Clone)]
pub struct AuditedRole {
    /// Its ARN.
    pub arn: RoleArn,
    /// The regions of the STS endpoints that it is assumed at.
    pub regions: Vec<Region>,
    /// Who is expected to assume it.
    pub workloads: Vec<Workload>,
}

/// What to look at.
#[derive(Debug, Clone)]
pub struct AuditSettings {
    /// The first moment.
    pub from: OffsetDateTime,
    /// The last one.
    pub to: OffsetDateTime,
    /// The most events of one lookup; more are not read, and the report says so.
    pub most_events: usize,
    /// After how many days without use a role counts as unused.
    pub unused_days: i64,
    /// How long IAM's report of the services that were used is waited for.
    pub patience: Duration,
}

/// The whole answer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// The first moment that was looked at.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// The last one.
    #[serde(with = "time::serde::rfc3339")]
    pub to: OffsetDateTime,
    /// The roles, in the order in which they were asked for.
    pub roles: Vec<RoleReport>,
    /// The accounts of which nothing is known.
    pub unread: Vec<UnreadAccount>,
}

/// An account that could not be read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadAccount {
    /// The account.
    pub account: AccountId,
    /// Why.
    pub why: String,
    /// Whether AWS or the network failed.
    #[serde(skip)]
    pub is_remote: bool,
}

/// What became of one role.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleReport {
    /// Its ARN.
    pub role: String,
    /// Its account.
    pub account: AccountId,
    /// When it was used last.
    pub last_use: LastUse,
    /// Whether nobody used it for as long as was asked; none where that is not known.
    pub unused: Option<bool>,
    /// The sessions, by who began them.
    pub sessions: Vec<Assumption>,
    /// Calls that were refused: of those who wanted to assume the role, and of its sessions.
    pub refused: Vec<RefusedCall>,
    /// What changed the role itself.
    pub changes: Vec<Change>,
    /// The services that the role may use or called; none where IAM did not tell.
    pub services: Option<Vec<ServiceUse>>,
    /// What was not looked at, a sentence each.
    pub not_read: Vec<String>,
}

/// When a role was used last, as IAM has it: of the last 400 days, and with a delay of hours.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum LastUse {
    /// At this time.
    Used {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
    /// Never in the time that IAM keeps.
    Never {
        /// When the role was made.
        #[serde(with = "time::serde::rfc3339")]
        made: OffsetDateTime,
    },
    /// There is no such role.
    NoRole,
    /// It could not be read.
    Unknown {
        /// Why.
        why: String,
    },
}

/// A change of the role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The call: `iam:UpdateAssumeRolePolicy`.
    pub call: String,
    /// Who made it.
    pub by: String,
}

impl RoleReport {
    /// The sessions that others than the workload began.
    pub fn by_others(&self) -> impl Iterator<Item = &Assumption> {
        self.sessions.iter().filter(|session| !session.is_workload)
    }

    /// How many sessions there were.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.sessions.iter().map(|session| session.count).sum()
    }

    /// How many calls were refused.
    #[must_use]
    pub fn refused_count(&self) -> usize {
        self.refused.iter().map(|refused| refused.count).sum()
    }
}
