//! What the journal stores: one event for each decision, with the change that it made, if any.

use attache_identifiers::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::PARTITION;
use crate::change::{AdminChange, Change};

/// One decision: the caller, the action, the outcome, and why.
///
/// Holds no token, no secret and no session token, so that it can be shown and copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it was decided.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The account of the call; none where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The caller's ARN; for a web identity `<provider ARN>:<audience>:<subject>`, as CloudTrail
    /// has it; `anonymous` where none was authenticated.
    pub principal: String,
    /// The IAM action: `sts:AssumeRole`.
    pub action: String,
    /// The ARN that it was to act on, or `*`.
    pub resource: String,
    /// The region of the call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// The address that the call came from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The outcome.
    pub outcome: Outcome,
    /// Why, in words for a person: the statement that allowed, the condition that did not hold.
    /// Not sent to the caller.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The access key that signed the call; none where the signature was not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// The caller's unique id, as `GetCallerIdentity` gives it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub principal_id: String,
    /// The operation, with its service: `s3:ListBuckets`. Empty where it is named as the action.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// The parameters of the call, without secrets; nothing where that is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<serde_json::Value>,
    /// The client's `User-Agent`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_agent: String,
    /// The request id of the answer.
    pub request_id: String,
    /// What it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// The outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Answered.
    Allowed,
    /// Not answered, with AWS's code and message.
    Refused {
        /// AWS's code: `AccessDenied`.
        code: String,
        /// AWS's message, as the caller got it.
        message: String,
    },
}

impl Event {
    /// Whether it changed the state.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.change.is_some()
    }

    /// The event of a change that no call made, at that time.
    #[must_use]
    pub fn without_call(
        at: OffsetDateTime,
        account: AccountId,
        action: &str,
        resource: String,
        reason: &str,
        change: Change,
    ) -> Self {
        Self {
            at,
            account: Some(account),
            principal: "attache".to_owned(),
            action: action.to_owned(),
            resource,
            region: String::new(),
            source: String::new(),
            outcome: Outcome::Allowed,
            reason: reason.to_owned(),
            access_key: None,
            principal_id: String::new(),
            operation: String::new(),
            parameters: None,
            user_agent: String::new(),
            request_id: uuid::Uuid::new_v4().to_string(),
            change: Some(change),
        }
    }

    pub(crate) fn of_admin_change(
        at: OffsetDateTime,
        first: AccountId,
        change: AdminChange,
    ) -> Self {
        let action = match &change {
            AdminChange::Reset => "attache:Reset",
            AdminChange::Saved { .. } => "attache:SaveState",
            AdminChange::Restored { .. } => "attache:RestoreState",
            AdminChange::SnapshotDeleted { .. } => "attache:ForgetState",
        };
        let resource = Arn::account_root(PARTITION, first).to_string();
        let reason = "requested under /_attache/";
        Self::without_call(at, first, action, resource, reason, Change::Whole(change))
    }
}
