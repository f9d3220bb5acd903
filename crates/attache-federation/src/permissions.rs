//! The identity policies of a role together, and what a change of them allows in addition.
//!
//! The text of a policy may be unknown. It is never taken for harmless then: it allowed nothing before
//! the change, and allows everything after it.

use std::sync::Arc;

use attache_policy::syntax::{Effect, Patterns, Statement};
use attache_policy::{Invalid, Kind, Policy};

use crate::FederationError;
use crate::comparison::{Gain, Undecided, gain, worst};

/// A policy of a role.
#[derive(Debug, Clone)]
pub(crate) struct RolePolicy {
    pub(crate) name: String,
    pub(crate) text: Result<String, UnknownPolicy>,
}

/// Two of one name whose text is not known are the same.
impl PartialEq for RolePolicy {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text.as_ref().ok() == other.text.as_ref().ok()
    }
}

/// Why it is not known what a policy says.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum UnknownPolicy {
    /// IAM did not give it.
    #[error("the policy {arn} cannot be read: {}", source.brief())]
    Unread {
        /// The managed policy.
        arn: String,
        /// Why.
        source: Arc<FederationError>,
    },
    /// It was not read.
    #[error("{arn} was not read")]
    NotAskedFor {
        /// The managed policy.
        arn: String,
    },
    /// What is there is not a policy.
    #[error("{name}: it is not a valid identity-based policy")]
    Invalid {
        /// The policy.
        name: String,
        /// What is wrong with it.
        source: Arc<Invalid>,
    },
    /// In the older version of the language `${…}` is plain text, in the newer one a variable.
    #[error("{name}: its Version is older than 2012-10-17, and it has a `$`")]
    OlderVersion {
        /// The policy.
        name: String,
    },
}

/// Statements of one effect or the other.
#[derive(Debug, Clone, Default)]
struct Statements {
    allow: Vec<Statement>,
    deny: Vec<Statement>,
    /// Why some of them are not known.
    unknown: Option<UnknownPolicy>,
}

/// What the policies allow after a change that they did not before. `kept` are on the role before
/// and after, `removed` before, `added` after.
pub(crate) async fn permission_gain(
    kept: &[RolePolicy],
    removed: &[RolePolicy],
    added: &[RolePolicy],
) -> Gain {
    let (kept, removed, added) = (read(kept), read(removed), read(added));
    // What only denies takes nothing away when it comes, and what only allows gives nothing when it
    // goes: most changes are such, and need no comparison.
    let by_added = async {
        if let Some(why) = &added.unknown {
            return Gain::Unknown(why.clone().into());
        }
        if added.allow.is_empty() {
            return Gain::Nothing;
        }
        let before = [&kept.allow, &removed.allow, &kept.deny, &removed.deny];
        let after = [&added.allow, &kept.deny, &added.deny];
        compare(&before, &after).await
    };
    let by_removed = async {
        if let Some(why) = &removed.unknown {
            return Gain::Unknown(why.clone().into());
        }
        if removed.deny.is_empty() {
            return Gain::Nothing;
        }
        if let Some(why) = kept.unknown.as_ref().or(added.unknown.as_ref()) {
            return Gain::Unknown(why.clone().into());
        }
        let allow = kept.allow.iter().chain(&added.allow);
        let allow: Vec<Statement> =
            allow.filter_map(|statement| within_services_of(statement, &removed.deny)).collect();
        if allow.is_empty() {
            return Gain::Nothing;
        }
        let before = [&allow, &kept.deny, &added.deny, &removed.deny];
        let after = [&allow, &kept.deny, &added.deny];
        compare(&before, &after).await
    };
    let (by_added, by_removed) = (by_added.await, by_removed.await);
    worst([by_added, by_removed])
}

/// What some policies allow and a boundary does not.
pub(crate) async fn gain_beyond_boundary(boundary: &RolePolicy, policies: &[RolePolicy]) -> Gain {
    let (boundary, policies) = (read(std::slice::from_ref(boundary)), read(policies));
    if let Some(why) = boundary.unknown.as_ref() {
        return Gain::Unknown(why.clone().into());
    }
    let found =
        compare(&[&boundary.allow, &boundary.deny], &[&policies.allow, &policies.deny]).await;
    match (found, policies.unknown) {
        (Gain::Nothing, Some(why)) => Gain::Unknown(why.into()),
        (found, _) => found,
    }
}

async fn compare(before: &[&Vec<Statement>], after: &[&Vec<Statement>]) -> Gain {
    let one_policy = |lists: &[&Vec<Statement>]| {
        Policy::of_statements(lists.iter().copied().flatten(), Kind::Identity)
    };
    match (one_policy(before), one_policy(after)) {
        (Ok(before), Ok(after)) => gain(before, after).await,
        (Err(why), _) | (_, Err(why)) => Gain::Unknown(Undecided::NoPolicy(Arc::new(why))),
    }
}

fn read(documents: &[RolePolicy]) -> Statements {
    let mut all = Statements::default();
    for document in documents {
        match policy(document) {
            Ok(policy) => {
                for statement in policy.statements().iter().cloned() {
                    match statement.effect {
                        Effect::Allow => all.allow.push(statement),
                        Effect::Deny => all.deny.push(statement),
                    }
                }
            }
            Err(why) => all.unknown = all.unknown.take().or(Some(why)),
        }
    }
    all
}

