//! A token's claims that are meant for AWS: session tags, a source identity, and the roles that the token
//! limits itself to.
//!
//! Knows: how they are written, and which condition keys they become. Does not know: whether a token is
//! believed, and whether a session with them may begin.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp>

use attache_identifiers::RoleArn;
use serde_json::Value;

use crate::condition_keys::{AssumeRoleKeys, KeySink, is_tag_char};

const TAGS: &str = "https://aws.amazon.com/tags";
const TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
const ROLES: &str = "https://aws.amazon.com/roles";

/// AWS's: the tags of a session.
const MOST_TAGS: usize = 50;

/// What a token says to AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenClaims {
    /// Keys and values of its session tags.
    pub tags: Vec<(String, String)>,
    /// The keys of those that pass on.
    pub transitive_tag_keys: Vec<String>,
    /// The source identity that it signs for.
    pub source_identity: Option<String>,
    /// The ARNs of the roles that it limits itself to, one or more.
    pub roles: Option<Vec<String>>,
}

/// A claim that is not what AWS reads, in STS's own sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenClaimError {
    /// The session tags.
    #[error("principal_tags passed in claim is not in correct format.")]
    PrincipalTags,
    /// The keys of the tags that pass on.
    #[error("transitive_tag_keys passed in claim is not in correct format.")]
    TransitiveTagKeys,
    /// The source identity. Left out, the session would have none at all, and the trust policy would not
    /// have been asked whether it may be set.
    #[error("source_identity passed in claim is not in correct format.")]
    SourceIdentity,
    /// The roles: a number, a bool or an object.
    #[error("The roles claim is not in a supported format")]
    RolesFormat,
    /// The roles: none of them is the ARN of a role.
    #[error("The roles claim contains no valid role ARNs")]
    NoRoles,
}

impl TokenClaims {
    /// Reads all claims of a token, each name once.
    ///
    /// # Errors
    /// When one of those that are meant for AWS is misshapen.
    pub fn read(claims: &[(String, Value)]) -> Result<Self, TokenClaimError> {
        Ok(Self {
            tags: tags(claims)?,
            transitive_tag_keys: transitive_tag_keys(claims)?,
            source_identity: source_identity(claims)?,
            roles: roles(claims)?,
        })
    }

    /// Adds the keys of a call for a session with the token; `call` has those of the call itself.
    /// `sts:RoleAuthorizedByIdp` is there always, and `false` where the token lists no roles.
    pub fn add_to(&self, keys: &mut impl KeySink, call: AssumeRoleKeys<'_>) {
        let tags: Vec<_> = self.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let transitive: Vec<&str> = self.transitive_tag_keys.iter().map(String::as_str).collect();
        AssumeRoleKeys {
            tags: &tags,
            transitive_tag_keys: &transitive,
            source_identity: self.source_identity.as_deref(),
            authorized_by_idp: Some(self.roles.is_some()),
            ..call
        }
        .add_to(keys);
    }
}

/// Nested in one claim, or flat for providers that cannot nest, each tag in a claim of its own. A nested
/// value is a list of one text, and keys and values are those that tags can have.
fn tags(claims: &[(String, Value)]) -> Result<Vec<(String, String)>, TokenClaimError> {
    let wrong = TokenClaimError::PrincipalTags;
    let nested = match claim(claims, TAGS).and_then(|claim| claim.get("principal_tags")) {
        None => None,
        Some(tags) => Some(tags.as_object().ok_or(wrong)?),
    };
    let nested = nested.into_iter().flatten().map(|(key, value)| (key.as_str(), value, false));
    let flat = claims.iter().filter_map(|(name, value)| {
        let key = name.strip_prefix(TAGS)?.strip_prefix("/principal_tags/")?;
        Some((key, value, true))
    });
    let tags = nested.chain(flat).map(|(key, value, flat)| {
        let value = match value {
            Value::String(text) if flat => Some(text),
            Value::Array(list) => match list.as_slice() {
                [Value::String(only)] => Some(only),
                _ => None,
            },
            _ => None,
        };
        let value = value.filter(|value| is_tag(key, value)).ok_or(wrong)?;
        Ok((key.to_owned(), value.clone()))
    });
    let tags = tags.collect::<Result<Vec<_>, TokenClaimError>>()?;
    if tags.len() > MOST_TAGS { Err(wrong) } else { Ok(tags) }
}

fn transitive_tag_keys(claims: &[(String, Value)]) -> Result<Vec<String>, TokenClaimError> {
    let nested = claim(claims, TAGS).and_then(|claim| claim.get("transitive_tag_keys"));
    let mut all = Vec::new();
    for keys in nested.into_iter().chain(claim(claims, TRANSITIVE)) {
        all.extend(texts(keys).ok_or(TokenClaimError::TransitiveTagKeys)?);
    }
    Ok(all)
}

fn source_identity(claims: &[(String, Value)]) -> Result<Option<String>, TokenClaimError> {
    // AWS's pattern of a source identity: `[\w+=,.@-]*`, 2 to 256 characters since 2026.
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    match claim(claims, SOURCE_IDENTITY) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text))
            if (2..=256).contains(&text.chars().count()) && text.chars().all(is_legal) =>
        {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(TokenClaimError::SourceIdentity),
    }
}

/// A list, or a text with semicolons; null is none. Entries that are no role's ARN are passed over, as STS
/// was seen to do.
fn roles(claims: &[(String, Value)]) -> Result<Option<Vec<String>>, TokenClaimError> {
    let entries: Vec<&str> = match claim(claims, ROLES) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.split(';').map(str::trim).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::trim).collect(),
        Some(_) => return Err(TokenClaimError::RolesFormat),
    };
    let roles = entries.into_iter().filter(|role| RoleArn::parse(role).is_ok());
    let roles: Vec<String> = roles.map(str::to_owned).collect();
    if roles.is_empty() { Err(TokenClaimError::NoRoles) } else { Ok(Some(roles)) }
}

