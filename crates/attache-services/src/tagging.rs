//! The rules that AWS's services have for tags, each with its own words.

use attache_ledger::{Tag, TagKeys, has_duplicates};

/// What is wrong with tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagError {
    /// Two keys are one.
    Duplicate,
    /// A key begins with what AWS keeps for itself.
    Reserved,
    /// There would be more than a resource may have.
    TooMany,
}

/// Whether a key begins with `aws:`, which AWS keeps for itself.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("aws:"))
}

/// Looks at the tags that a call brings.
///
/// # Errors
/// [`TagError::Duplicate`], and then [`TagError::Reserved`].
pub(crate) fn check(tags: &[Tag], keys: TagKeys) -> Result<(), TagError> {
    if has_duplicates(tags, keys) {
        return Err(TagError::Duplicate);
    }
    if tags.iter().any(|tag| is_reserved(&tag.key)) {
        return Err(TagError::Reserved);
    }
    Ok(())
}

/// Looks whether new tags have room beside those that a resource has: one whose key `is_there` takes
/// that one's place.
///
/// # Errors
/// [`TagError::TooMany`].
pub(crate) fn check_room<'k>(
    there: usize,
    new: impl Iterator<Item = &'k String>,
    is_there: impl Fn(&str) -> bool,
    limit: usize,
) -> Result<(), TagError> {
    let added = new.filter(|key| !is_there(key)).count();
    if there + added > limit { Err(TagError::TooMany) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(keys: &[&str]) -> Vec<Tag> {
        keys.iter().map(|key| Tag { key: (*key).to_owned(), value: String::new() }).collect()
    }

    #[test]
    fn keys_that_differ_in_case_are_one_or_two() {
        let both = tags(&["a", "A"]);
        assert_eq!(check(&both, TagKeys::AnyCase), Err(TagError::Duplicate));
        assert_eq!(check(&both, TagKeys::Exact), Ok(()));
        assert_eq!(check(&tags(&["a", "a"]), TagKeys::Exact), Err(TagError::Duplicate));
    }

    #[test]
    fn keys_of_awss_own_are_refused() {
        for (keys, wanted) in [
            (&["a", "b"][..], Ok(())),
            (&["aws:a"], Err(TagError::Reserved)),
            (&["AWS:a"], Err(TagError::Reserved)),
            (&["aws", "\u{e9}ws:"], Ok(())),
            (&["aws:a", "AWS:a"], Err(TagError::Duplicate)),
        ] {
            assert_eq!(check(&tags(keys), TagKeys::AnyCase), wanted, "{keys:?}");
        }
    }

    #[test]
    fn a_tag_that_replaces_one_needs_no_room() {
        let new: Vec<String> = vec!["a".to_owned(), "b".to_owned()];
        let room = |there, is_there: fn(&str) -> bool| check_room(there, new.iter(), is_there, 3);
        assert_eq!(room(1, |_| false), Ok(()));
        assert_eq!(room(2, |_| false), Err(TagError::TooMany));
        assert_eq!(room(3, |_| true), Ok(()));
    }
}
