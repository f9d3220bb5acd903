//! A check of one link of the chain.

use attache_identifiers::AccountId;
use serde::Serialize;

/// What was checked, the result, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The link of the chain.
    pub link: Link,
    /// The account; none for the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What was checked, in two or three words.
    pub name: &'static str,
    /// The result.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// The links of the chain, in the order in which a credential passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The workload's token.
    Token,
    /// The mediator's configuration: the Helm values and the Secret.
    Values,
    /// The OIDC provider in the role's account.
    Provider,
    /// The role, its trust policy and its policies.
    Role,
    /// The session that the token buys.
    Session,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Ok,
    /// It holds but is not as it should be, or could not be checked.
    Warn,
    /// It does not hold.
    Fail,
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Token => "token",
            Self::Values => "values",
            Self::Provider => "provider",
            Self::Role => "role",
            Self::Session => "session",
        })
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

/// How drift from a federation's file is fixed.
pub(super) const REMEDY: &str = "`attache plan` shows the difference, `attache apply` fixes it";

/// Checks of one link in one account, as they are made.
#[derive(Debug)]
pub(super) struct Checks {
    link: Link,
    account: Option<AccountId>,
    list: Vec<Check>,
}

impl Checks {
    pub(super) fn new(link: Link, account: Option<AccountId>) -> Self {
        Self { link, account, list: Vec::new() }
    }

    pub(super) fn ok(&mut self, name: &'static str, detail: impl Into<String>) {
        self.add(name, Status::Ok, detail.into(), None);
    }

    pub(super) fn warn(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(name, Status::Warn, detail.into(), Some(remedy.into()));
    }

    pub(super) fn fail(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(name, Status::Fail, detail.into(), Some(remedy.into()));
    }

    pub(super) fn not_checked(&mut self, name: &'static str, because: impl std::fmt::Display) {
        self.add(name, Status::Warn, format!("not checked, because {because}"), None);
    }

    fn add(&mut self, name: &'static str, status: Status, detail: String, remedy: Option<String>) {
        // An empty remedy is an unknown one.
        let remedy = remedy.filter(|text| !text.is_empty());
        let (link, account) = (self.link, self.account);
        self.list.push(Check { link, account, name, status, detail, remedy });
    }

    pub(super) fn into_list(self) -> Vec<Check> {
        self.list
    }
}
