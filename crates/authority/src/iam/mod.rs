//! IAM: the operations on providers, roles and policies.
//!
//! Knows: what each operation takes, answers and refuses. An operation is a pure function: the
//! state and an input in, an answer and perhaps a change out.
//!
//! Does not know: who calls and whether they may (that was decided before), and how a change is
//! kept (that comes after).

mod attachments;
mod boundaries;
mod documents;
mod limits;
mod members;
mod page;
mod policies;
mod providers;
mod role_policies;
mod roles;
mod show;
mod tagging;
mod update_role;
mod versions;

use names::AccountId;
use serde_json::Value;
use time::OffsetDateTime;
use wire::ServiceError;

use crate::change::Change;
use crate::shape::{Input, Member};
use crate::state::{Account, State};

/// The namespace of IAM's answers.
pub(crate) const XMLNS: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) state: &'s State,
    pub(crate) account: &'s Account,
    pub(crate) input: Input<'s>,
    pub(crate) now: OffsetDateTime,
}

/// What an operation answers, and what it changes.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: Value,
    pub(crate) change: Option<Change>,
}

impl Done {
    fn told(result: Value) -> Self {
        Self { result, change: None }
    }

    fn changed(change: Change) -> Self {
        Self { result: Value::Null, change: Some(change) }
    }
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
    pub(crate) resource: Resource,
    /// Whether it may change the state, and so needs it alone.
    pub(crate) changes: bool,
    pub(crate) run: fn(&Call<'_>) -> Result<Done, ServiceError>,
}

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Nothing in particular.
    Any,
    /// The role of the member `RoleName`.
    Role,
    /// The provider that the member `Url` would have.
    NewProvider,
    /// The ARN in the member `OpenIDConnectProviderArn`.
    Provider,
    /// The policy that the members `PolicyName` and `Path` would make.
    NewPolicy,
    /// The ARN in the member `PolicyArn`.
    Policy,
}

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        providers::OPERATIONS,
        roles::OPERATIONS,
        update_role::OPERATIONS,
        role_policies::OPERATIONS,
        policies::OPERATIONS,
        versions::OPERATIONS,
        attachments::OPERATIONS,
        boundaries::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

impl Resource {
    /// The ARN that a call's permission is about.
    pub(crate) fn arn(self, account: &Account, input: Input<'_>) -> String {
        let id: AccountId = account.id;
        match self {
            Self::Any => "*".to_owned(),
            Self::Role => {
                let name = input.text("RoleName");
                match account.roles.get(name) {
                    Some(role) => role.arn.clone(),
                    None => {
                        let path = input.optional("Path").unwrap_or("/");
                        format!("arn:aws:iam::{id}:role{path}{name}")
                    }
                }
            }
            Self::NewProvider => {
                let url = input.text("Url");
                let tail = url.strip_prefix("https://").unwrap_or(url);
                format!("arn:aws:iam::{id}:oidc-provider/{tail}")
            }
            Self::Provider => input.text("OpenIDConnectProviderArn").to_owned(),
            Self::NewPolicy => {
                let path = input.optional("Path").unwrap_or("/");
                format!("arn:aws:iam::{id}:policy{path}{}", input.text("PolicyName"))
            }
            Self::Policy => input.text("PolicyArn").to_owned(),
        }
    }
}
