//! The trust policies that let one service account assume a role: by its token, by EKS Pod Identity, and by the role
//! that Pod Identity gives it.

use attache_identifiers::{Arn, Issuer, ProviderArn, RoleArn};
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use serde_json::{Value, json};

use crate::document::Workload;

/// The subjects that one issuer's tokens may have, and what they may be for.
#[derive(Debug, Clone, Copy)]
pub struct Trusted<'t> {
    /// The issuer's provider in the role's account.
    pub provider: &'t ProviderArn,
    /// The issuer.
    pub issuer: &'t Issuer,
    /// `system:serviceaccount:…`; at least one.
    pub subjects: &'t [String],
    /// At least one.
    pub audiences: &'t [String],
}

/// The trust policy in the shape that AWS's console and documents use: a statement for each issuer, with the
/// token's subject and audience compared exactly; of several it may have any. One statement for all subjects of an
/// issuer: a trust policy has room for 2,048 characters.
///
/// Nothing else of a token can be relied on: the nested `kubernetes.io` claims reach no condition
/// key. Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>.
#[must_use]
pub fn trust_policy(trusted: &[Trusted<'_>]) -> Value {
    let statements: Vec<Value> = trusted.iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn statement(trusted: &Trusted<'_>) -> Value {
    let key = |claim: &str| format!("{}:{claim}", trusted.issuer.host_and_path());
    json!({
        "Effect": "Allow",
        "Principal": { "Federated": trusted.provider.to_string() },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                key("sub"): any_of(trusted.subjects),
                key("aud"): any_of(trusted.audiences),
            }
        }
    })
}

/// As the console writes it where there is one.
fn any_of(values: &[String]) -> Value {
    match values {
        [only] => json!(only),
        several => json!(several),
    }
}

/// What EKS and a role that is assumed in turn call for. The tags of the session go with each call.
const ACTIONS: [&str; 2] = ["sts:AssumeRole", "sts:TagSession"];

/// The trust policy of a role that EKS Pod Identity gives to one service account of one cluster: the service calls on
/// behalf of the cluster, and brings the service account as tags.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>.
pub(crate) fn pod_identity_trust(cluster: &ClusterName<'_>, workload: &Workload) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": POD_IDENTITY_SERVICE },
            "Action": ACTIONS,
            "Condition": {
                "StringEquals": {
                    "aws:RequestTag/kubernetes-namespace": workload.namespace,
                    "aws:RequestTag/kubernetes-service-account": workload.service_account,
                    "aws:SourceAccount": cluster.role.account().to_string(),
                },
                "ArnEquals": { "aws:SourceArn": cluster.arn }
            }
        }]
    })
}

/// The trust policy of a role that the sessions of that one assume in turn. The principal is its account, and the
/// role a condition: a role as the principal is replaced by its id, and a role that is made again has another.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html>.
pub(crate) fn chained_trust(cluster: &ClusterName<'_>, workload: &Workload) -> Value {
    let root = Arn::account_root(cluster.role.partition().clone(), cluster.role.account());
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": root.to_string() },
            "Action": ACTIONS,
            "Condition": {
                "StringEquals": {
                    "aws:RequestTag/eks-cluster-arn": cluster.arn,
                    "aws:RequestTag/kubernetes-namespace": workload.namespace,
                    "aws:RequestTag/kubernetes-service-account": workload.service_account,
                },
                "ArnEquals": { "aws:PrincipalArn": cluster.role.to_string() }
            }
        }]
    })
}

/// What the source role may do for the mode: assume the targets' roles.
pub(crate) fn assume_targets<'t>(targets: impl Iterator<Item = &'t RoleArn>) -> Value {
    let mut targets: Vec<String> = targets.map(ToString::to_string).collect();
    targets.sort();
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": ACTIONS, "Resource": targets }]
    })
}

/// A cluster's ARN, and the source role in its account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClusterName<'f> {
    pub(crate) arn: &'f str,
    pub(crate) role: &'f RoleArn,
}
