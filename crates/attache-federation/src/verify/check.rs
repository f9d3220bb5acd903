//! A check of one link of the chain.

use attache_aws_accounts::{Link, LinkStatus};
use attache_identifiers::AccountId;
use serde::Serialize;

use super::fix::{CommandLine, Fix};

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
    pub status: LinkStatus,
    /// What was found.
    pub detail: String,
    /// What stands there beside the file, and the file accepts (`keep:`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// How to fix it: a sentence, then the commands, each on its line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The commands of the remedy, complete as they stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// The remedy before it is known whether `apply` may be offered.
    #[serde(skip)]
    fix: Fix,
}

/// What `attache apply` would do besides mending a check.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ApplyEffect {
    /// Whether it is known, and takes nothing away that narrows access.
    pub(super) is_harmless: bool,
    /// Whether a role exists without the federation's tag.
    pub(super) adopts: bool,
    /// Whether a step widens something that exists. That is asked about with a witness, and no command
    /// to paste answers it: the one that does what the check says is printed instead.
    pub(super) widens: bool,
}

impl Check {
    /// A check that a caller made itself, of what is beside AWS: the cluster.
    #[must_use]
    pub fn new(
        link: Link,
        name: &'static str,
        status: LinkStatus,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            link,
            account: None,
            name,
            status,
            detail: detail.into(),
            kept: Vec::new(),
            remedy: None,
            commands: Vec::new(),
            fix: Fix::default(),
        }
    }

    /// Of one account.
    #[must_use]
    pub fn of_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// With how to mend it: a sentence, which can be empty, then commands.
    #[must_use]
    pub fn with_fix(mut self, sentence: impl Into<String>, commands: Vec<String>) -> Self {
        self.fix = Fix { commands: commands.clone(), ..Fix::from(sentence.into()) };
        (self.remedy, self.commands) = (self.fix.text(), commands);
        self
    }

    /// Chooses the remedy's commands: `apply`, where it does what is missing and no harm.
    pub(super) fn resolve(&mut self, effect: ApplyEffect, line: &CommandLine) {
        if self.fix.by_apply
            && effect.is_harmless
            && !effect.widens
            && let Some(apply) = line.apply(effect.adopts)
        {
            self.fix.commands = vec![apply];
        }
        self.remedy = self.fix.text();
        self.commands.clone_from(&self.fix.commands);
    }
}

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
        self.add(name, LinkStatus::Ok, detail.into(), Fix::default());
    }

    /// It holds with what the file accepts.
    pub(super) fn ok_with(&mut self, name: &'static str, detail: String, kept: Vec<String>) {
        self.ok(name, detail);
        if let Some(check) = self.list.last_mut() {
            check.kept = kept;
        }
    }

    pub(super) fn warn(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        fix: impl Into<Fix>,
    ) {
        self.add(name, LinkStatus::Warn, detail.into(), fix.into());
    }

    pub(super) fn fail(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        fix: impl Into<Fix>,
    ) {
        self.add(name, LinkStatus::Fail, detail.into(), fix.into());
    }

    pub(super) fn not_checked(&mut self, name: &'static str, because: impl std::fmt::Display) {
        self.unknown(name, format!("not checked, because {because}"), Fix::default());
    }

    pub(super) fn unknown(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        fix: impl Into<Fix>,
    ) {
        self.add(name, LinkStatus::Unknown, detail.into(), fix.into());
    }

    pub(super) fn add(&mut self, name: &'static str, status: LinkStatus, detail: String, fix: Fix) {
        let (link, account) = (self.link, self.account);
        let (remedy, commands) = (fix.text(), fix.commands.clone());
        let kept = Vec::new();
        self.list.push(Check { link, account, name, status, detail, kept, remedy, commands, fix });
    }

    pub(super) fn into_list(self) -> Vec<Check> {
        self.list
    }
}
