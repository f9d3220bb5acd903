//! A token's claims that mean something to AWS.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>

use attache_ledger::Tag;
use attache_oidc::ClaimSet;
use serde_json::Value;

use super::Refusal;
use super::refused::invalid_identity;
use crate::validation::Pattern;

const TAGS: &str = "https://aws.amazon.com/tags";
const TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
const ROLES: &str = "https://aws.amazon.com/roles";

/// What a token says to AWS itself, for who explains a decision without an authority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenClaims {
    /// Keys and values of its session tags.
    pub tags: Vec<(String, String)>,
    /// The keys of those that pass on.
    pub transitive_tag_keys: Vec<String>,
    /// The source identity that it signs for.
    pub source_identity: Option<String>,
    /// The roles that it limits itself to.
    pub roles: Option<Vec<String>>,
}

impl TokenClaims {
    /// Reads a token's claims.
    ///
    /// # Errors
    /// STS's sentence where they are misshapen.
    pub fn read(claims: &ClaimSet) -> Result<Self, String> {
        let told = |refusal: Refusal| refusal.error.message;
        let (tags, transitive_tag_keys) = tags(claims).map_err(told)?;
        Ok(Self {
            tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            transitive_tag_keys,
            source_identity: source_identity(claims).map_err(told)?,
            roles: roles(claims),
        })
    }
}

/// The tags that a token brings, and the keys of those that pass on: nested in one claim, or flat for
/// providers that cannot nest, each tag in a claim of its own.
///
/// # Errors
/// `InvalidIdentityToken` when they are misshapen: a nested value must be a list of one text, and keys
/// and values are those that tags can have.
pub(super) fn tags(claims: &ClaimSet) -> Result<(Vec<Tag>, Vec<String>), Refusal> {
    let nested = claims.get(TAGS);
    let principal_tags = nested.and_then(|claim| claim.get("principal_tags"));
    let given = match principal_tags {
        None => None,
        Some(tags) => Some(tags.as_object().ok_or_else(|| wrong("principal_tags"))?),
    };
    let given = given.into_iter().flatten().map(|(key, value)| (key.as_str(), value, false));
    let flat = claims.as_slice().iter().filter_map(|(name, value)| {
        let key = name.strip_prefix(TAGS)?.strip_prefix("/principal_tags/")?;
        Some((key, value, true))
    });
    let tags = given.chain(flat).map(|(key, value, flat)| {
        let value = match value {
            Value::String(text) if flat => Some(text),
            Value::Array(list) => match list.as_slice() {
                [Value::String(only)] => Some(only),
                _ => None,
            },
            _ => None,
        };
        let value = value.filter(|value| is_tag(key, value));
        let value = value.ok_or_else(|| wrong("principal_tags"))?;
        Ok(Tag { key: key.to_owned(), value: value.clone() })
    });
    let tags = tags.collect::<Result<Vec<_>, Refusal>>()?;
    if tags.len() > MOST_TAGS {
        return Err(wrong("principal_tags"));
    }
    let own = nested.and_then(|claim| claim.get("transitive_tag_keys"));
    let flat = claims.get(TRANSITIVE);
    let mut transitive = Vec::new();
    for keys in own.into_iter().chain(flat) {
        transitive.extend(texts(keys).ok_or_else(|| wrong("transitive_tag_keys"))?);
    }
    Ok((tags, transitive))
}

/// AWS's: the tags of a session.
const MOST_TAGS: usize = 50;

/// Whether a key and a value can be a tag's, as in a call's own `Tags`.
fn is_tag(key: &str, value: &str) -> bool {
    (1..=128).contains(&key.chars().count())
        && value.chars().count() <= 256
        && Pattern::TagKey.matches(key)
        && Pattern::TagValue.matches(value)
}

/// The source identity that a token signs for.
///
/// # Errors
/// `InvalidIdentityToken` when it is none: left out, the session would have none at all, and nobody
/// would have been asked whether it may be set.
pub(super) fn source_identity(claims: &ClaimSet) -> Result<Option<String>, Refusal> {
    match claims.get(SOURCE_IDENTITY) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text))
            if (2..=64).contains(&text.chars().count()) && Pattern::Name.matches(text) =>
        {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(wrong("source_identity")),
    }
}

fn wrong(member: &str) -> Refusal {
    let message = format!("{member} passed in claim is not in correct format.");
    Refusal::from(invalid_identity(message))
}

/// The roles that a token limits itself to: a list, or a text with semicolons.
pub(super) fn roles(claims: &ClaimSet) -> Option<Vec<String>> {
    match claims.get(ROLES)? {
        Value::String(text) => Some(text.split(';').map(|role| role.trim().to_owned()).collect()),
        other => Some(texts(other).unwrap_or_default()),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Keys with their values, and the keys that pass on.
    type Body = (Vec<(String, String)>, Vec<String>);

    fn members(claims: &Value) -> ClaimSet {
        serde_json::from_value(claims.clone()).unwrap()
    }

    fn read(claims: &Value) -> Result<Body, String> {
        let (tags, transitive) = tags(&members(claims)).map_err(|refusal| refusal.error.message)?;
        Ok((tags.into_iter().map(|tag| (tag.key, tag.value)).collect(), transitive))
    }

    #[test]
    fn tags_are_read_nested_and_flat() {
        let wanted = Ok((vec![("Team".to_owned(), "a".to_owned())], vec!["Team".to_owned()]));
        let nested = json!({"principal_tags": {"Team": ["a"]}, "transitive_tag_keys": ["Team"]});
        assert_eq!(read(&json!({TAGS: nested})), wanted);
        let key = format!("{TAGS}/principal_tags/Team");
        assert_eq!(read(&json!({&key: "a", TRANSITIVE: ["Team"]})), wanted);
        assert_eq!(read(&json!({&key: ["a"], TRANSITIVE: ["Team"]})), wanted);
        assert_eq!(read(&json!({"sub": "x"})), Ok((Vec::new(), Vec::new())));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        let wrong = Err("principal_tags passed in claim is not in correct format.".to_owned());
        let flat = format!("{TAGS}/principal_tags/");
        for (name, claims) in [
            ("a text where a list is wanted", json!({TAGS: {"principal_tags": {"Team": "a"}}})),
            ("two values", json!({TAGS: {"principal_tags": {"Team": ["a", "b"]}}})),
            ("a number", json!({TAGS: {"principal_tags": {"Team": [1]}}})),
            ("a list of tags", json!({TAGS: {"principal_tags": ["Team"]}})),
            ("a key with a star", json!({TAGS: {"principal_tags": {"T*": ["a"]}}})),
            ("no key", json!({&flat: "a"})),
            ("a long value", json!({TAGS: {"principal_tags": {"Team": ["a".repeat(257)]}}})),
            ("a flat object", json!({format!("{flat}Team"): {"a": 1}})),
        ] {
            assert_eq!(read(&claims), wrong, "{name}");
        }
    }

    #[test]
    fn a_source_identity_is_one_or_the_token_is_refused() {
        let read = |value: Value| source_identity(&members(&json!({SOURCE_IDENTITY: value})));
        assert_eq!(read(json!("ann@example")).ok().flatten().as_deref(), Some("ann@example"));
        assert!(read(Value::Null).is_ok_and(|none| none.is_none()));
        for bad in [json!(1), json!(["ann"]), json!(""), json!("a"), json!("ann smith")] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
