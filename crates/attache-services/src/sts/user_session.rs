//! `GetSessionToken` and `GetFederationToken`: a user's permissions for a while, for itself or for
//! a federated user.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::timestamp::seconds;
use attache_identifiers::Secret;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Call;
use super::inputs::{GetFederationToken, GetSessionToken};
use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::token_size;
use crate::access::{Caller, FederatedUser, Identity, UserSession};
use crate::ids::session_key;
use crate::refusal::failure;

/// AWS's: the seconds of such a session when its caller does not say.
const DEFAULT_DURATION: i64 = 43_200;

/// Begins a session of the user who calls. It needs no permission.
pub(super) fn session_token(
    call: &Call<'_>,
    caller: &Caller,
    input: &GetSessionToken<'_>,
) -> Result<Value, ServiceError> {
    let user = own_key_only(caller, "GetSessionToken")?;
    if input.token_code.is_some() || input.serial_number.is_some() {
        // There are no MFA devices: no code can be right.
        let message = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
        return Err(ServiceError::new(403, "AccessDenied", message));
    }
    let session = session(call, caller, user, input.duration_seconds, None);
    let minimum = token_size::minimum(input.minimum_session_token_size);
    let token = session.seal_at_least(call.key, minimum).map_err(|_| failure())?;
    Ok(json!({
        "SessionTokenSize": token_size::size(&token),
        "SessionTokenUtilization": token_size::utilization(&token, None),
        "Credentials": shown(call, &session, &token),
    }))
}

/// Begins a session of a federated user, with permissions of the user who calls.
pub(super) fn federation_token(
    call: &Call<'_>,
    caller: &Caller,
    input: GetFederationToken<'_>,
) -> Result<Value, ServiceError> {
    let user = own_key_only(caller, "GetFederationToken")?;
    let account = call.state.account(caller.account).ok_or_else(failure)?;
    let tags = SessionTags::read(input.tags, Vec::new(), None)?;
    let policies = SessionPolicies::read(input.policy, &input.policy_arns, call.state, account)?;
    let packed = policies.packed(&tags)?;
    let federated = FederatedUser {
        name: input.name.to_owned(),
        policy: policies.inline,
        policy_arns: policies.arns,
        tags: tags.requested,
    };
    let (arn, name) = (federated.arn(account.id).to_string(), federated.name.clone());
    let session = session(call, caller, user, input.duration_seconds, Some(federated));
    let minimum = token_size::minimum(input.minimum_session_token_size);
    let token = session.seal_at_least(call.key, minimum).map_err(|_| failure())?;
    Ok(json!({
        "SessionTokenSize": token_size::size(&token),
        "SessionTokenUtilization": token_size::utilization(&token, packed),
        "Credentials": shown(call, &session, &token),
        "FederatedUser": {"FederatedUserId": format!("{}:{name}", account.id), "Arn": arn},
        "PackedPolicySize": packed,
    }))
}

/// The unique id of the user who signed with a key of its own.
fn own_key_only<'c>(caller: &'c Caller, operation: &str) -> Result<&'c str, ServiceError> {
    match &caller.identity {
        Identity::User { session: None, .. } => Ok(&caller.user_id),
        _ => {
            let message = format!("Cannot call {operation} with session credentials");
            Err(ServiceError::new(403, "AccessDenied", message))
        }
    }
}

fn session(
    call: &Call<'_>,
    caller: &Caller,
    user_id: &str,
    seconds: Option<i64>,
    federated: Option<FederatedUser>,
) -> UserSession {
    let began = call.context.now;
    let (access_key, salt) = session_key(caller.account);
    UserSession {
        access_key,
        salt,
        account: caller.account,
        user_id: user_id.to_owned(),
        began,
        expires: call.ends_after(seconds.unwrap_or(DEFAULT_DURATION)),
        federated,
        scope_down: Vec::new(),
        region_scoped: call.is_region_scoped(caller.account),
    }
}

fn shown(call: &Call<'_>, session: &UserSession, token: &Secret) -> Value {
    credentials(&session.access_key, &session.secret(call.key), token, session.expires)
}

/// The member `Credentials` of an answer.
pub(super) fn credentials(
    access_key: &str,
    secret: &Secret,
    token: &Secret,
    expires: OffsetDateTime,
) -> Value {
    json!({
        "AccessKeyId": access_key,
        "SecretAccessKey": secret.expose(),
        "SessionToken": token.expose(),
        "Expiration": seconds::format(expires),
    })
}
