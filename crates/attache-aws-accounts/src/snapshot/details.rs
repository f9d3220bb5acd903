//! The SDK's answers in the letters of AWS's own JSON, as
//! `aws iam get-account-authorization-details` prints them.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, Tag, UserDetail,
};
use serde_json::{Value, json};

/// All pages as one answer.
pub(super) fn merged(pages: &[GetAccountAuthorizationDetailsOutput]) -> Value {
    let (mut roles, mut users, mut groups, mut policies) = (vec![], vec![], vec![], vec![]);
    for page in pages {
        roles.extend(page.role_detail_list().iter().map(role));
        users.extend(page.user_detail_list().iter().map(user));
        groups.extend(page.group_detail_list().iter().map(group));
        policies.extend(page.policies().iter().map(managed_policy));
    }
    json!({
        "RoleDetailList": roles,
        "UserDetailList": users,
        "GroupDetailList": groups,
        "Policies": policies,
    })
}

/// One provider, as a snapshot has it.
pub(super) fn oidc_provider(arn: &str, provider: &GetOpenIdConnectProviderOutput) -> Value {
    json!({
        "Arn": arn,
        "Url": provider.url(),
        "ClientIDList": provider.client_id_list(),
        "ThumbprintList": provider.thumbprint_list(),
    })
}

fn role(role: &RoleDetail) -> Value {
    json!({
        "Arn": role.arn(),
        "RoleName": role.role_name(),
        "RoleId": role.role_id(),
        "AssumeRolePolicyDocument": role.assume_role_policy_document(),
        "RolePolicyList": inline_policies(role.role_policy_list()),
        "AttachedManagedPolicies": attached_policies(role.attached_managed_policies()),
        "PermissionsBoundary": boundary(role.permissions_boundary()),
        "Tags": tags(role.tags()),
    })
}

fn user(user: &UserDetail) -> Value {
    json!({
        "Arn": user.arn(),
        "UserName": user.user_name(),
        "UserId": user.user_id(),
        "UserPolicyList": inline_policies(user.user_policy_list()),
        "AttachedManagedPolicies": attached_policies(user.attached_managed_policies()),
        "PermissionsBoundary": boundary(user.permissions_boundary()),
        "GroupList": user.group_list(),
        "Tags": tags(user.tags()),
    })
}

fn group(group: &GroupDetail) -> Value {
    json!({
        "Arn": group.arn(),
        "GroupName": group.group_name(),
        "GroupPolicyList": inline_policies(group.group_policy_list()),
        "AttachedManagedPolicies": attached_policies(group.attached_managed_policies()),
    })
}

fn managed_policy(policy: &ManagedPolicyDetail) -> Value {
    let versions = policy.policy_version_list().iter().map(|version| {
        json!({
            "Document": version.document(),
            "VersionId": version.version_id(),
            "IsDefaultVersion": version.is_default_version(),
        })
    });
    json!({
        "Arn": policy.arn(),
        "PolicyName": policy.policy_name(),
        "PolicyVersionList": versions.collect::<Vec<_>>(),
    })
}

fn inline_policies(list: &[PolicyDetail]) -> Vec<Value> {
    let shown = |policy: &PolicyDetail| json!({"PolicyName": policy.policy_name(), "PolicyDocument": policy.policy_document()});
    list.iter().map(shown).collect()
}

fn attached_policies(list: &[AttachedPolicy]) -> Vec<Value> {
    let shown = |policy: &AttachedPolicy| json!({"PolicyName": policy.policy_name(), "PolicyArn": policy.policy_arn()});
    list.iter().map(shown).collect()
}

fn boundary(boundary: Option<&AttachedPermissionsBoundary>) -> Option<Value> {
    let arn = boundary?.permissions_boundary_arn()?;
    Some(json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}))
}

fn tags(list: &[Tag]) -> Vec<Value> {
    list.iter().map(|tag| json!({"Key": tag.key(), "Value": tag.value()})).collect()
}
