//! What a plan is made of.

use std::fmt::{self, Display, Formatter};

use attache_aws_accounts::AccountError;
use attache_identifiers::{AccountId, Region, RoleName};
use serde::Serialize;

use crate::apply::Operation;
use crate::error::FederationError;

/// What is to be done, account by account, in the order in which it is done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The federation's name.
    pub federation: String,
    /// The accounts, in order.
    pub accounts: Vec<AccountPlan>,
    /// The accounts that could not be read: nothing is planned in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadAccount>,
    /// What could not be searched for what is the federation's, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// An account that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadAccount {
    /// The account.
    pub account: AccountId,
    /// Why.
    pub error: String,
    /// Whether AWS or the network failed, and not a file or an option.
    #[serde(skip)]
    pub is_remote: bool,
    /// Whether its credentials are those of another account: then nothing is changed anywhere.
    #[serde(skip)]
    pub is_other_account: bool,
}

impl UnreadAccount {
    pub(crate) fn new(account: AccountId, error: &FederationError) -> Self {
        let (is_remote, is_other_account) = match error {
            FederationError::Account(own) => {
                (own.is_remote(), matches!(own, AccountError::WrongAccount { .. }))
            }
            _ => (true, false),
        };
        let throttled = error.throttled();
        let why = if throttled { "not read, for AWS throttles the calls: " } else { "" };
        Self { account, error: format!("{why}{error}"), is_remote, is_other_account }
    }

    /// The same, where it may be the region that is wrong.
    pub(crate) fn in_region(self, region: Option<&Region>) -> Self {
        match region.and_then(super::unknown_region) {
            Some(why) => Self { error: format!("{why} {}", self.error), is_remote: false, ..self },
            None => self,
        }
    }

    /// An account of the organization that may not be used.
    pub(crate) fn inactive(account: AccountId, state: &str) -> Self {
        let error = format!(
            "the State of the account {account} is {state} in the organization: AWS refuses calls there; \
             take it out of the file, or have it reinstated"
        );
        Self { account, error, is_remote: false, is_other_account: false }
    }
}

impl Display for UnreadAccount {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.account, self.error)
    }
}

/// One account's part of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountPlan {
    /// The account.
    pub account: AccountId,
    /// Whether the file does not name it, and what is the federation's there goes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// One entry for each resource, in dependency order.
    pub changes: Vec<Change>,
}

impl AccountPlan {
    fn deletions(&self) -> impl Iterator<Item = String> {
        let deleted = self.changes.iter().filter(|change| {
            matches!(change.action, Action::Delete | Action::Release)
                && matches!(change.resource.kind, Kind::Role | Kind::Provider | Kind::Association)
        });
        let account = self.account;
        deleted.map(move |change| {
            let Resource { kind, name, .. } = &change.resource;
            let why = change.note.iter().map(|note| format!(" ({note})")).collect::<String>();
            let verb = if change.action == Action::Delete { "delete" } else { "release" };
            format!("in {account}, {verb} the {kind} {name}{why}")
        })
    }
}

/// What is to happen to one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The resource.
    #[serde(flatten)]
    pub resource: Resource,
    /// What is to happen to it.
    pub action: Action,
    /// What differs, field by field. Empty for what is only attached, detached or deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Why nothing happens to it, or what else a reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What a reader must know before the plan is carried out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The calls to IAM, in order, each with its effect on access.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PlannedStep>,
    /// The same calls, as they are made.
    #[serde(skip)]
    pub(crate) operations: Vec<Operation>,
}

/// What a reader must know of a resource before the plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How severe it is.
    pub level: FindingLevel,
    /// What is found.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingLevel {
    /// Applying does not do what the plan is for: the exit code is 1.
    Error,
    /// It can be as it is.
    Warning,
}

/// One call to IAM, with its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedStep {
    /// What is done, as a verb phrase.
    pub what: String,
    /// Whether it widens something.
    pub class: StepClass,
    /// Why it is of this class, where that is not obvious.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is possible after it that was not before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<StepWitness>,
}

/// The effect of a step on access to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepClass {
    /// It makes something that the account does not have yet.
    Creates,
    /// No principal and no request is allowed that was not before.
    NoWider,
    /// Something that exists becomes wider.
    Widens,
    /// It is not known to be no wider.
    Unknown,
}

/// What a widening step makes possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum StepWitness {
    /// A request that is allowed then and was not before.
    Request(Box<attache_policy::Witness>),
    /// What else changes, in words.
    Words(String),
}

/// A thing in an account that a federation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// Its name: the issuer's host and path, the role's name, the policy's ARN or name, an association's cluster,
    /// namespace and service account.
    pub name: String,
    /// The role that a policy is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
}

/// The kinds of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An OIDC provider.
    Provider,
    /// A role with its trust policy.
    Role,
    /// An EKS Pod Identity association.
    Association,
    /// A managed policy on a role.
    ManagedPolicy,
    /// An inline policy of a role.
    InlinePolicy,
}