/// Whether a key and a value can be a tag's, as in a call's own `Tags`.
fn is_tag(key: &str, value: &str) -> bool {
    (1..=128).contains(&key.chars().count())
        && value.chars().count() <= 256
        && key.chars().chain(value.chars()).all(is_tag_char)
}

fn claim<'t>(claims: &'t [(String, Value)], name: &str) -> Option<&'t Value> {
    claims.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Context;

    fn read(claims: &Value) -> Result<TokenClaims, TokenClaimError> {
        let members = claims.as_object().cloned().unwrap_or_default();
        TokenClaims::read(&members.into_iter().collect::<Vec<_>>())
    }

    #[test]
    fn tags_are_read_nested_and_flat() {
        let expected = Ok(TokenClaims {
            tags: vec![("Team".to_owned(), "a".to_owned())],
            transitive_tag_keys: vec!["Team".to_owned()],
            ..TokenClaims::default()
        });
        let nested = json!({"principal_tags": {"Team": ["a"]}, "transitive_tag_keys": ["Team"]});
        assert_eq!(read(&json!({TAGS: nested})), expected);
        let key = format!("{TAGS}/principal_tags/Team");
        assert_eq!(read(&json!({&key: "a", TRANSITIVE: ["Team"]})), expected);
        assert_eq!(read(&json!({&key: ["a"], TRANSITIVE: ["Team"]})), expected);
        assert_eq!(read(&json!({"sub": "x"})), Ok(TokenClaims::default()));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        let flat = format!("{TAGS}/principal_tags/");
        for (name, claims) in [
            ("a text in place of a list", json!({TAGS: {"principal_tags": {"Team": "a"}}})),
            ("two values", json!({TAGS: {"principal_tags": {"Team": ["a", "b"]}}})),
            ("a number", json!({TAGS: {"principal_tags": {"Team": [1]}}})),
            ("a list of tags", json!({TAGS: {"principal_tags": ["Team"]}})),
            ("a key with a star", json!({TAGS: {"principal_tags": {"T*": ["a"]}}})),
            ("no key", json!({&flat: "a"})),
            ("a long value", json!({TAGS: {"principal_tags": {"Team": ["a".repeat(257)]}}})),
            ("a flat object", json!({format!("{flat}Team"): {"a": 1}})),
        ] {
            assert_eq!(read(&claims), Err(TokenClaimError::PrincipalTags), "{name}");
        }
        let keys = json!({TRANSITIVE: "Team"});
        assert_eq!(read(&keys), Err(TokenClaimError::TransitiveTagKeys));
    }

    #[test]
    fn a_source_identity_is_one_or_the_token_is_refused() {
        let read = |value: Value| read(&json!({SOURCE_IDENTITY: value}));
        let named = read(json!("ann@example")).unwrap();
        assert_eq!(named.source_identity.as_deref(), Some("ann@example"));
        assert_eq!(read(Value::Null), Ok(TokenClaims::default()));
        for bad in [json!(1), json!(["ann"]), json!(""), json!("a"), json!("ann smith")] {
            assert_eq!(read(bad.clone()), Err(TokenClaimError::SourceIdentity), "{bad}");
        }
    }

    #[test]
    fn roles_are_a_list_or_a_text_with_semicolons() {
        let role = |name: &str| {
            attache_identifiers::RoleArn::parse(&["arn:aws:iam::222222222222:role/", name].concat())
                .unwrap()
                .to_string()
        };
        let (a, b) = (role("A"), role("path/B"));
        let both = || Ok(Some(vec![a.clone(), b.clone()]));
        for (claim, expected) in [
            (Value::Null, Ok(None)),
            (json!([a, b]), both()),
            (json!(format!("{a};{b}")), both()),
            (json!(format!(" {a} ; {b};")), both()),
            (json!([1, a, null, {"x": a}, "x", b]), both()),
            (json!(7), Err(TokenClaimError::RolesFormat)),
            (json!(true), Err(TokenClaimError::RolesFormat)),
            (json!({"roles": [a]}), Err(TokenClaimError::RolesFormat)),
            (json!([]), Err(TokenClaimError::NoRoles)),
            (json!(""), Err(TokenClaimError::NoRoles)),
            (json!(";"), Err(TokenClaimError::NoRoles)),
            (json!(["x", 1]), Err(TokenClaimError::NoRoles)),
            (json!(["arn:aws:iam::222222222222:user/A"]), Err(TokenClaimError::NoRoles)),
        ] {
            let found = read(&json!({ROLES: claim})).map(|claims| claims.roles);
            assert_eq!(found, expected, "{claim}");
        }
    }

    #[test]
    fn whether_the_token_lists_roles_is_always_a_key() {
        for (claims, expected) in [
            (json!({}), "false"),
            (json!({ROLES: null}), "false"),
            (json!({ROLES: ["arn:aws:iam::222222222222:role/A"]}), "true"),
            (json!({ROLES: "arn:aws:iam::222222222222:role/A; b"}), "true"),
        ] {
            let mut context = Context::new();
            read(&claims).unwrap().add_to(&mut context, AssumeRoleKeys::default());
            let found = context.get("sts:RoleAuthorizedByIdp").and_then(|values| values.only());
            assert_eq!(found, Some(expected), "{claims}");
        }
    }
}
