//! AWS's global condition keys, and those that a session carries into calls of every service.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

const FILE: &str = include_str!("../../keys/global.txt");

/// The type of a global key's values (`String`, `ArrayOfString`, `Bool`, …), in any case of its letters;
/// nothing where AWS has no such key.
#[must_use]
pub(crate) fn kind_of(key: &str) -> Option<&'static str> {
    let is_it = |known: &str| match known.split_once("${") {
        // A tag's key, of at least one character.
        Some((before, _)) => {
            let begins = key.get(..before.len());
            key.len() > before.len() && begins.is_some_and(|own| own.eq_ignore_ascii_case(before))
        }
        None => known.eq_ignore_ascii_case(key),
    };
    rows().find(|(known, _)| is_it(known)).map(|(_, kind)| kind)
}

/// The keys as AWS writes them, those with a tag's key left out.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    rows().map(|(key, _)| key).filter(|key| !key.contains("${"))
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.nth(1)?))
    })
}
