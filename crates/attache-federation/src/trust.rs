//! The trust policy that lets one service account assume a role.

use attache_identifiers::{Issuer, ProviderArn};
use serde_json::{Value, json};

/// The trust policy in the shape that AWS's console and documents use: one statement, with the
/// token's subject and audience compared exactly.
///
/// Nothing else of a token can be relied on: the nested `kubernetes.io` claims reach no condition
/// key. Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>.
#[must_use]
pub fn trust_policy(
    provider: &ProviderArn,
    issuer: &Issuer,
    subject: &str,
    audience: &str,
) -> Value {
    let key = |claim: &str| format!("{}:{claim}", issuer.host_and_path());
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": provider.to_string() },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": { key("sub"): subject, key("aud"): audience }
            }
        }]
    })
}
