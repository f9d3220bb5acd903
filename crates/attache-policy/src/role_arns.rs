//! Which ARNs a session's role may have: a session's own ARN has the role's name without its path, and
//! policies may tell paths apart.

use std::collections::BTreeSet;

use crate::pattern::Pattern;
use crate::pattern_search;
use crate::{Context, Policy};

/// The most patterns of `aws:PrincipalArn` that are tried together. Ours.
const MOST_PATTERNS: usize = 12;

/// The ARNs that the role of a session may have, as far as policies tell them apart. No two roles of
/// an account have the same name, whatever their paths: each of these would be the very role.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleArns {
    /// Those that a `Principal` or `NotPrincipal` has. AWS keeps a policy only if the role is there.
    pub named: BTreeSet<String>,
    /// Those that a condition on `aws:PrincipalArn` has in full. AWS keeps what is not there as well.
    pub compared: BTreeSet<String>,
    /// One for each way in which patterns of `aws:PrincipalArn` take the role in or do not.
    pub possible: BTreeSet<String>,
}

impl RoleArns {
    /// Looks through policies for the role of this session, `arn:aws:sts::…:assumed-role/NAME/SESSION`.
    /// `known` fills in the policies' variables.
    #[must_use]
    pub fn of<'p>(
        policies: impl IntoIterator<Item = &'p Policy>,
        session_arn: &str,
        known: &Context,
    ) -> Self {
        let mut found = Self::default();
        let Some(role) = role_of_session(session_arn) else { return found };
        let is_it = |arn: &&str| role_of(arn).as_deref() == Some(&*role);
        let mut patterns: Vec<Pattern> = Vec::new();
        for policy in policies {
            found.named.extend(policy.aws_principals().filter(is_it).map(str::to_owned));
            for condition in policy.conditions_on("aws:principalarn") {
                for text in condition.values.iter().map(|value| value.text.as_str()) {
                    if is_it(&text) && !text.contains(['*', '?', '$']) {
                        found.compared.insert(text.to_owned());
                    } else {
                        let variables = policy.has_variables();
                        patterns.extend(Pattern::read(
                            text,
                            condition.operator.test.wildcards(),
                            variables,
                            known,
                        ));
                    }
                }
            }
        }
        patterns.truncate(MOST_PATTERNS);
        found.possible = witnesses(&role, &patterns);
        found
    }
}

/// The role's ARN without its path; nothing for another principal.
fn role_of_session(session_arn: &str) -> Option<String> {
    let (head, rest) = session_arn.split_once(":assumed-role/")?;
    let (name, _) = rest.split_once('/')?;
    Some(format!("{}:role/{name}", head.replacen(":sts:", ":iam:", 1)))
}

/// The same of a role's own ARN.
fn role_of(role_arn: &str) -> Option<String> {
    let (head, path) = role_arn.split_once(":role/")?;
    let name = path.rsplit('/').next()?;
    Some(format!("{head}:role/{name}"))
}

/// ARNs of the role that patterns, and pairs of them, take in and leave out.
fn witnesses(role: &str, patterns: &[Pattern]) -> BTreeSet<String> {
    let Some((head, name)) = role.split_once(":role/") else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for shape in [Pattern::new(role), Pattern::new(&format!("{head}:role/?*/{name}"))] {
        let mut add = |all: &[&Pattern], none: &[&Pattern]| {
            let all: Vec<Pattern> = all.iter().copied().chain([&shape]).cloned().collect();
            let none: Vec<Pattern> = none.iter().copied().cloned().collect();
            // A search that was given up has no witness: the others are still tried.
            found.extend(pattern_search::find(&all, &none).ok().flatten());
        };
        add(&[], &patterns.iter().collect::<Vec<_>>());
        for (at, one) in patterns.iter().enumerate() {
            add(&[one], &[]);
            add(&[], &[one]);
            for other in patterns.iter().skip(at + 1) {
                add(&[one, other], &[]);
                add(&[one], &[other]);
                add(&[other], &[one]);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RoleArns;
    use crate::{Context, Kind, Policy};

    const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/Deployer/me";

    fn of(statement: &str, kind: Kind) -> RoleArns {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        let policy = Policy::parse(&text, kind).unwrap();
        RoleArns::of([&policy], SESSION, &Context::new())
    }

    #[test]
    fn a_principal_names_a_sessions_role_whatever_its_path() {
        let principal = |arn: &str| {
            let statement = format!(
                r#"{{"Effect": "Deny", "Principal": {{"AWS": "{arn}"}}, "Action": "*", "Resource": "*"}}"#
            );
            of(&statement, Kind::Resource).named.into_iter().collect::<Vec<_>>()
        };
        for own in ["Deployer", "team/Deployer", "team/x/Deployer"] {
            let arn = format!("arn:aws:iam::111111111111:role/{own}");
            assert_eq!(principal(&arn), [&*arn]);
        }
        for other in [
            "arn:aws:iam::222222222222:role/team/Deployer",
            "arn:aws-cn:iam::111111111111:role/team/Deployer",
            "arn:aws:iam::111111111111:role/Deployer/Other",
            "arn:aws:iam::111111111111:user/team/Deployer",
            "arn:aws:iam::111111111111:role/deployer",
            "111111111111",
        ] {
            assert!(principal(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn patterns_of_a_path_are_tried_inside_and_outside() {
        let condition = |operator: &str, value: &str| {
            let statement = format!(
                r#"{{"Effect": "Deny", "Action": "*", "Resource": "*",
                    "Condition": {{"{operator}": {{"aws:PrincipalArn": "{value}"}}}}}}"#
            );
            of(&statement, Kind::Identity)
        };
        for pattern in ["arn:aws:iam::*:role/team/*", "*/team/*", "arn:*:iam::*:role/t?am/*"] {
            let possible = condition("ArnLike", pattern).possible;
            let inside = |arn: &&String| arn.contains(":role/t") && arn.contains("am/");
            assert!(possible.iter().any(|arn| inside(&arn)), "{pattern}: {possible:?}");
            assert!(possible.iter().any(|arn| !inside(&arn)), "{pattern}: {possible:?}");
        }
        let own = "arn:aws:iam::111111111111:role/team/Deployer";
        for operator in ["ArnEquals", "ArnNotLike", "StringEquals", "ForAnyValue:StringLike"] {
            assert!(condition(operator, own).compared.contains(own), "{operator}");
        }
    }
}