/// What can happen to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    Create,
    /// It exists, and is changed in place.
    Update,
    /// The policy is attached to the role.
    Attach,
    /// The policy is detached from the role.
    Detach,
    /// It is removed.
    Delete,
    /// What the federation put on it is taken off, and it stays: it was there before.
    Release,
    /// It is as it should be.
    Unchanged,
    /// It could be removed, and is kept because it is shared.
    Kept,
    /// It may not be changed: the plan cannot be applied.
    Blocked,
}

/// One field, now and then. Values are text as a person reads it: a word, or JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `max session`, `trust policy: Statement[0].Action`.
    pub field: String,
    /// The value now.
    pub before: Option<String>,
    /// The value to be.
    pub after: Option<String>,
}

/// How many resources are to be …
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// … made or attached.
    pub create: usize,
    /// … changed in place.
    pub update: usize,
    /// … removed or detached.
    pub delete: usize,
    /// … left as they are.
    pub unchanged: usize,
    /// … and how many may not be changed.
    pub blocked: usize,
}

impl Plan {
    /// Every change with its account.
    pub fn changes(&self) -> impl Iterator<Item = (AccountId, &Change)> {
        self.accounts.iter().flat_map(|plan| plan.changes.iter().map(|c| (plan.account, c)))
    }

    /// Every step that widens something that exists, or is not known not to, in words, with its
    /// account.
    #[must_use]
    pub fn widening(&self) -> Vec<String> {
        let steps = self
            .changes()
            .flat_map(|(account, change)| change.steps.iter().map(move |step| (account, step)));
        let widening = steps.filter(|(_, step)| step.needs_consent());
        widening.map(|(account, step)| format!("in {account}, {step}")).collect()
    }

    /// Every finding of severity error, in words, with its account.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let findings = self
            .changes()
            .flat_map(|(account, change)| change.findings.iter().map(move |one| (account, one)));
        let errors = findings.filter(|(_, one)| one.level == FindingLevel::Error);
        errors
            .map(|(account, one)| {
                let help = one.help.iter().map(|help| format!("\n  {help}")).collect::<String>();
                format!("in {account}, {}{help}", one.message)
            })
            .collect()
    }

    /// What is deleted of the federation, in words, with its account: access that ends.
    #[must_use]
    pub fn deletions(&self) -> Vec<String> {
        self.accounts.iter().flat_map(AccountPlan::deletions).collect()
    }

    /// Those of them in accounts that the file does not name.
    #[must_use]
    pub fn deletions_elsewhere(&self) -> Vec<String> {
        let elsewhere = self.accounts.iter().filter(|account| account.elsewhere);
        elsewhere.flat_map(AccountPlan::deletions).collect()
    }

    /// The changes counted.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for (_, change) in self.changes() {
            let count = match change.action {
                Action::Create | Action::Attach => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Delete | Action::Detach | Action::Release => &mut summary.delete,
                Action::Unchanged | Action::Kept => &mut summary.unchanged,
                Action::Blocked => &mut summary.blocked,
            };
            *count += 1;
        }
        summary
    }

    /// Whether there is nothing to do and nothing in the way, as far as the accounts could be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Summary { create, update, delete, blocked, unchanged: _ } = self.summary();
        create + update + delete + blocked == 0
    }
}

impl Change {
    pub(crate) fn new(kind: Kind, name: impl Into<String>, action: Action) -> Self {
        let resource = Resource { kind, name: name.into(), role: None };
        Self {
            resource,
            action,
            differences: Vec::new(),
            note: None,
            findings: Vec::new(),
            steps: Vec::new(),
            operations: Vec::new(),
        }
    }

    pub(crate) fn on(mut self, role: &RoleName) -> Self {
        self.resource.role = Some(role.clone());
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With a reason before what is noted already.
    pub(crate) fn because(self, why: &str) -> Self {
        let note = self.note.iter().fold(why.to_owned(), |why, note| format!("{why}; {note}"));
        self.note(note)
    }

    pub(crate) fn finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    pub(crate) fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == FindingLevel::Error)
    }

    pub(crate) fn differs(mut self, differences: Vec<Difference>) -> Self {
        self.differences = differences;
        self
    }

    /// With its calls, whose class is unknown until it is decided.
    pub(crate) fn does(mut self, operations: Vec<Operation>) -> Self {
        self.steps = operations.iter().map(PlannedStep::unclassified).collect();
        self.operations = operations;
        self
    }
}

impl Finding {
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self { level: FindingLevel::Error, message: message.into(), help: None }
    }

    pub(crate) fn warning(message: impl Into<String>) -> Self {
        Self { level: FindingLevel::Warning, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl PlannedStep {
    fn unclassified(operation: &Operation) -> Self {
        Self {
            what: operation.to_string(),
            class: StepClass::Unknown,
            reason: Some("it was not classified".to_owned()),
            witness: None,
        }
    }

    /// Whether it is carried out only with consent.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        matches!(self.class, StepClass::Widens | StepClass::Unknown)
    }
}

impl Difference {
    pub(crate) fn new(
        field: impl Into<String>,
        before: Option<String>,
        after: Option<String>,
    ) -> Self {
        Self { field: field.into(), before, after }
    }
}
