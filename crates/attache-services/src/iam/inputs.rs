//! What the inputs of several operations have: the member that names what an operation is on.

use attache_ledger::Tag;
use serde::Deserialize;

/// What permissions and condition keys need of any operation's input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subject<'a> {
    pub(super) access_key_id: Option<&'a str>,
    pub(super) arn: Option<&'a str>,
    #[serde(rename = "AWSServiceName")]
    pub(super) aws_service_name: Option<&'a str>,
    pub(super) deletion_task_id: Option<&'a str>,
    pub(super) group_name: Option<&'a str>,
    pub(super) identity_center_instance_arn: Option<&'a str>,
    pub(super) instance_profile_name: Option<&'a str>,
    #[serde(rename = "OpenIDConnectProviderArn")]
    pub(super) provider_arn: Option<&'a str>,
    pub(super) path: Option<&'a str>,
    pub(super) path_prefix: Option<&'a str>,
    pub(super) permissions_boundary: Option<&'a str>,
    pub(super) policy_arn: Option<&'a str>,
    pub(super) policy_name: Option<&'a str>,
    pub(super) policy_source_arn: Option<&'a str>,
    pub(super) role_name: Option<&'a str>,
    #[serde(default)]
    pub(super) tag_keys: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    pub(super) url: Option<&'a str>,
    pub(super) user_name: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleInput<'a> {
    pub(super) role_name: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserInput<'a> {
    pub(super) user_name: &'a str,
}

/// Of an operation that is on its caller where no user is named.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OptionalUserInput<'a> {
    pub(super) user_name: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupInput<'a> {
    pub(super) group_name: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstanceProfileInput<'a> {
    pub(super) instance_profile_name: &'a str,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProviderInput<'a> {
    #[serde(rename = "OpenIDConnectProviderArn")]
    pub(super) provider_arn: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyInput<'a> {
    pub(super) policy_arn: &'a str,
}

/// Of a list of what is under a path.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PathPrefixInput<'a> {
    path_prefix: Option<&'a str>,
}

impl<'a> PathPrefixInput<'a> {
    /// The path; all where none is named.
    pub(super) fn prefix(&self) -> &'a str {
        self.path_prefix.unwrap_or("/")
    }
}

/// Of an operation that brings tags or may bring some.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagsInput {
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagKeysInput {
    pub(super) tag_keys: Vec<String>,
}
