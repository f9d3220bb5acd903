//! IAM: the operations on providers, roles and policies.
//!
//! Knows: what each operation takes, answers and refuses. An operation is a pure function: the
//! state and an input in, an answer and perhaps a change out.
//!
//! Does not know: who calls and whether they may (that was decided before), and how a change is
//! kept (that comes after).

mod absent;
mod access_keys;
mod account;
mod attachments;
mod boundaries;
mod details;
mod documents;
mod groups;
mod inline_policies;
mod instance_profiles;
mod keys;
mod last_accessed;
mod limits;
mod members;
mod named;
mod owner;
mod page;
mod permissions;
mod policies;
mod providers;
mod roles;
mod service_linked;
mod show;
mod simulate;
mod simulation;
mod source;
mod tagging;
mod update_role;
mod users;
mod versions;

use attache_aws_protocol::ServiceError;
use serde_json::Value;
use time::OffsetDateTime;

use crate::Quotas;
use crate::access::Caller;
use crate::budget::Budget;
use crate::refusal::limit_exceeded;
use crate::shape::{Input, Member};
use attache_ledger::MasterKey;
use attache_ledger::change::Change;
use attache_ledger::state::{Account, State};
use attache_ledger::usage::Usage;

pub(crate) use keys::add_keys;
pub(crate) use permissions::Resource;

/// The namespace of IAM's answers.
pub(crate) const XMLNS: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) state: &'s State,
    pub(crate) account: &'s Account,
    pub(crate) caller: &'s Caller,
    pub(crate) input: Input<'s>,
    pub(crate) now: OffsetDateTime,
    /// Derives the secrets of new keys.
    pub(crate) key: &'s MasterKey,
    pub(crate) quotas: &'s Quotas,
    pub(crate) usage: &'s Usage,
}

impl Call<'_> {
    /// Refuses one more of what there are so many of already.
    fn has_room(&self, quota: &str, taken: usize) -> Result<(), ServiceError> {
        let most = self.quotas.get(quota);
        if taken < most { Ok(()) } else { Err(limit_exceeded(quota, most)) }
    }
}

/// What is left to do for an answer once the state was looked at and is no longer locked: it is handed
/// the same input again, and what it may cost.
pub(crate) type Work = Box<dyn FnOnce(Input<'_>, &Budget) -> Result<Value, ServiceError>>;

/// What an operation answers, and what it changes.
pub(crate) struct Done {
    pub(crate) result: Value,
    pub(crate) change: Option<Change>,
    /// Makes the result, where that can take long.
    pub(crate) work: Option<Work>,
}

impl Done {
    fn told(result: Value) -> Self {
        Self { result, change: None, work: None }
    }

    fn changed(change: Change) -> Self {
        Self::both(Value::Null, change)
    }

    fn both(result: Value, change: Change) -> Self {
        Self { result, change: Some(change), work: None }
    }

    fn later(
        work: impl FnOnce(Input<'_>, &Budget) -> Result<Value, ServiceError> + 'static,
    ) -> Self {
        Self { result: Value::Null, change: None, work: Some(Box::new(work)) }
    }

    /// The result, with what is left to do for it done. Nothing is locked meanwhile.
    pub(crate) fn finish(self, input: Input<'_>, budget: &Budget) -> Result<Value, ServiceError> {
        match self.work {
            Some(work) => work(input, budget),
            None => Ok(self.result),
        }
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

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        providers::OPERATIONS,
        roles::OPERATIONS,
        update_role::OPERATIONS,
        service_linked::OPERATIONS,
        inline_policies::OPERATIONS,
        users::OPERATIONS,
        groups::OPERATIONS,
        access_keys::OPERATIONS,
        absent::OPERATIONS,
        instance_profiles::OPERATIONS,
        account::OPERATIONS,
        details::OPERATIONS,
        simulate::OPERATIONS,
        last_accessed::OPERATIONS,
        policies::OPERATIONS,
        versions::OPERATIONS,
        attachments::OPERATIONS,
        boundaries::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}
