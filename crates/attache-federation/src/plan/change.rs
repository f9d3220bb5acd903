//! What a plan is made of.

use attache_identifiers::{AccountId, RoleName};
use serde::Serialize;

use crate::apply::Operation;

/// What is to be done, account by account, in the order in which it is done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The federation's name.
    pub federation: String,
    /// The accounts, in order.
    pub accounts: Vec<AccountPlan>,
}

/// One account's part of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountPlan {
    /// The account.
    pub account: AccountId,
    /// One entry for each resource, in dependency order.
    pub changes: Vec<Change>,
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
    /// The calls to IAM, in order, each with its effect on access.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PlannedStep>,
    /// The same calls, as they are made.
    #[serde(skip)]
    pub(crate) operations: Vec<Operation>,
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
    /// Its name: the issuer's host and path, the role's name, the policy's ARN or name.
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

    /// Whether there is nothing to do and nothing in the way.
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
