//! Which key of a Secret was probably meant, and which hold long-lived keys.

use crate::secrets::content::Content;
use crate::secrets::origin::Entry;
use crate::suggestion::{is_slip, letters};

/// The key of the role to assume.
pub(crate) const ROLE: &str = "AWS_ROLE_ARN";
/// The key of the region.
pub(crate) const REGION: &str = "AWS_REGION";

/// The entry that was probably meant to be the role, by the name of its key.
pub(super) fn meant_as_role(entries: &[Entry]) -> Option<&Entry> {
    meant(entries, ROLE, &["role", "arn"])
}

/// The entry that was probably meant to be the region, by the name of its key.
pub(super) fn meant_as_region(entries: &[Entry]) -> Option<&Entry> {
    meant(entries, REGION, &["region"])
}

/// A slip of the finger first; else a key that has one of the words: `role-arn`, `awsRegion`.
fn meant<'e>(entries: &'e [Entry], wanted: &str, words: &[&str]) -> Option<&'e Entry> {
    let others = || entries.iter().filter(|entry| entry.key != ROLE && entry.key != REGION);
    let worded = |entry: &&Entry| {
        let key = letters(&entry.key);
        words.iter().any(|word| key.contains(word) || is_slip(&key, word))
    };
    others().find(|entry| is_slip(&entry.key, wanted)).or_else(|| others().find(worded))
}

/// The keys of a Secret that hold an access key, as they may be shown.
pub(super) fn long_lived(entries: &[Entry]) -> Vec<&str> {
    let held = entries.iter().filter(|entry| match &entry.content {
        Content::Text(text) if text.trim().is_empty() => false,
        Content::Text(text) => has_access_key(text) || names_access_key(&entry.key),
        _ => names_access_key(&entry.key),
    });
    held.map(|entry| if has_access_key(&entry.key) { "[hidden]" } else { entry.key.as_str() })
        .collect()
}

/// Whether a key's name says that it holds an access key: `AWS_SECRET_ACCESS_KEY`, `accessKeyId`.
fn names_access_key(key: &str) -> bool {
    let key = letters(key);
    let key = key.strip_prefix("aws").unwrap_or(&key);
    matches!(
        key,
        "accesskeyid" | "accesskey" | "secretaccesskey" | "secretkey" | "secretaccesskeyid"
    )
}

/// Whether a text has the id of a long-lived access key in it: `AKIA` and sixteen more.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
pub(super) fn has_access_key(text: &str) -> bool {
    const LENGTH: usize = 20;
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| {
        word.len() == LENGTH
            && word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("AKIA"))
    })
}
