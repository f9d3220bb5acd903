//! A principal as a person writes it.

use miette::miette;
use names::{AccountId, Arn};
use policy::{Context, Principal};

/// Reads an ARN, an account, a service or `anonymous`.
pub(super) fn read(text: &str) -> miette::Result<Principal> {
    if text == "anonymous" {
        return Ok(Principal::Anonymous);
    }
    if let Ok(account) = AccountId::parse(text) {
        return Ok(Principal::Root { account });
    }
    if !text.starts_with("arn:") && text.ends_with(".amazonaws.com") {
        return Ok(Principal::Service { name: text.to_owned() });
    }
    let none = || {
        let help = "give the ARN of a user, role, session or OIDC provider, a 12-digit account, \
                    a service such as pods.eks.amazonaws.com, or anonymous";
        miette!(help = help, "{text:?} is no principal")
    };
    let arn = Arn::parse(text).map_err(|_| none())?;
    let account = arn.account().ok_or_else(none)?;
    let (kind, name) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let partition = arn.partition().as_str();
    let own = || text.to_owned();
    Ok(match (arn.service(), kind, name) {
        ("iam", "root", "") => Principal::Root { account },
        (_, _, "") => return Err(none()),
        ("iam", "user", _) => Principal::User { arn: own() },
        ("iam", "role", path) => {
            let name = path.rsplit('/').next().unwrap_or(path);
            let session_arn = format!("arn:{partition}:sts::{account}:assumed-role/{name}/session");
            Principal::RoleSession { role_arn: own(), session_arn }
        }
        ("iam", "oidc-provider", _) => Principal::WebIdentity { provider_arn: own() },
        ("sts", "assumed-role", path) => {
            let role = path.split_once('/').ok_or_else(none)?.0;
            let role_arn = format!("arn:{partition}:iam::{account}:role/{role}");
            Principal::RoleSession { role_arn, session_arn: own() }
        }
        ("sts", "federated-user", name) => {
            let user_arn = format!("arn:{partition}:iam::{account}:user/{name}");
            Principal::Federated { arn: own(), user_arn }
        }
        _ => return Err(none()),
    })
}

/// The keys that AWS sets for whoever asks.
pub(super) fn add_keys(principal: &Principal, context: &mut Context) {
    if let Some(account) = principal.account() {
        context.set("aws:PrincipalAccount", account.to_string());
    }
    let mut set = |arn: &str, kind: &str| {
        context.set("aws:PrincipalArn", arn);
        context.set("aws:PrincipalType", kind);
    };
    match principal {
        Principal::Root { account } => set(&format!("arn:aws:iam::{account}:root"), "Account"),
        Principal::User { arn } => set(arn, "User"),
        Principal::RoleSession { role_arn, .. } => set(role_arn, "AssumedRole"),
        Principal::Federated { arn, .. } => set(arn, "FederatedUser"),
        Principal::Service { name } => {
            context.set("aws:PrincipalIsAWSService", "true");
            context.set("aws:PrincipalServiceName", name);
        }
        Principal::Anonymous => context.set("aws:PrincipalType", "Anonymous"),
        Principal::WebIdentity { .. } | Principal::CanonicalUser { .. } => {}
    }
    if let Principal::User { arn } = principal
        && let Some((_, name)) = arn.rsplit_once('/')
    {
        context.set("aws:username", name);
    }
}
