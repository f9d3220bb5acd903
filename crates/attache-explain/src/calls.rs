//! The actions that a call needs: some calls need several, and some are impossible.

use attache_identifiers::AccountId;
use attache_policy::condition_keys::{
    AssumeRoleKeys, POD_IDENTITY_SERVICE, POD_IDENTITY_TAGS, add_tag_keys,
};
use attache_policy::{Context, Principal, Request};

use crate::required::Missing;

const TAG: &str = "sts:TagSession";
const SET_SOURCE_IDENTITY: &str = "sts:SetSourceIdentity";

/// The calls of STS that are made with credentials and that no policy of a resource can allow.
const CALLED_WITH_CREDENTIALS: [&str; 4] =
    ["sts:assumerole", "sts:getcalleridentity", "sts:getfederationtoken", "sts:getsessiontoken"];

/// The service that gives sessions for certificates: it tags every one and sets its source identity.
///
/// Source: <https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html>.
const ROLES_ANYWHERE: &str = "rolesanywhere.amazonaws.com";

/// Adds the keys of the session tags that EKS passes.
pub(crate) fn add_pod_tags(principal: &Principal, context: &mut Context) {
    if is_pods(principal) {
        add_tag_keys(context, POD_IDENTITY_TAGS);
        let session_call =
            AssumeRoleKeys { transitive_tag_keys: &POD_IDENTITY_TAGS, ..Default::default() };
        session_call.add_to(context);
    }
}

fn is_pods(principal: &Principal) -> bool {
    matches!(principal, Principal::Service { name } if name == POD_IDENTITY_SERVICE)
}

/// Whether a call is for a role's session.
pub(crate) fn assumes_role(action: &str) -> bool {
    ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(action))
}

/// All the actions that a call needs: with session tags `sts:TagSession` has to be allowed as well,
/// with a source identity, or one that is handed down, `sts:SetSourceIdentity`.
///
/// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>.
pub(crate) fn actions(request: &Request) -> Vec<String> {
    let Request { action, context, principal, .. } = request;
    let mut actions = vec![action.clone()];
    if !assumes_role(action) && !action.eq_ignore_ascii_case("sts:GetFederationToken") {
        return actions;
    }
    let is_of_tags = |key: &str| {
        key.starts_with("aws:requesttag/") || key == "aws:tagkeys" || key == "sts:transitivetagkeys"
    };
    let is_of_source = |key: &str| key == "sts:sourceidentity" || key == "aws:sourceidentity";
    let present = |key: &&str| context.get(key).is_some_and(|values| !values.is_empty());
    let always = matches!(principal, Principal::Service { name } if name == ROLES_ANYWHERE);
    if always || context.keys().filter(present).any(is_of_tags) {
        actions.push(TAG.to_owned());
    }
    if always || context.keys().filter(present).any(is_of_source) {
        actions.push(SET_SOURCE_IDENTITY.to_owned());
    }
    actions
}

/// Whether a call is allowed to whoever has credentials, whatever a policy says, a Deny included.
///
/// Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html>.
pub(crate) fn needs_no_permission(request: &Request) -> bool {
    let (own_key, session) = match request.principal {
        Principal::Root { .. } | Principal::User { .. } => (true, false),
        Principal::RoleSession { .. } | Principal::Federated { .. } => (false, true),
        _ => (false, false),
    };
    match request.action.to_ascii_lowercase().as_str() {
        "sts:getcalleridentity" => own_key || session,
        "sts:getsessiontoken" => own_key,
        _ => false,
    }
}

/// What a call is made with instead of credentials, where the principal does not bring it.
pub(crate) fn lacks(action: &str, principal: &Principal) -> Option<Missing> {
    let provider = match principal {
        Principal::WebIdentity { provider_arn } => Some(provider_arn.contains(":saml-provider/")),
        _ => None,
    };
    match action.to_ascii_lowercase().as_str() {
        "sts:assumerolewithwebidentity" if provider != Some(false) => Some(Missing::Token),
        "sts:assumerolewithsaml" if provider != Some(true) => Some(Missing::Assertion),
        _ => None,
    }
}

/// Why the principal cannot make the call, whatever any policy says.
///
/// Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>.
pub(crate) fn impossible(request: &Request, owner: Option<AccountId>) -> Option<String> {
    let action = request.action.to_ascii_lowercase();
    match &request.principal {
        Principal::RoleSession { .. } | Principal::Federated { .. }
            if action == "sts:getsessiontoken" || action == "sts:getfederationtoken" =>
        {
            Some("it is called with the credentials of a user, not of a session".to_owned())
        }
        Principal::Root { .. } if action == "sts:assumerole" => {
            Some("an account's root user cannot call sts:AssumeRole".to_owned())
        }
        Principal::Federated { .. } if action == "sts:assumerole" => {
            Some("a federated user's session cannot call sts:AssumeRole".to_owned())
        }
        Principal::Anonymous if CALLED_WITH_CREDENTIALS.contains(&action.as_str()) => {
            Some(format!("{} is called with credentials", request.action))
        }
        Principal::WebIdentity { provider_arn } => {
            let account = request.principal.account();
            let begins = ["sts:assumerolewith", "sts:tagsession", "sts:setsourceidentity"];
            if !begins.iter().any(|begin| action.starts_with(begin)) {
                return Some(format!(
                    "a principal that {provider_arn} authenticates can begin a session, and make no other call"
                ));
            }
            match (account, owner) {
                (Some(account), Some(owner)) if account != owner => Some(format!(
                    "AWS looks for the provider in the role's account {owner}; one in account {account} is \
                     not used"
                )),
                _ => None,
            }
        }
        _ => None,
    }
}
