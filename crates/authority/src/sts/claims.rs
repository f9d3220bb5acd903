//! A token's claims that mean something to AWS.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>

use serde_json::{Map, Value};

use super::Refusal;
use super::refused::invalid_identity;
use crate::tags::Tag;

const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
const ROLES: &str = "https://aws.amazon.com/roles";

/// The tags that a token brings, and the keys of those that pass on.
///
/// # Errors
/// `InvalidIdentityToken` when they are misshapen: each value must be a list of one text.
pub(super) fn tags(claims: &Map<String, Value>) -> Result<(Vec<Tag>, Vec<String>), Refusal> {
    let wrong = |member: &str| {
        let message = format!("{member} passed in claim is not in correct format.");
        Refusal::from(invalid_identity(message))
    };
    let Some(claim) = claims.get(TAGS) else { return Ok((Vec::new(), Vec::new())) };
    let mut tags = Vec::new();
    if let Some(principal_tags) = claim.get("principal_tags") {
        let given = principal_tags.as_object().ok_or_else(|| wrong("principal_tags"))?;
        for (key, value) in given {
            let value = match value.as_array().map(Vec::as_slice) {
                Some([Value::String(only)]) => only.clone(),
                _ => return Err(wrong("principal_tags")),
            };
            tags.push(Tag { key: key.clone(), value });
        }
    }
    let transitive = match claim.get("transitive_tag_keys") {
        None => Vec::new(),
        Some(keys) => texts(keys).ok_or_else(|| wrong("transitive_tag_keys"))?,
    };
    Ok((tags, transitive))
}

/// The source identity that a token signs for.
pub(super) fn source_identity(claims: &Map<String, Value>) -> Option<String> {
    claims.get(SOURCE_IDENTITY).and_then(Value::as_str).map(str::to_owned)
}

/// The roles that a token limits itself to: a list, or a text with semicolons.
pub(super) fn roles(claims: &Map<String, Value>) -> Option<Vec<String>> {
    match claims.get(ROLES)? {
        Value::String(text) => Some(text.split(';').map(|role| role.trim().to_owned()).collect()),
        other => Some(texts(other).unwrap_or_default()),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}
