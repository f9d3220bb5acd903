//! Organizations: the tree of accounts and what is attached to it.
//!
//! Knows: what each operation takes, answers and refuses, and whether it is for the management
//! account alone. As in IAM an operation is a pure function: the state and an input in, an answer
//! and perhaps a change out.
//!
//! Does not know: what an attached policy does (that is `access::authorize`).
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

mod accounts;
mod attachments;
mod create_account;
mod delegation;
mod limits;
mod members;
mod organization;
mod page;
mod policies;
mod refusal;
mod show;
mod tagging;
mod tree;
mod units;

use attache_aws_protocol::serve::Permission;
use attache_identifiers::AccountId;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::shape::{self, Input, Member};
use attache_ledger::change::Change;
use attache_ledger::change::OrganizationChange;
use attache_ledger::state::{Organization, Place, State};

pub(crate) use refusal::Refused;

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) state: &'s State,
    pub(crate) caller: AccountId,
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

    /// A change that is answered by nothing but that it was made.
    fn changed(change: OrganizationChange) -> Self {
        Self::both(json!({}), change)
    }

    fn both(result: Value, change: OrganizationChange) -> Self {
        Self { result, change: Some(Change::Organization(change)) }
    }
}

/// Who may call an operation, if its policies allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Any account, in an organisation or not.
    Anybody,
    /// Any member.
    Member,
    /// The management account and delegated administrators.
    Delegate,
    /// The management account.
    Management,
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    members: &'static [Member],
    /// The members that name what the permission is about.
    about: &'static [&'static str],
    who: Who,
    /// Whether it may change the state, and so needs it alone.
    pub(crate) changes: bool,
    run: fn(&Call<'_>) -> Result<Done, Refused>,
}

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        organization::OPERATIONS,
        units::OPERATIONS,
        accounts::OPERATIONS,
        create_account::OPERATIONS,
        tree::OPERATIONS,
        policies::OPERATIONS,
        attachments::OPERATIONS,
        delegation::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

impl Operation {
    /// Refuses an input that the model does not allow.
    pub(crate) fn check(&self, input: &Value) -> Result<(), Refused> {
        shape::check(self.members, input).map_err(|broken| refusal::broken(&broken.message))
    }

    /// What a caller must be allowed, about `*` where it is about nothing in particular.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html>
    pub(crate) fn permissions(&self, call: &Call<'_>) -> Vec<Permission> {
        let permission =
            |name: &str, resource| Permission { action: format!("organizations:{name}"), resource };
        let named = self.about.iter().filter_map(|member| call.input.optional(member));
        let arns = named.filter_map(|id| call.arn(id));
        let mut all: Vec<Permission> = arns.map(|arn| permission(self.name, arn)).collect();
        if all.is_empty() {
            all.push(permission(self.name, "*".to_owned()));
        }
        // Who may make something and not tag may make it without tags alone. It has no ARN yet.
        if self.name != "TagResource" && !call.input.tags("Tags").is_empty() {
            all.push(permission("TagResource", "*".to_owned()));
        }
        all
    }

    /// Answers a call that was authorised.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Done, Refused> {
        if self.who != Who::Anybody {
            let organization = call.organization()?;
            let manages = organization.management == call.caller;
            let delegated = organization.delegates.contains_key(&call.caller);
            let may = match self.who {
                Who::Anybody | Who::Member => true,
                Who::Delegate => manages || delegated,
                Who::Management => manages,
            };
            if !may {
                return Err(refusal::not_for_members());
            }
        }
        (self.run)(call)
    }
}

impl<'s> Call<'s> {
    /// The caller's organisation.
    fn organization(&self) -> Result<&'s Organization, Refused> {
        self.state.organization_of(self.caller).ok_or_else(refusal::not_in_use)
    }

    /// The ARN of what an id names in the caller's organisation.
    fn arn(&self, id: &str) -> Option<String> {
        let organization = self.state.organization_of(self.caller)?;
        if let Some(policy) = organization.policies.get(id) {
            return Some(organization.policy_arn(policy));
        }
        match organization.place(id) {
            Some(Place::Root) => Some(organization.root_arn()),
            Some(Place::Unit(unit)) => Some(organization.unit_arn(&unit.id)),
            Some(Place::Account(account, _)) => Some(organization.account_arn(account)),
            // What does not exist has an ARN all the same: whether it does is not for all to know.
            None => AccountId::parse(id).ok().map(|id| organization.account_arn(id)),
        }
    }
}
