//! A check of one link of the chain.

use attache_aws_accounts::{Link, LinkStatus};
use attache_identifiers::AccountId;
use serde::{Serialize, Serializer};

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
    #[serde(serialize_with = "serialize_reported")]
    pub status: LinkStatus,
    /// What was found.
    pub detail: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Check {
    /// The status as `verify` reports it, with three words: what was not checked is a `warn`, whose
    /// detail says why.
    #[must_use]
    pub fn reported(&self) -> LinkStatus {
        reported(self.status)
    }
}

fn reported(status: LinkStatus) -> LinkStatus {
    match status {
        LinkStatus::Unknown => LinkStatus::Warn,
        other => other,
    }
}

// serde passes a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn serialize_reported<S: Serializer>(status: &LinkStatus, to: S) -> Result<S::Ok, S::Error> {
    reported(*status).serialize(to)
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
        self.add(name, LinkStatus::Ok, detail.into(), None);
    }

    pub(super) fn warn(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(name, LinkStatus::Warn, detail.into(), Some(remedy.into()));
    }

    pub(super) fn fail(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(name, LinkStatus::Fail, detail.into(), Some(remedy.into()));
    }

    pub(super) fn not_checked(&mut self, name: &'static str, because: impl std::fmt::Display) {
        self.add(name, LinkStatus::Unknown, format!("not checked, because {because}"), None);
    }

    fn add(
        &mut self,
        name: &'static str,
        status: LinkStatus,
        detail: String,
        remedy: Option<String>,
    ) {
        // An empty remedy is an unknown one.
        let remedy = remedy.filter(|text| !text.is_empty());
        let (link, account) = (self.link, self.account);
        self.list.push(Check { link, account, name, status, detail, remedy });
    }

    pub(super) fn into_list(self) -> Vec<Check> {
        self.list
    }
}
