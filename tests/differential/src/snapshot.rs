//! The snapshot that `reach` is given: what the accounts hold, in AWS's own shape.

use serde_json::{Value, json};

use crate::documents::{full_access, full_resource_access};
use crate::site::{Documents, HOME, MANAGEMENT, OTHER, Site};

/// Both accounts and their organization, with these documents.
pub(crate) fn of(site: &Site, documents: &Documents) -> Value {
    let Documents { trusts, service_control, resource_control, .. } = documents;
    json!({
        "accounts": [
            account(HOME, &home_roles(site, documents), &[ann(site, documents)], &limits(site)),
            account(OTHER, &[role(OTHER, "T", "AROAO", &trusts[1])], &[], &[]),
        ],
        "organization": {
            "id": site.organization,
            "management_account": MANAGEMENT,
            "policies": [
                policy("p-full", &full_access()), policy("p-scp", service_control),
                policy("p-rcp-full", &full_resource_access()), policy("p-rcp", resource_control),
            ],
            "accounts": {
                HOME: {"service_control": [["p-full"], ["p-scp"]],
                       "resource_control": [["p-rcp-full", "p-rcp"]]},
                OTHER: {"service_control": [["p-full"]],
                        "resource_control": [["p-rcp-full", "p-rcp"]]},
            },
        },
    })
}

fn account(id: &str, roles: &[Value], users: &[Value], policies: &[Value]) -> Value {
    json!({
        "id": id, "oidc_providers": [], "pod_identity_associations": [],
        "authorization_details": {
            "RoleDetailList": roles, "UserDetailList": users, "GroupDetailList": [],
            "Policies": policies,
        },
    })
}

fn home_roles(site: &Site, documents: &Documents) -> [Value; 2] {
    let nobody = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny",
        "Action": "sts:AssumeRole", "Principal": {"AWS": HOME}}]});
    let mut caller = role(HOME, "Caller", &site.sessions.2, &nobody);
    caller["RolePolicyList"] = inline(&documents.caller);
    caller["PermissionsBoundary"] = boundary(documents.boundaries[1]);
    [caller, role(HOME, "T", "AROAT", &documents.trusts[0])]
}

fn role(account: &str, name: &str, id: &str, trust: &Value) -> Value {
    json!({"Arn": format!("arn:aws:iam::{account}:role/{name}"), "RoleName": name, "RoleId": id,
        "Path": "/", "AssumeRolePolicyDocument": trust, "RolePolicyList": [],
        "AttachedManagedPolicies": [], "Tags": []})
}

fn ann(site: &Site, documents: &Documents) -> Value {
    json!({"Arn": format!("arn:aws:iam::{HOME}:user/ann"), "UserName": "ann",
        "UserId": site.ann.1, "Path": "/", "GroupList": [], "AttachedManagedPolicies": [],
        "UserPolicyList": inline(&documents.ann),
        "PermissionsBoundary": boundary(documents.boundaries[0]),
        "Tags": [{"Key": "team", "Value": "a"}]})
}

fn inline(document: &Value) -> Value {
    json!([{"PolicyName": "own", "PolicyDocument": document}])
}

/// The managed policies of the callers' account: its boundaries.
fn limits(site: &Site) -> Vec<Value> {
    let limit = |(number, document): (usize, &Value)| {
        json!({"Arn": format!("arn:aws:iam::{HOME}:policy/limit-{number}"),
            "PolicyName": format!("limit-{number}"), "DefaultVersionId": "v1",
            "PolicyVersionList":
                [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document}]})
    };
    site.limits[0].iter().enumerate().map(limit).collect()
}

/// The boundary of that number; null where there is none.
fn boundary(limit: Option<usize>) -> Value {
    limit.map_or(Value::Null, |number| {
        json!({"PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": format!("arn:aws:iam::{HOME}:policy/limit-{number}")})
    })
}

fn policy(id: &str, content: &Value) -> Value {
    json!({"PolicySummary": {"Id": id, "Name": id}, "Content": content.to_string()})
}
