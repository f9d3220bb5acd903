//! The keys of tags: the principal's, and those that a call brings or takes away.

use super::KeySink;

/// Adds `aws:PrincipalTag/KEY` for each. A later tag hides an earlier one of the same key, as a
/// session's tag hides its role's.
pub fn add_principal_tags<'t>(
    keys: &mut impl KeySink,
    tags: impl IntoIterator<Item = (&'t str, &'t str)>,
) {
    for (key, value) in tags {
        keys.set(&["aws:PrincipalTag/", key], value);
    }
}

/// Adds `aws:ResourceTag/KEY` for each tag of what is asked for, and `SERVICE:ResourceTag/KEY` where the
/// service has such keys of its own, as IAM has.
pub fn add_resource_tags<'t>(
    keys: &mut impl KeySink,
    service: Option<&str>,
    tags: impl IntoIterator<Item = (&'t str, &'t str)>,
) {
    for (key, value) in tags {
        keys.set(&["aws:ResourceTag/", key], value);
        if let Some(service) = service {
            keys.set(&[service, ":ResourceTag/", key], value);
        }
    }
}

/// Adds `aws:RequestTag/KEY` for each, and `aws:TagKeys`.
pub fn add_request_tags<'t>(
    keys: &mut impl KeySink,
    tags: impl IntoIterator<Item = (&'t str, &'t str)> + Clone,
) {
    for (key, value) in tags.clone() {
        keys.set(&["aws:RequestTag/", key], value);
    }
    add_tag_keys(keys, tags.into_iter().map(|(key, _)| key));
}

/// Adds `aws:TagKeys`, if there are any.
pub fn add_tag_keys<'t>(keys: &mut impl KeySink, tags: impl IntoIterator<Item = &'t str>) {
    let tags: Vec<&str> = tags.into_iter().collect();
    if !tags.is_empty() {
        keys.set_many(&["aws:TagKeys"], &tags);
    }
}

/// Whether a character can be in a tag's key or value: AWS's pattern is
/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, letters, separators and numbers of any script and some signs.
#[must_use]
pub fn is_tag_char(c: char) -> bool {
    let separator = matches!(
        c,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    );
    c.is_alphanumeric() || separator || matches!(c, '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@')
}
