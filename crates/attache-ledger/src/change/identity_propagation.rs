//! How an OIDC provider takes part in trusted identity propagation.
//!
//! These types are on users' disks: members are added with a default, never renamed.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextProvider.html>

use serde::{Deserialize, Serialize};

/// What an OIDC provider has of it; nothing in most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPropagation {
    /// How a token's claims become a trusted context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_provider: Option<ContextProvider>,
    /// The ARN of the IAM Identity Center instance that the provider is associated with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_center_instance: Option<String>,
}

/// Which claims are the subject and the keys of a trusted context. Read from a call and answered as
/// the API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContextProvider {
    /// Claims, and the keys that they become.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_definition_list: Vec<KeyDefinition>,
    /// The claim that is the subject.
    pub subject_source_key: String,
    /// What the subject is, for all tokens: `user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_type_value: Option<String>,
    /// The claim that says what the subject is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_type_source_key: Option<String>,
}

/// A claim, and the key that it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyDefinition {
    /// The claim.
    pub source_key: String,
    /// The key of the trusted context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_key: Option<String>,
}
