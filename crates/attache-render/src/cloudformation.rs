//! CloudFormation templates: one for each account, since a stack is in one.
//!
//! As JSON: nothing in it is substituted (only `Fn::Sub` substitutes `${…}`), and its characters need no quoting.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>.

use std::collections::BTreeMap;

use attache_federation::Federation;
use attache_federation::desired::{self, Account, DesiredAssociation, DesiredRole, Provider};
use attache_identifiers::{RoleArn, printable_json};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::RenderedFile;

/// The parameter and the condition by which a stack leaves an existing provider to others.
const CREATE_PROVIDER: &str = "CreateProvider";

/// What a template cannot say.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TemplateError {
    /// An object of a policy with one key that names an intrinsic function.
    #[error(
        "the {policy} of {role} has an object with the single key `{key}`: CloudFormation would call its function"
    )]
    Function {
        /// `trust policy`, or `inline policy` with its name.
        policy: String,
        /// The role.
        role: Box<RoleArn>,
        /// `Ref`, or `Fn::…`.
        key: String,
    },
}

/// A template for each account, `cloudformation-ACCOUNT.json`, the source's first.
///
/// # Errors
/// [`TemplateError`] where a policy would not be the same in a template.
pub fn render_cloudformation(federation: &Federation) -> Result<Vec<RenderedFile>, TemplateError> {
    let accounts = desired::accounts(federation);
    let file = |account: &Account| {
        let text = printable_json(&format!("{:#}\n", template(federation, account)?)).into_owned();
        Ok(RenderedFile { name: format!("cloudformation-{}.json", account.id), text })
    };
    accounts.iter().map(file).collect()
}

fn template(federation: &Federation, account: &Account) -> Result<Value, TemplateError> {
    let mut resources = Map::new();
    let mut ids = LogicalIds::default();
    for provider in account.providers.iter() {
        resources.insert(ids.next("Provider"), self::provider(provider));
    }
    let mut source = None;
    for role in &account.roles {
        let is_source = role.arn == *federation.source();
        let id = ids.next(if is_source { "SourceRole" } else { "TargetRole" });
        resources.insert(id.clone(), self::role(role)?);
        source = source.or(is_source.then_some(id));
    }
    for association in account.association.iter() {
        let new = self::association(association, source.as_deref());
        resources.insert(ids.next("Association"), new);
    }
    let mut template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Keyless access of the federation {} in account {}", federation.name(), account.id),
    });
    if !account.providers.is_empty() {
        template["Parameters"] = json!({ CREATE_PROVIDER: {
            "Type": "String",
            "Default": "true",
            "AllowedValues": ["true", "false"],
            "Description": "false where the account has the cluster's identity provider already: it is left as it is",
        } });
        let create = json!({ "Fn::Equals": [{ "Ref": CREATE_PROVIDER }, "true"] });
        template["Conditions"] = json!({ CREATE_PROVIDER: create });
    }
    template["Resources"] = Value::Object(resources);
    Ok(template)
}

/// Names of a template's resources: each once.
#[derive(Default)]
struct LogicalIds(BTreeMap<&'static str, usize>);

impl LogicalIds {
    /// `NAME`, then `NAME2`.
    fn next(&mut self, name: &'static str) -> String {
        let count = self.0.entry(name).or_default();
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name}{count}") }
    }
}

/// It outlives the stack: other federations of the cluster may use it.
fn provider(provider: &Provider) -> Value {
    let mut properties = json!({
        "Url": provider.issuer.as_str(),
        "ClientIdList": provider.client_ids,
        "Tags": tags(&provider.tags),
    });
    if !provider.thumbprints.is_empty() {
        properties["ThumbprintList"] = json!(provider.thumbprints);
    }
    json!({
        "Type": "AWS::IAM::OIDCProvider",
        "Condition": CREATE_PROVIDER,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    })
}

fn role(role: &DesiredRole) -> Result<Value, TemplateError> {
    let mut properties = json!({
        "RoleName": role.arn.name().as_str(),
        "Path": role.arn.path(),
        "AssumeRolePolicyDocument": document(role, "trust policy", &role.trust)?,
    });
    if let Some(text) = role.new_description() {
        properties["Description"] = json!(text);
    }
    if let Some(seconds) = role.max_session.value() {
        properties["MaxSessionDuration"] = json!(seconds);
    }
    if let Some(arn) = role.boundary.value() {
        properties["PermissionsBoundary"] = json!(arn);
    }
    if !role.policies.is_empty() {
        properties["ManagedPolicyArns"] = json!(role.policies);
    }
    if !role.inline.is_empty() {
        let policy = |(name, own): (&String, &Value)| {
            let own = document(role, &format!("inline policy `{name}`"), own)?;
            Ok(json!({ "PolicyName": name, "PolicyDocument": own }))
        };
        let policies: Vec<Value> = role.inline.iter().map(policy).collect::<Result<_, _>>()?;
        properties["Policies"] = Value::Array(policies);
    }
    properties["Tags"] = tags(&role.tags);
    Ok(json!({ "Type": "AWS::IAM::Role", "Properties": properties }))
}

fn association(new: &DesiredAssociation, source: Option<&str>) -> Value {
    let role = match source {
        Some(id) => json!({ "Fn::GetAtt": [id, "Arn"] }),
        None => json!(new.role.to_string()),
    };
    let mut properties = json!({
        "ClusterName": new.cluster.name,
        "Namespace": new.workload.namespace,
        "ServiceAccount": new.workload.service_account,
        "RoleArn": role,
    });
    if let Some(target) = &new.target {
        properties["TargetRoleArn"] = json!(target.to_string());
    }
    properties["Tags"] = tags(&new.tags);
    json!({ "Type": "AWS::EKS::PodIdentityAssociation", "Properties": properties })
}

fn tags(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// The document, in which nothing is a function of CloudFormation's.
fn document(role: &DesiredRole, policy: &str, document: &Value) -> Result<Value, TemplateError> {
    match function(document) {
        None => Ok(document.clone()),
        Some(key) => Err(TemplateError::Function {
            policy: policy.to_owned(),
            role: Box::new(role.arn.clone()),
            key: key.to_owned(),
        }),
    }
}

/// The first key that CloudFormation takes for a function: alone in its object.
fn function(value: &Value) -> Option<&str> {
    match value {
        Value::Array(list) => list.iter().find_map(function),
        Value::Object(object) => {
            let alone = object.keys().next().filter(|_| object.len() == 1);
            let found = alone.filter(|key| *key == "Ref" || key.starts_with("Fn::"));
            found.map(String::as_str).or_else(|| object.values().find_map(function))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_a_key_that_stands_alone() {
        for (value, found) in [
            (json!({ "Condition": { "StringEquals": { "Ref": "x" } } }), Some("Ref")),
            (json!([{ "Bool": { "Fn::Sub": ["x"] } }]), Some("Fn::Sub")),
            (json!({ "StringEquals": { "Ref": "x", "aws:username": "y" } }), None),
            (json!({ "Resource": "${aws:username}" }), None),
        ] {
            assert_eq!(function(&value), found, "{value}");
        }
    }
}
