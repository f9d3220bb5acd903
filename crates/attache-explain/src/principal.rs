//! A principal as a person writes it.

use attache_identifiers::{Arn, RoleArn};
use attache_policy::Principal;

use crate::ExplainError;

/// Any session of a role, or any user: no policy can name it, because a principal has no wildcards.
const ANY_NAME: &str = "*";

/// Reads an ARN, an account, a service or `anonymous`. What the ARN does not have gets a name that no
/// policy can match: a role's ARN has no session, a federated user's not the user that began it.
pub(crate) fn read(text: &str) -> Result<Principal, ExplainError> {
    let saml = Arn::parse(text)
        .ok()
        .filter(|arn| arn.service() == "iam" && arn.resource().starts_with("saml-provider/"));
    if saml.is_some_and(|arn| arn.account().is_some()) {
        return Ok(Principal::WebIdentity { provider_arn: text.to_owned() });
    }
    let mut principal = Principal::parse(text).map_err(ExplainError::Principal)?;
    match &mut principal {
        Principal::RoleSession { session_arn, .. } if session_arn != text => {
            replace_name(session_arn);
        }
        Principal::Federated { user_arn, .. } => replace_name(user_arn),
        _ => {}
    }
    Ok(principal)
}

/// Puts any name in place of the last part.
fn replace_name(arn: &mut String) {
    if let Some((head, _)) = arn.rsplit_once('/') {
        *arn = format!("{head}/{ANY_NAME}");
    }
}

/// Gives a session the ARN of its role, path and all.
pub(crate) fn set_role(principal: &mut Principal, role: &RoleArn) -> Result<(), ExplainError> {
    let Principal::RoleSession { role_arn, session_arn } = principal else {
        return Err(ExplainError::NotASession);
    };
    let given = role.to_string();
    let parts = |arn: &str, at: usize| arn.split(':').nth(at).map(str::to_owned);
    let of_session = session_arn.split('/').nth(1);
    let same = parts(&given, 1) == parts(session_arn, 1)
        && parts(&given, 4) == parts(session_arn, 4)
        && of_session == Some(role.name().as_str());
    if !same {
        return Err(ExplainError::AnotherRole { session: session_arn.clone(), role: given });
    }
    *role_arn = given;
    Ok(())
}
