//! Which keys may have several values, so that a condition on them needs a set operator.
//!
//! Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>,
//! and those that the file names.

use std::collections::HashSet;
use std::sync::OnceLock;

const FILE: &str = include_str!("../../keys/multivalued.txt");

/// The keys in lower case.
#[derive(Debug, Default)]
struct Multivalued {
    whole: HashSet<String>,
    /// What comes before and after a part that may be anything.
    around: Vec<(String, String)>,
}

/// Whether AWS lists a key as multivalued, in any case of its letters.
///
/// ```
/// assert!(attache_policy::condition_keys::is_multivalued("aws:tagkeys"));
/// assert!(attache_policy::condition_keys::is_multivalued("oidc.example.com/id/A:amr"));
/// assert!(!attache_policy::condition_keys::is_multivalued("aws:RequestTag/team"));
/// ```
#[must_use]
pub fn is_multivalued(key: &str) -> bool {
    static KEYS: OnceLock<Multivalued> = OnceLock::new();
    let key = key.to_lowercase();
    let keys = KEYS.get_or_init(|| Multivalued::read(FILE));
    let within = |(before, after): &(String, String)| {
        key.strip_prefix(before.as_str())
            .is_some_and(|rest| rest.len() > after.len() && rest.ends_with(after.as_str()))
    };
    keys.whole.contains(&key) || keys.around.iter().any(within)
}

impl Multivalued {
    fn read(text: &str) -> Self {
        let mut keys = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let line = line.to_lowercase();
            match line
                .split_once("${")
                .and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)))
            {
                Some((before, after)) => keys.around.push((before.to_owned(), after.to_owned())),
                None => drop(keys.whole.insert(line)),
            }
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::condition_keys::global;

    #[test]
    fn the_lists_of_global_keys_agree() {
        let is_list =
            |key: &&str| global::kind_of(key).is_some_and(|own| own.starts_with("ArrayOf"));
        let by_type: BTreeSet<&str> = global::names().filter(is_list).collect();
        let listed: BTreeSet<&str> = FILE.lines().filter(|key| key.starts_with("aws:")).collect();
        assert_eq!(by_type, listed);
    }

    #[test]
    fn what_aws_calls_multivalued_is_known() {
        for key in [
            "aws:CalledVia",
            "aws:PrincipalOrgPaths",
            "aws:PrincipalServiceNamesList",
            "aws:ResourceOrgPaths",
            "aws:SourceOrgPaths",
            "AWS:TAGKEYS",
            "aws:VpceOrgPaths",
            "cognito-identity.amazonaws.com:amr",
            "dynamodb:Attributes",
            "dynamodb:LeadingKeys",
            "events:Metadata/team",
            "kms:EncryptionContextKeys",
            "kms:ResourceAliases",
            "route53:ChangeResourceRecordSetsRecordTypes",
            "s3:RequestObjectTagKeys",
            "sts:TransitiveTagKeys",
        ] {
            assert!(is_multivalued(key), "{key}");
        }
        for key in [
            "",
            ":amr",
            "aws:CalledViaFirst",
            "aws:PrincipalArn",
            "aws:PrincipalTag/team",
            "aws:RequestTag/amr",
            "events:Metadata/",
            "kms:EncryptionContext:team",
            "s3:prefix",
            "sts:ExternalId",
            "oidc.example.com:aud",
            "oidc.example.com:sub",
        ] {
            assert!(!is_multivalued(key), "{key}");
        }
    }
}
