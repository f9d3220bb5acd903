//! `GetSessionToken` and `GetFederationToken`: a user's permissions for a while, for itself or for
//! a federated user.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::timestamp::seconds;
use serde_json::{Value, json};
use time::Duration;

use super::Call;
use super::inputs::{GetFederationToken, GetSessionToken};
use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
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
    let credentials = credentials(call, &session)?;
    Ok(json!({"SessionTokenSize": size(&credentials), "Credentials": credentials}))
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
    let credentials = credentials(call, &session)?;
    Ok(json!({
        "SessionTokenSize": size(&credentials),
        "SessionTokenUtilization": packed.unwrap_or_default(),
        "Credentials": credentials,
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
    let lasts = Duration::seconds(seconds.unwrap_or(DEFAULT_DURATION));
    let (access_key, salt) = session_key(caller.account);
    UserSession {
        access_key,
        salt,
        account: caller.account,
        user_id: user_id.to_owned(),
        began,
        // To the second, as the answer has it.
        expires: began.replace_nanosecond(0).unwrap_or(began) + lasts,
        federated,
        region_scoped: call.is_region_scoped(caller.account),
    }
}

fn credentials(call: &Call<'_>, session: &UserSession) -> Result<Value, ServiceError> {
    let token = session.seal(call.key).map_err(|_| failure())?;
    Ok(json!({
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret(call.key).expose(),
        "SessionToken": token.expose(),
        "Expiration": seconds::format(session.expires),
    }))
}

/// The bytes of the credentials' session token.
fn size(credentials: &Value) -> usize {
    credentials.get("SessionToken").and_then(Value::as_str).map_or(0, str::len)
}
