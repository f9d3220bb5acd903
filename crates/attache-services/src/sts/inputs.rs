//! The inputs of STS's operations, as they are read once they met the shapes of `members`.

use attache_ledger::Tag;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumeRole<'a> {
    pub(super) role_arn: &'a str,
    pub(super) role_session_name: &'a str,
    #[serde(default, borrow)]
    pub(super) policy_arns: Vec<PolicyArn<'a>>,
    pub(super) policy: Option<&'a str>,
    pub(super) duration_seconds: Option<i64>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    #[serde(default)]
    pub(super) transitive_tag_keys: Vec<String>,
    pub(super) external_id: Option<&'a str>,
    pub(super) serial_number: Option<&'a str>,
    pub(super) token_code: Option<&'a str>,
    pub(super) source_identity: Option<String>,
    pub(super) minimum_session_token_size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumeRoleWithWebIdentity<'a> {
    pub(super) role_arn: &'a str,
    pub(super) role_session_name: &'a str,
    pub(super) web_identity_token: &'a str,
    pub(super) provider_id: Option<&'a str>,
    #[serde(default, borrow)]
    pub(super) policy_arns: Vec<PolicyArn<'a>>,
    pub(super) policy: Option<&'a str>,
    pub(super) duration_seconds: Option<i64>,
    pub(super) minimum_session_token_size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetScopedCredentials<'a> {
    pub(super) policy: Option<&'a str>,
    pub(super) duration_seconds: Option<i64>,
    pub(super) minimum_session_token_size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSessionToken<'a> {
    pub(super) duration_seconds: Option<i64>,
    pub(super) serial_number: Option<&'a str>,
    pub(super) token_code: Option<&'a str>,
    pub(super) minimum_session_token_size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetFederationToken<'a> {
    pub(super) name: &'a str,
    pub(super) policy: Option<&'a str>,
    #[serde(default, borrow)]
    pub(super) policy_arns: Vec<PolicyArn<'a>>,
    pub(super) duration_seconds: Option<i64>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    pub(super) minimum_session_token_size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DecodeAuthorizationMessage<'a> {
    pub(super) encoded_message: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAccessKeyInfo<'a> {
    pub(super) access_key_id: &'a str,
}

/// The ARN of a managed policy, in the structure that STS has for it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct PolicyArn<'a> {
    pub(super) arn: Option<&'a str>,
}

/// What permissions and condition keys need of any operation's input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subject<'a> {
    pub(super) name: Option<&'a str>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}
