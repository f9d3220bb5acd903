//! Issuing a session, once it was decided that it may be issued.

use attache_aws_protocol::timestamp::seconds;
use attache_identifiers::{RoleArn, Secret};
use attache_ledger::state::Role;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::token_size;
use super::{Call, Refusal};
use crate::access::{Session, SessionToken};
use crate::ids::session_key;
use crate::refusal::{failure, validation};

/// AWS's: the seconds of a session when its caller does not say.
const DEFAULT_DURATION: i64 = 3600;

/// AWS's: the most seconds of a session that another session begins.
const LONGEST_CHAINED: i64 = 3600;

/// A session that may be issued.
pub(super) struct Grant<'s> {
    pub(super) role: &'s Role,
    pub(super) arn: RoleArn,
    pub(super) session_name: &'s str,
    pub(super) policies: SessionPolicies,
    pub(super) tags: SessionTags,
    pub(super) source_identity: Option<String>,
    pub(super) provider: Option<String>,
    /// What is known of the token that begins it.
    pub(super) token: Option<SessionToken>,
    pub(super) seconds: i64,
}

/// How long the session is to be.
///
/// # Errors
/// When that is longer than the role, or a chain of roles, may have.
pub(super) fn duration(requested: Option<i64>, role: &Role, chained: bool) -> Result<i64, Refusal> {
    let seconds = requested.unwrap_or(DEFAULT_DURATION);
    if chained && seconds > LONGEST_CHAINED {
        let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                       assumed by role chaining";
        return Err(validation(message).into());
    }
    if seconds > role.max_session {
        let message =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        let reason = format!("{} allows {} seconds", role.arn, role.max_session);
        return Err(Refusal::new(validation(message), reason));
    }
    Ok(seconds)
}

/// A session in the shape of STS's answers: the members of the answer to each way to assume a role.
///
/// Typed, as no other answer is, for speed: this is the most frequent one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IssuedSession {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    source_identity: Option<String>,
    session_token_size: usize,
    pub(super) subject_from_web_identity_token: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) provider: Option<String>,
    /// The percentage of the space for policies and tags that is taken, if any is.
    packed_policy_size: Option<usize>,
    /// AWS's later measure, which is always there: the percentage of the largest token.
    session_token_utilization: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    access_key_id: String,
    #[serde(serialize_with = "exposed")]
    secret_access_key: Secret,
    #[serde(serialize_with = "exposed")]
    session_token: Secret,
    #[serde(with = "seconds")]
    expiration: OffsetDateTime,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

impl Grant<'_> {
    /// Makes the session and its answer, with the percentage of its space that is taken; its token has at
    /// least so many characters.
    pub(super) fn issue(
        self,
        call: &Call<'_>,
        packed: Option<usize>,
        minimum: Option<i64>,
    ) -> Result<IssuedSession, Refusal> {
        let session = self.session(call);
        let token = session.seal_at_least(call.key, token_size::minimum(minimum));
        let token = token.map_err(|_| Refusal::from(failure()))?;
        let utilization = token_size::utilization(&token, packed);
        Ok(IssuedSession {
            assumed_role_user: AssumedRoleUser {
                assumed_role_id: session.user_id(),
                arn: session.arn(),
            },
            session_token_size: token.expose().len(),
            credentials: Credentials {
                secret_access_key: session.secret(call.key),
                session_token: token,
                access_key_id: session.access_key,
                expiration: session.expires,
            },
            source_identity: session.source_identity,
            subject_from_web_identity_token: None,
            audience: None,
            provider: None,
            packed_policy_size: packed,
            session_token_utilization: utilization,
        })
    }

    /// Makes the session.
    pub(super) fn session(self, call: &Call<'_>) -> Session {
        let began = call.context.now;
        let expires = call.ends_after(self.seconds);
        let account = self.arn.account();
        let (access_key, salt) = session_key(account);
        Session {
            access_key,
            salt,
            role: self.arn,
            role_id: self.role.id.clone(),
            name: self.session_name.to_owned(),
            began,
            expires,
            policy: self.policies.inline,
            policy_arns: self.policies.arns,
            tags: self.tags.all(),
            transitive: self.tags.all_transitive(),
            source_identity: self.source_identity,
            provider: self.provider,
            token: self.token,
            scope_down: Vec::new(),
            region_scoped: call.is_region_scoped(account),
        }
    }
}
