//! The difference between what an account is to hold and what it holds.
//!
//! Planning is pure: [`steps_for`] compares the two and knows no AWS. [`plan`] and [`plan_destroy`] read
//! every account for it.

mod change;
mod destroy;
mod document;
mod print;
mod provider;
mod role;
mod step_class;
#[cfg(test)]
mod tests;

use attache_aws_accounts::Connections;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::clients::Clients;
use crate::desired::{self, Account, OWNER_TAG};
use crate::document::Federation;
use crate::error::FederationError;
use crate::observe::{self, ObservedAccount};

pub use change::{
    AccountPlan, Action, Change, Difference, Kind, Plan, PlannedStep, Resource, StepClass,
    StepWitness, Summary,
};
pub(crate) use document::differences;
pub(crate) use role::same_name;
pub(crate) use step_class::trust_gain;

/// Ours: how many accounts are read at once. IAM answers some tens of calls a second an account,
/// and the accounts' limits are apart; our own sockets are the limit.
const ACCOUNTS_AT_ONCE: usize = 8;

/// What a plan may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlanOptions {
    /// Take over roles that exist without this federation's tag.
    pub adopt: bool,
}

/// Compares the federation with what its accounts hold. Changes nothing.
///
/// # Errors
/// When an account has no credentials, or another account's, or IAM refuses to answer.
pub async fn plan(
    federation: &Federation,
    connections: &Connections,
    options: PlanOptions,
) -> Result<Plan, FederationError> {
    plan_accounts(federation, connections, |desired, observed| {
        steps_for(&federation.name, desired, observed, options)
    })
    .await
}

/// Plans the removal of everything that carries the federation's tag.
///
/// # Errors
/// As [`plan`].
pub async fn plan_destroy(
    federation: &Federation,
    connections: &Connections,
) -> Result<Plan, FederationError> {
    let mut plan = plan_accounts(federation, connections, |desired, observed| {
        destroy::steps(&federation.name, desired, observed)
    })
    .await?;
    // The reverse of how it was made.
    plan.accounts.reverse();
    Ok(plan)
}

/// Reads every account, plans its changes, and classifies every step.
async fn plan_accounts(
    federation: &Federation,
    connections: &Connections,
    steps: impl Fn(&Account, &ObservedAccount) -> Vec<Change>,
) -> Result<Plan, FederationError> {
    let steps = &steps;
    let read = stream::iter(desired::accounts(federation)).map(|desired| async move {
        let region = federation.region(desired.id);
        let clients = Clients::open(connections, desired.id, region).await?;
        let observed = observe::account(&clients, &desired).await?;
        let mut changes = steps(&desired, &observed);
        let mut documents = step_class::PolicyTexts::new();
        for arn in step_class::policies_needed(&changes, &observed) {
            let document = observe::managed_document(&clients, &arn).await;
            documents.insert(arn, document);
        }
        step_class::classify(&mut changes, &observed, &documents).await;
        Ok::<_, FederationError>(AccountPlan { account: desired.id, changes })
    });
    let accounts: Vec<AccountPlan> = read.buffered(ACCOUNTS_AT_ONCE).try_collect().await?;
    Ok(Plan { federation: federation.name.clone(), accounts })
}

/// The changes of one account, in dependency order: the provider, roles and their policies, then
/// the roles of ours that the file no longer has.
fn steps_for(
    owner: &str,
    desired: &Account,
    observed: &ObservedAccount,
    options: PlanOptions,
) -> Vec<Change> {
    let mut changes = vec![provider::change(owner, &desired.provider, observed.provider.as_ref())];
    for expected in &desired.roles {
        let found = observed.roles.get(expected.arn.name());
        changes.extend(role::changes(owner, expected, found, options));
    }
    changes.extend(destroy::left_over(owner, desired, observed));
    changes
}

/// Whether the tags say that this federation made it.
fn is_owned(tags: &std::collections::BTreeMap<String, String>, owner: &str) -> bool {
    tags.get(OWNER_TAG).is_some_and(|name| name == owner)
}
