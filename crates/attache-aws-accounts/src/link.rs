//! The links of the chain from a workload's token to the resources that its session may read.
//!
//! `verify`, the mediator and its page name the links, and how far each holds, with these words
//! alone. What is checked at a link is theirs to know.

use std::fmt;

use serde::Serialize;

/// A link of the chain, in the order in which a credential passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The workload's projected token.
    Token,
    /// What the mediator is configured with: the Helm values and the Secret.
    Values,
    /// The EKS Pod Identity association of the workload, and what its cluster needs for it.
    Association,
    /// The OIDC provider in the role's account, which accepts the token.
    Provider,
    /// The role: its trust policy and its permissions.
    Role,
    /// The session that STS gives for the token.
    Session,
    /// The identity of the session, as `GetCallerIdentity` names it.
    Identity,
    /// The resources that the session may read.
    Resources,
}

impl Link {
    /// Its stable code, as JSON has it: `provider`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Values => "values",
            Self::Association => "association",
            Self::Provider => "provider",
            Self::Role => "role",
            Self::Session => "session",
            Self::Identity => "identity",
            Self::Resources => "resources",
        }
    }

    /// Its name for a person: `OIDC provider`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Values => "values and Secret",
            Self::Association => "Pod Identity association",
            Self::Provider => "OIDC provider",
            Self::Role => "role and trust policy",
            Self::Session => "role session",
            Self::Identity => "identity",
            Self::Resources => "resources",
        }
    }
}

impl fmt::Display for Link {
    /// Writes the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// How far a link holds, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkStatus {
    /// It was checked and holds.
    Ok,
    /// It was not checked. The detail beside it says why.
    Unknown,
    /// It holds, but is not as it should be.
    Warn,
    /// It does not hold.
    Fail,
}

impl LinkStatus {
    /// Its stable code: `ok`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for LinkStatus {
    /// Writes the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKS: [Link; 8] = [
        Link::Token,
        Link::Values,
        Link::Association,
        Link::Provider,
        Link::Role,
        Link::Session,
        Link::Identity,
        Link::Resources,
    ];

    #[test]
    fn json_and_text_have_the_same_code() {
        for link in LINKS {
            assert_eq!(serde_json::to_value(link).unwrap(), link.code());
            assert_eq!(link.to_string(), link.code());
        }
        for status in [LinkStatus::Ok, LinkStatus::Unknown, LinkStatus::Warn, LinkStatus::Fail] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.code());
        }
    }

    #[test]
    fn the_links_are_in_the_order_in_which_a_credential_passes_them() {
        assert!(LINKS.is_sorted());
    }

    #[test]
    fn what_was_not_checked_is_worse_than_what_holds_and_better_than_what_does_not() {
        let worst = |statuses: &[LinkStatus]| statuses.iter().max().copied();
        assert_eq!(worst(&[LinkStatus::Ok, LinkStatus::Unknown]), Some(LinkStatus::Unknown));
        assert_eq!(worst(&[LinkStatus::Unknown, LinkStatus::Fail]), Some(LinkStatus::Fail));
    }
}
