//! The keys of a call for a session: `AssumeRole` and its siblings.

use super::{KeySink, add_request_tags};

/// What a call for a session brings.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts>.
#[derive(Debug, Clone, Copy, Default)]
pub struct AssumeRoleKeys<'c> {
    /// `RoleSessionName`.
    pub session_name: Option<&'c str>,
    /// `DurationSeconds`, as text.
    pub duration_seconds: Option<&'c str>,
    /// `ExternalId`.
    pub external_id: Option<&'c str>,
    /// The session tags, the token's or the call's own.
    pub tags: &'c [(&'c str, &'c str)],
    /// The keys of those that pass on.
    pub transitive_tag_keys: &'c [&'c str],
    /// `SourceIdentity`.
    pub source_identity: Option<&'c str>,
    /// Of web identity alone: whether the token lists the roles that it is for.
    pub authorized_by_idp: Option<bool>,
}

impl AssumeRoleKeys<'_> {
    /// Adds the keys of what the call brings.
    pub fn add_to(&self, keys: &mut impl KeySink) {
        let by_idp = self.authorized_by_idp.map(|by| if by { "true" } else { "false" });
        let given = [
            ("sts:RoleSessionName", self.session_name),
            ("sts:DurationSeconds", self.duration_seconds),
            ("sts:ExternalId", self.external_id),
            ("sts:SourceIdentity", self.source_identity),
            ("sts:RoleAuthorizedByIdp", by_idp),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                keys.set(&[key], value);
            }
        }
        add_request_tags(keys, self.tags.iter().copied());
        if !self.transitive_tag_keys.is_empty() {
            keys.set_many(&["sts:TransitiveTagKeys"], self.transitive_tag_keys);
        }
    }
}
