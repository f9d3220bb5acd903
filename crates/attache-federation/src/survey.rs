//! An account as `attache reach` reads it: every role and user with their policies, and every OIDC
//! provider, in the shape of AWS's own answers.

use attache_aws_accounts::Connections;
use attache_identifiers::AccountId;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, Tag, UserDetail,
};
use serde_json::{Value, json};

use crate::FederationError;
use crate::clients::Clients;
use crate::pages::{self, Page};

/// Reads an account whole, as one of a snapshot's `accounts`. Needs
/// `iam:GetAccountAuthorizationDetails`, `iam:ListOpenIDConnectProviders` and
/// `iam:GetOpenIDConnectProvider`.
///
/// # Errors
/// When there are no credentials for the account, they are another's, or AWS refuses.
pub async fn survey(
    connections: &Connections,
    account: AccountId,
) -> Result<Value, FederationError> {
    let clients = Clients::open(connections, account, None).await?;
    Ok(json!({
        "id": account,
        "authorization_details": details(&clients).await?,
        "oidc_providers": providers(&clients).await?,
    }))
}

async fn details(clients: &Clients) -> Result<Value, FederationError> {
    let attempt = "read the account's authorization details";
    let ask = |marker| async {
        let page = clients.iam.get_account_authorization_details().set_marker(marker).send().await;
        let page = page.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
        let marker = page.marker.clone();
        Ok(Page { items: vec![page], marker })
    };
    let (mut roles, mut users, mut groups, mut policies) = (vec![], vec![], vec![], vec![]);
    for page in pages::all(attempt, clients.account, ask).await? {
        roles.extend(page.role_detail_list().iter().map(role));
        users.extend(page.user_detail_list().iter().map(user));
        groups.extend(page.group_detail_list().iter().map(group));
        policies.extend(page.policies().iter().map(managed));
    }
    Ok(json!({
        "RoleDetailList": roles,
        "UserDetailList": users,
        "GroupDetailList": groups,
        "Policies": policies,
    }))
}

fn role(own: &RoleDetail) -> Value {
    json!({
        "Arn": own.arn(),
        "RoleName": own.role_name(),
        "RoleId": own.role_id(),
        "AssumeRolePolicyDocument": own.assume_role_policy_document(),
        "RolePolicyList": inline(own.role_policy_list()),
        "AttachedManagedPolicies": attached(own.attached_managed_policies()),
        "PermissionsBoundary": boundary(own.permissions_boundary()),
        "Tags": tags(own.tags()),
    })
}

fn user(own: &UserDetail) -> Value {
    json!({
        "Arn": own.arn(),
        "UserName": own.user_name(),
        "UserId": own.user_id(),
        "UserPolicyList": inline(own.user_policy_list()),
        "AttachedManagedPolicies": attached(own.attached_managed_policies()),
        "PermissionsBoundary": boundary(own.permissions_boundary()),
        "GroupList": own.group_list(),
        "Tags": tags(own.tags()),
    })
}

fn group(own: &GroupDetail) -> Value {
    json!({
        "Arn": own.arn(),
        "GroupName": own.group_name(),
        "GroupPolicyList": inline(own.group_policy_list()),
        "AttachedManagedPolicies": attached(own.attached_managed_policies()),
    })
}

fn managed(own: &ManagedPolicyDetail) -> Value {
    let versions = own.policy_version_list().iter().map(|version| {
        json!({
            "Document": version.document(),
            "VersionId": version.version_id(),
            "IsDefaultVersion": version.is_default_version(),
        })
    });
    json!({
        "Arn": own.arn(),
        "PolicyName": own.policy_name(),
        "PolicyVersionList": versions.collect::<Vec<_>>(),
    })
}

fn inline(list: &[PolicyDetail]) -> Vec<Value> {
    let shown = |own: &PolicyDetail| json!({"PolicyName": own.policy_name(), "PolicyDocument": own.policy_document()});
    list.iter().map(shown).collect()
}

fn attached(list: &[AttachedPolicy]) -> Vec<Value> {
    let shown = |own: &AttachedPolicy| json!({"PolicyName": own.policy_name(), "PolicyArn": own.policy_arn()});
    list.iter().map(shown).collect()
}

fn boundary(own: Option<&AttachedPermissionsBoundary>) -> Option<Value> {
    let arn = own?.permissions_boundary_arn()?;
    Some(json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}))
}

fn tags(list: &[Tag]) -> Vec<Value> {
    list.iter().map(|tag| json!({"Key": tag.key(), "Value": tag.value()})).collect()
}

async fn providers(clients: &Clients) -> Result<Vec<Value>, FederationError> {
    let listed = clients.iam.list_open_id_connect_providers().send().await;
    let listed =
        listed.map_err(|e| FederationError::of("list the OIDC providers", clients.account, &e))?;
    let mut providers = Vec::new();
    for arn in listed.open_id_connect_provider_list().iter().filter_map(|own| own.arn()) {
        let call = clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn);
        let own = call
            .send()
            .await
            .map_err(|e| FederationError::of(&format!("read {arn}"), clients.account, &e))?;
        providers.push(json!({
            "Arn": arn,
            "Url": own.url(),
            "ClientIDList": own.client_id_list(),
            "ThumbprintList": own.thumbprint_list(),
        }));
    }
    Ok(providers)
}