fn policy(document: &RolePolicy) -> Result<Policy, UnknownPolicy> {
    let text = document.text.as_ref().map_err(Clone::clone)?;
    let name = || document.name.clone();
    let policy = Policy::parse(text, Kind::Identity)
        .map_err(|source| UnknownPolicy::Invalid { name: name(), source: Arc::new(source) })?;
    if !policy.has_variables() && text.contains('$') {
        return Err(UnknownPolicy::OlderVersion { name: name() });
    }
    Ok(policy)
}

/// An Allow with those of its actions that a Deny could take in; nothing where there are none. AWS's
/// own policies list thousands of actions, and a Deny is about a few services.
fn within_services_of(allow: &Statement, denies: &[Statement]) -> Option<Statement> {
    if allow.actions.negated || denies.iter().any(|deny| deny.actions.negated) {
        return Some(allow.clone());
    }
    let denied: Vec<Option<String>> =
        denies.iter().flat_map(|deny| &deny.actions.list).map(|text| service(&text.text)).collect();
    let may_be_denied = |action: &str| {
        let service = service(action);
        denied.iter().any(|other| service.is_none() || other.is_none() || service == *other)
    };
    let actions = allow.actions.list.iter().filter(|action| may_be_denied(&action.text));
    let list: Vec<_> = actions.cloned().collect();
    let narrowed =
        || Statement { actions: Patterns { negated: false, list: list.clone() }, ..allow.clone() };
    (!list.is_empty()).then(narrowed)
}

/// The service of an action; none where it is a pattern.
fn service(action: &str) -> Option<String> {
    let (service, _) = action.split_once(':')?;
    (!service.contains(['*', '?'])).then(|| service.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> RolePolicy {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        RolePolicy { name: "p".to_owned(), text: Ok(text) }
    }

    fn statement(effect: &str, action: &str) -> String {
        format!(r#"{{"Sid": "S", "Effect": "{effect}", "Action": {action}, "Resource": "*"}}"#)
    }

    fn allow(action: &str) -> RolePolicy {
        document(&statement("Allow", action))
    }

    fn deny(action: &str) -> RolePolicy {
        document(&statement("Deny", action))
    }

    /// `wider`, `no wider` or `unknown`.
    async fn word(
        kept: &[RolePolicy],
        removed: &[RolePolicy],
        added: &[RolePolicy],
    ) -> &'static str {
        match permission_gain(kept, removed, added).await {
            Gain::Nothing => "no wider",
            Gain::Something(_) => "wider",
            Gain::Unknown(_) => "unknown",
        }
    }

    #[tokio::test]
    async fn a_change_of_policies_is_wider_when_it_allows_more() {
        let why = UnknownPolicy::NotAskedFor { arn: "arn:aws:iam::aws:policy/Q".to_owned() };
        let unread = RolePolicy { name: "q".to_owned(), text: Err(why) };
        let old = RolePolicy {
            name: "old".to_owned(),
            text: Ok(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}"#.to_owned()),
        };
        let s3 = || allow(r#""s3:Get*""#);
        let cases = [
            ("an Allow comes", vec![], vec![], vec![s3()], "wider"),
            (
                "an Allow comes that is there",
                vec![allow(r#""s3:*""#)],
                vec![],
                vec![s3()],
                "no wider",
            ),
            (
                "an Allow comes and is denied",
                vec![deny(r#""s3:*""#)],
                vec![],
                vec![s3()],
                "no wider",
            ),
            ("an Allow goes", vec![], vec![s3()], vec![], "no wider"),
            ("a Deny comes", vec![s3()], vec![], vec![deny(r#""s3:*""#)], "no wider"),
            (
                "a Deny goes",
                vec![s3()],
                vec![deny(r#"["ec2:*", "S3:GetObject"]"#)],
                vec![],
                "wider",
            ),
            (
                "a Deny of nothing that is allowed goes",
                vec![s3()],
                vec![deny(r#""ec2:*""#)],
                vec![],
                "no wider",
            ),
            (
                "one of two same Denies goes",
                vec![s3(), deny(r#""s3:*""#)],
                vec![deny(r#""s3:GetObject""#)],
                vec![],
                "no wider",
            ),
            (
                "a Deny by a pattern of services goes",
                vec![s3()],
                vec![deny(r#""*""#)],
                vec![],
                "wider",
            ),
            ("a policy is renamed", vec![], vec![s3()], vec![s3()], "no wider"),
            (
                "a policy is replaced by a wider one",
                vec![],
                vec![s3()],
                vec![allow(r#"["s3:Get*", "s3:PutObject"]"#)],
                "wider",
            ),
            (
                "a policy loses its Deny",
                vec![],
                vec![document(
                    &[statement("Allow", r#""s3:*""#), statement("Deny", r#""s3:Put*""#)].join(","),
                )],
                vec![allow(r#""s3:*""#)],
                "wider",
            ),
            ("what comes cannot be read", vec![s3()], vec![], vec![unread.clone()], "unknown"),
            ("what goes cannot be read", vec![s3()], vec![unread.clone()], vec![], "unknown"),
            (
                "a Deny goes beside what cannot be read",
                vec![unread.clone()],
                vec![deny(r#""s3:*""#)],
                vec![],
                "unknown",
            ),
            (
                "an Allow comes beside what cannot be read",
                vec![unread],
                vec![],
                vec![s3()],
                "wider",
            ),
            ("the older language's dollars", vec![], vec![], vec![old], "unknown"),
        ];
        for (name, kept, removed, added, expected) in cases {
            assert_eq!(word(&kept, &removed, &added).await, expected, "{name}");
        }
    }
}
