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

/// Adds `aws:ResourceTag/KEY` and `SERVICE:ResourceTag/KEY` for each tag of what is asked for.
pub fn add_resource_tags<'t>(
    keys: &mut impl KeySink,
    service: &str,
    tags: impl IntoIterator<Item = (&'t str, &'t str)>,
) {
    for (key, value) in tags {
        keys.set(&["aws:ResourceTag/", key], value);
        keys.set(&[service, ":ResourceTag/", key], value);
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
