//! The options of the `aws` commands that make what a federation wants, each quoted for a shell.

use std::collections::BTreeMap;

use attache_identifiers::printable_json;
use serde_json::{Value, json};

use crate::desired::{DesiredAssociation, DesiredRole, Provider};
use crate::shell::{list_option, option};

/// The options of `create-pod-identity-association`.
#[must_use]
pub fn new_association(association: &DesiredAssociation) -> Vec<String> {
    let DesiredAssociation { cluster, workload, role, target, tags } = association;
    let mut options = vec![
        option("cluster-name", &cluster.name),
        option("namespace", &workload.namespace),
        option("service-account", &workload.service_account),
        option("role-arn", &role.to_string()),
    ];
    options.extend(target.iter().map(|target| option("target-role-arn", &target.to_string())));
    options.push(eks_tags(tags));
    options.push(option("region", cluster.region.as_str()));
    options
}

/// EKS takes tags as one object.
#[must_use]
pub fn eks_tags(tags: &BTreeMap<String, String>) -> String {
    option("tags", &printable_json(&json!(tags).to_string()))
}

/// The options of `create-open-id-connect-provider`.
#[must_use]
pub fn new_provider(provider: &Provider) -> Vec<String> {
    let mut options = vec![
        option("url", provider.issuer.as_str()),
        list_option("client-id-list", &provider.client_ids),
    ];
    if !provider.thumbprints.is_empty() {
        options.push(list_option("thumbprint-list", &provider.thumbprints));
    }
    if !provider.tags.is_empty() {
        options.push(tags(&provider.tags));
    }
    options
}

/// The options of `create-role`. `trust` is its trust policy, or the place of a file with it.
#[must_use]
pub fn new_role(role: &DesiredRole, trust: &str) -> Vec<String> {
    let mut options = vec![option("role-name", role.arn.name().as_str())];
    if role.arn.path() != "/" {
        options.push(option("path", role.arn.path()));
    }
    options.push(option("assume-role-policy-document", trust));
    options.extend(role.new_description().map(|text| option("description", text)));
    let session = role.max_session.value().map(ToString::to_string);
    options.extend(session.map(|seconds| option("max-session-duration", &seconds)));
    let boundary = role.boundary.value();
    options.extend(boundary.map(|arn| option("permissions-boundary", arn)));
    options.push(tags(&role.tags));
    options
}

/// As JSON, for the shorthand `Key=…,Value=…` has no way to write a comma.
#[must_use]
pub fn tags(tags: &BTreeMap<String, String>) -> String {
    let list: Vec<_> =
        tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    option("tags", &printable_json(&Value::Array(list).to_string()))
}
