//! The principals of a graph: users, roles, service accounts, services, accounts.
//!
//! Knows: how one is named in a rule and shown to a person. Does not know: which roles it can assume.

use attache_identifiers::{AccountId, after_service_account_prefix};
use serde::Serialize;

/// A principal that may assume a role, or several that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum GraphPrincipal {
    /// The holder of an issuer's token.
    Subject {
        /// Host and path; a cluster's name where its issuer is not known.
        issuer: String,
        /// `system:serviceaccount:payments:api`, or a pattern of a trust policy.
        subject: String,
        /// Whether the subject is a pattern, and the subjects that match it are not known.
        pattern: bool,
        /// Whether it is among the known service accounts of this issuer; none where no service
        /// account is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        exists: Option<bool>,
    },
    /// A user of the snapshot.
    User {
        /// `arn:aws:iam::222222222222:user/ann`.
        arn: String,
    },
    /// A role of the snapshot: any session of it.
    Role {
        /// `arn:aws:iam::222222222222:role/Reader`.
        arn: String,
    },
    /// An AWS service.
    Service {
        /// `ec2.amazonaws.com`.
        name: String,
    },
    /// The principals that an account outside the snapshot delegates to.
    Account {
        /// Its number.
        id: AccountId,
    },
    /// The principals of an organization's accounts that the snapshot does not cover.
    Organization {
        /// `o-a1b2c3d4e5`.
        id: String,
    },
    /// A principal of an account that the snapshot does not cover.
    Outsider {
        /// As the policy has it; a unique id where a condition has that.
        arn: String,
    },
    /// The principals that a SAML provider authenticates.
    Saml {
        /// The provider.
        arn: String,
    },
    /// Anyone who has an AWS account.
    Anyone,
}

impl GraphPrincipal {
    /// What a rule's `from` is compared with: an ARN, `issuer/namespace/name`, `service:NAME`,
    /// `account:ID`, `organization:ID` or `anyone`.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Subject { issuer, subject, .. } => match service_account(subject) {
                Some((namespace, name)) => format!("{issuer}/{namespace}/{name}"),
                None => format!("{issuer}/{subject}"),
            },
            Self::User { arn }
            | Self::Role { arn }
            | Self::Outsider { arn }
            | Self::Saml { arn } => arn.clone(),
            Self::Service { name } => format!("service:{name}"),
            Self::Account { id } => format!("account:{id}"),
            Self::Organization { id } => format!("organization:{id}"),
            Self::Anyone => "anyone".to_owned(),
        }
    }

    /// The account that it belongs to, where it belongs to one.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { id } => Some(*id),
            Self::User { arn } | Self::Role { arn } | Self::Outsider { arn } => account_of(arn),
            _ => None,
        }
    }
}

/// The account of an ARN, which may have patterns in its other parts.
pub(crate) fn account_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4).and_then(|id| AccountId::parse(id).ok())
}

/// The namespace and the name of a service account's subject. A pattern may end in the namespace:
/// then its name is any.
pub(crate) fn service_account(subject: &str) -> Option<(&str, &str)> {
    let rest = after_service_account_prefix(subject)?;
    match rest.split_once(':') {
        Some(both) => Some(both),
        None if rest.ends_with('*') => Some((rest, "*")),
        None => None,
    }
}

impl std::fmt::Display for GraphPrincipal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Subject { issuer, subject, pattern, exists } => {
                match (pattern, service_account(subject)) {
                    (false, Some((namespace, name))) => write!(f, "{namespace}/{name}")?,
                    (false, None) => f.write_str(subject)?,
                    (true, parts) => f.write_str(&pattern_text(subject, parts))?,
                }
                // A cluster whose issuer is not known has no dot in its name.
                let scheme = if issuer.contains('.') { "https://" } else { "cluster " };
                write!(f, " ({scheme}{issuer})")?;
                if *exists == Some(false) { f.write_str(", which does not exist") } else { Ok(()) }
            }
            Self::User { arn } | Self::Role { arn } | Self::Outsider { arn } => f.write_str(arn),
            Self::Service { name } => write!(f, "the service {name}"),
            Self::Account { id } => write!(f, "principals that account {id} delegates to"),
            Self::Organization { id } => {
                write!(
                    f,
                    "principals of accounts of organization {id} that are not in the snapshot"
                )
            }
            Self::Saml { arn } => write!(f, "principals that {arn} authenticates"),
            Self::Anyone => f.write_str("anyone"),
        }
    }
}

fn pattern_text(subject: &str, parts: Option<(&str, &str)>) -> String {
    let is_pattern = attache_policy::Pattern::has_wildcards;
    let Some((namespace, name)) = parts else {
        return match subject {
            "*" => "any subject".to_owned(),
            _ => format!("any subject that matches {subject}"),
        };
    };
    let subject = match name {
        "*" => "any service account".to_owned(),
        _ if is_pattern(name) => format!("any service account that matches {name}"),
        _ => format!("a service account {name}"),
    };
    match namespace {
        "*" => format!("{subject} in any namespace"),
        _ if is_pattern(namespace) => format!("{subject} in a namespace that matches {namespace}"),
        _ => format!("{subject} in the namespace {namespace}"),
    }
}

#[cfg(test)]
mod tests {
    use super::GraphPrincipal;

    fn shown(subject: &str) -> String {
        let (issuer, subject) = ("oidc.example.com/id/X".to_owned(), subject.to_owned());
        let pattern = attache_policy::Pattern::has_wildcards(&subject);
        GraphPrincipal::Subject { issuer, subject, pattern, exists: None }.to_string()
    }

    #[test]
    fn patterns_read_as_sentences() {
        for (subject, wanted) in [
            ("system:serviceaccount:payments:api", "payments/api"),
            (
                "system:serviceaccount:ns-*:*",
                "any service account in a namespace that matches ns-*",
            ),
            ("system:serviceaccount:ns-*", "any service account in a namespace that matches ns-*"),
            (
                "system:serviceaccount:pay:a?i",
                "any service account that matches a?i in the namespace pay",
            ),
            ("system:serviceaccount:*:api", "a service account api in any namespace"),
            ("*", "any subject"),
            ("repo:org/*", "any subject that matches repo:org/*"),
        ] {
            assert_eq!(shown(subject), format!("{wanted} (https://oidc.example.com/id/X)"));
        }
    }
}
