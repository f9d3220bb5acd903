//! Beginning a session, once it was decided that it may begin.

use names::RoleArn;
use serde_json::{Value, json};
use time::Duration;
use wire::timestamp::seconds;

use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::{Call, Refusal};
use crate::access::Session;
use crate::ids::{KeyKind, access_key};
use crate::keys::random;
use crate::refusal::{failure, validation};
use crate::state::Role;

/// AWS's: the seconds of a session when its caller does not say.
const DEFAULT_DURATION: i64 = 3600;

/// AWS's: the most seconds of a session that another session begins.
const LONGEST_CHAINED: i64 = 3600;

/// A session that may begin.
pub(super) struct Grant<'s> {
    pub(super) role: &'s Role,
    pub(super) arn: RoleArn,
    pub(super) policies: SessionPolicies,
    pub(super) tags: SessionTags,
    pub(super) source_identity: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) seconds: i64,
}

/// How long the session is to be.
///
/// # Errors
/// When that is longer than the role, or a chain of roles, may have.
pub(super) fn duration(call: &Call<'_>, role: &Role, chained: bool) -> Result<i64, Refusal> {
    let wanted = call.input.whole("DurationSeconds").unwrap_or(DEFAULT_DURATION);
    if chained && wanted > LONGEST_CHAINED {
        let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                       assumed by role chaining";
        return Err(validation(message).into());
    }
    if wanted > role.max_session {
        let message =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        let reason = format!("{} allows {} seconds", role.arn, role.max_session);
        return Err(Refusal::new(validation(message), reason));
    }
    Ok(wanted)
}

impl Grant<'_> {
    /// Makes the session and tells it: `Credentials`, `AssumedRoleUser`, `SourceIdentity`,
    /// `SessionTokenSize`.
    pub(super) fn begin(self, call: &Call<'_>) -> Result<Value, Refusal> {
        let session = self.session(call)?;
        let token = session.seal(call.key).map_err(|_| Refusal::from(failure()))?;
        Ok(json!({
            "Credentials": {
                "AccessKeyId": session.access_key,
                "SecretAccessKey": session.secret(call.key).expose(),
                "SessionToken": token.expose(),
                "Expiration": seconds::format(session.expires),
            },
            "AssumedRoleUser": {"AssumedRoleId": session.user_id(), "Arn": session.arn()},
            "SourceIdentity": session.source_identity,
            "SessionTokenSize": token.expose().len(),
        }))
    }

    /// Makes the session.
    pub(super) fn session(self, call: &Call<'_>) -> Result<Session, Refusal> {
        let began = call.around.now;
        // To the second, as the answer tells it.
        let expires =
            began.replace_nanosecond(0).unwrap_or(began) + Duration::seconds(self.seconds);
        let account = self.arn.account();
        let ours = |_| Refusal::from(failure());
        Ok(Session {
            access_key: access_key(KeyKind::Session, self.arn.account()).map_err(ours)?,
            salt: hex::encode(random::<16>().map_err(ours)?),
            role: self.arn,
            role_id: self.role.id.clone(),
            name: call.input.text("RoleSessionName").to_owned(),
            began,
            expires,
            policy: self.policies.inline,
            policy_arns: self.policies.arns,
            tags: self.tags.all(),
            transitive: self.tags.all_transitive(),
            source_identity: self.source_identity,
            provider: self.provider,
            narrow: call.is_narrow(account),
        })
    }
}
