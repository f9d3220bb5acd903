//! `GetScopedCredentials`: a session narrows itself, for whoever it hands the result to.
//!
//! The new credentials have the session's identity, name, tags and source identity; a policy more that must
//! allow, or fewer seconds, or both.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Secret;
use attache_ledger::{LedgerError, MasterKey};
use attache_policy::{Kind, Policy};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::inputs::GetScopedCredentials;
use super::user_session::credentials;
use super::{Call, token_size};
use crate::access::{Caller, Session, UserSession};
use crate::ids::session_key;
use crate::refusal::{failure, malformed_policy, validation};

/// AWS's: the policies that can narrow a session, one after the other.
const MOST_POLICIES: usize = 3;

/// Narrows the caller's session.
///
/// After the parameters by themselves, in this order: the endpoint; the parameters together; whether the
/// caller has a session; the policies that it has already; the document; the duration.
pub(super) fn scoped_credentials(
    call: &Call<'_>,
    caller: &Caller,
    input: &GetScopedCredentials<'_>,
) -> Result<Value, ServiceError> {
    if call.context.global_endpoint {
        // AWS: "not available on the STS Global endpoint".
        return Err(super::unknown_action("GetScopedCredentials"));
    }
    if input.policy.is_none() && input.duration_seconds.is_none() {
        let message = "At least one of Policy and DurationSeconds must be specified.";
        return Err(validation(message));
    }
    let mut session = Held::by(caller)?;
    let Parts { access_key, salt, scope_down, expires } = session.parts();
    if let Some(text) = input.policy {
        add(scope_down, text)?;
    }
    *expires = narrowed(call, *expires, input.duration_seconds)?;
    (*access_key, *salt) = session_key(caller.account);
    let (access_key, expires, count) = (access_key.clone(), *expires, scope_down.len());
    let minimum = token_size::minimum(input.minimum_session_token_size);
    let (secret, token) = session.seal(call.key, minimum).map_err(|_| failure())?;
    let source_identity = caller.session().and_then(|session| session.source_identity.as_ref());
    Ok(json!({
        "Credentials": credentials(&access_key, &secret, &token, expires),
        "SessionInfo": {"ScopedSessionId": caller.user_id, "Arn": caller.arn},
        "SessionTokenUtilization": token_size::utilization(&token, None),
        "SessionTokenSize": token_size::size(&token),
        "ScopedPoliciesCount": count,
        "SourceIdentity": source_identity,
    }))
}

/// The session that a caller has, of a role or of a user.
enum Held {
    Role(Box<Session>),
    User(Box<UserSession>),
}

/// What is another in the session that is narrowed.
struct Parts<'h> {
    access_key: &'h mut String,
    salt: &'h mut String,
    scope_down: &'h mut Vec<String>,
    expires: &'h mut OffsetDateTime,
}

impl Held {
    fn by(caller: &Caller) -> Result<Self, ServiceError> {
        let role = caller.session().map(|session| Self::Role(Box::new(session.clone())));
        let user = || caller.user_session().map(|session| Self::User(Box::new(session.clone())));
        role.or_else(user).ok_or_else(|| {
            let message = "GetScopedCredentials can be called only with temporary credentials.";
            ServiceError::new(400, "InvalidSubjectCredentials", message)
        })
    }

    fn parts(&mut self) -> Parts<'_> {
        match self {
            Self::Role(session) => {
                let Session { access_key, salt, scope_down, expires, .. } = &mut **session;
                Parts { access_key, salt, scope_down, expires }
            }
            Self::User(session) => {
                let UserSession { access_key, salt, scope_down, expires, .. } = &mut **session;
                Parts { access_key, salt, scope_down, expires }
            }
        }
    }

    /// Its secret key and its token.
    fn seal(&self, key: &MasterKey, minimum: usize) -> Result<(Secret, Secret), LedgerError> {
        Ok(match self {
            Self::Role(session) => (session.secret(key), session.seal_at_least(key, minimum)?),
            Self::User(session) => (session.secret(key), session.seal_at_least(key, minimum)?),
        })
    }
}

/// Adds a policy to those that narrow a session.
fn add(scope_down: &mut Vec<String>, text: &str) -> Result<(), ServiceError> {
    if scope_down.len() >= MOST_POLICIES {
        let message = format!("A session can have at most {MOST_POLICIES} scope-down policies.");
        return Err(ServiceError::new(403, "AccessDenied", message));
    }
    Policy::parse(text, Kind::Session)
        .map_err(|invalid| malformed_policy(invalid.aws_message()))?;
    scope_down.push(text.to_owned());
    Ok(())
}

/// When the new session ends: with the calling one, or sooner.
fn narrowed(
    call: &Call<'_>,
    expires: OffsetDateTime,
    requested: Option<i64>,
) -> Result<OffsetDateTime, ServiceError> {
    let Some(seconds) = requested else { return Ok(expires) };
    let ends = call.ends_after(seconds);
    if ends <= expires {
        return Ok(ends);
    }
    let message =
        "The requested DurationSeconds exceeds the remaining lifetime of the calling session.";
    Err(ServiceError::new(400, "InsufficientSessionLifetime", message))
}
