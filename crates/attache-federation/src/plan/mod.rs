//! The difference between what an account is to hold and what it holds.
//!
//! Planning is pure: [`steps_for`] compares the two and knows no AWS. [`plan`] and [`plan_destroy`] read
//! every account for it.

mod association;
mod change;
mod destroy;
mod document;
mod equal;
mod obstacles;
mod print;
mod provider;
mod role;
mod saved;
mod step_class;
#[cfg(test)]
mod tests;
mod text;

use std::time::Duration;

use attache_aws_accounts::Connections;
use attache_identifiers::Region;
use futures_util::{StreamExt, stream};

use crate::clients::{ACCOUNTS_AT_ONCE, Clients};
use crate::desired::{self, Account, OWNER_TAG};
use crate::document::{Federation, Mode};
use crate::error::FederationError;
use crate::observe::{self, ObservedAccount};
use crate::patience::Patience;
use crate::scope::Scope;

pub use change::{
    AccountPlan, Action, Change, Difference, Finding, FindingLevel, Kind, Plan, PlannedStep,
    Resource, StepClass, StepWitness, Summary, UnreadAccount,
};
pub use saved::{SavedOptions, SavedPlan, SavedPlanError};
pub use text::PlanText;

pub(crate) use document::differences;
pub(crate) use role::same_name;
pub(crate) use step_class::trust_gain;

/// What a plan may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlanOptions {
    /// Take over roles that exist without this federation's tag.
    pub adopt: bool,
    /// How long throttled calls are repeated; an account that takes longer is not read.
    pub timeout: Duration,
}

/// Compares the federation with what its accounts hold, and finds what is the federation's in the accounts beside
/// them. Changes nothing. An account that has no credentials, or another account's, or in which IAM refuses to
/// answer is in [`Plan::unread`], and the others are planned.
pub async fn plan(
    federation: &Federation,
    connections: &Connections,
    scope: &Scope,
    options: PlanOptions,
) -> Plan {
    let (timeout, goal) = (options.timeout, Goal::Apply(options));
    Reader { federation, connections, scope, timeout, goal }.plan().await
}

/// Plans the removal of everything that carries the federation's tag. What cannot be read is as in
/// [`plan`].
pub async fn plan_destroy(
    federation: &Federation,
    connections: &Connections,
    scope: &Scope,
    timeout: Duration,
) -> Plan {
    let reader = Reader { federation, connections, scope, timeout, goal: Goal::Destroy };
    let mut plan = reader.plan().await;
    // The reverse of how it was made; but an association goes first, and it is in the first account.
    if federation.mode() == Mode::Direct {
        plan.accounts.reverse();
    }
    plan
}

/// Reads every account, plans its changes, and classifies every step.
struct Reader<'f> {
    federation: &'f Federation,
    connections: &'f Connections,
    scope: &'f Scope,
    timeout: Duration,
    goal: Goal,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy)]
enum Goal {
    Apply(PlanOptions),
    Destroy,
}

impl Reader<'_> {
    async fn plan(&self) -> Plan {
        let patience = Patience::of(self.timeout);
        let of_the_file = desired::accounts(self.federation).into_iter();
        let of_the_file = of_the_file.map(|account| (account, false));
        let elsewhere = self.scope.elsewhere.iter();
        let elsewhere = elsewhere.map(|id| (desired::account(self.federation, *id), true));
        let read = of_the_file.chain(elsewhere).map(|(desired, elsewhere)| async move {
            let read = self.account(&desired, elsewhere, patience).await;
            (elsewhere, read)
        });
        let read: Vec<_> = stream::iter(read).buffered(ACCOUNTS_AT_ONCE).collect().await;
        let mut plan = Plan {
            federation: self.federation.name.clone(),
            accounts: Vec::new(),
            unread: Vec::new(),
            notes: self.scope.notes.clone(),
        };
        for (elsewhere, account) in read {
            match account {
                Ok((account, notes)) => {
                    plan.notes.extend(notes);
                    if !elsewhere || !account.changes.is_empty() {
                        plan.accounts.push(account);
                    }
                }
                Err(unread) if elsewhere => plan.notes.push(format!(
                    "the account {} is not in the file, and was not searched: {}",
                    unread.account, unread.error
                )),
                Err(unread) => plan.unread.push(unread),
            }
        }
        plan
    }

    /// One account's part, and what could not be searched there.
    async fn account(
        &self,
        desired: &Account,
        elsewhere: bool,
        patience: Patience,
    ) -> Result<(AccountPlan, Vec<String>), UnreadAccount> {
        let (account, owner) = (desired.id, &self.federation.name);
        if let Some(state) = self.scope.inactive.get(&account) {
            return Err(UnreadAccount::inactive(account, state));
        }
        let region = self.federation.region(account);
        let read = async {
            let clients = Clients::open(self.connections, account, region, patience).await?;
            let observed = observe::account(&clients, owner, desired).await?;
            let changes = match (elsewhere, self.goal) {
                (true, _) => destroy::elsewhere(owner, desired, &observed),
                (false, Goal::Destroy) => destroy::steps(owner, desired, &observed),
                (false, Goal::Apply(options)) => {
                    let mut changes = steps_for(owner, desired, &observed, options);
                    equal::drop_equal(&mut changes, &observed).await;
                    obstacles::find(&mut changes, desired, &observed, &clients).await;
                    changes
                }
            };
            let mut changes = with_region(changes, region);
            classify(&mut changes, &observed, &clients).await;
            let notes = observed.unsearched.iter().map(|why| format!("in {account}, {why}"));
            let notes = notes.collect();
            Ok::<_, FederationError>((AccountPlan { account, elsewhere, changes }, notes))
        };
        read.await.map_err(|error| UnreadAccount::new(account, &error).in_region(region))
    }
}

/// With a warning at the first resource where the region was not known when this was built.
fn with_region(mut changes: Vec<Change>, region: Option<&Region>) -> Vec<Change> {
    if let (Some(first), Some(why)) = (changes.first_mut(), region.and_then(unknown_region)) {
        first.findings.push(Finding::warning(why));
    }
    changes
}

/// What is said of a region that was not known when this was built.
fn unknown_region(region: &Region) -> Option<String> {
    let near = region.nearest().map(|near| format!(": did you mean {near}?"));
    let near = near.unwrap_or_else(|| ": it is new, or misspelt".to_owned());
    (!region.is_known()).then(|| format!("the region {region} is not known{near}"))
}

/// Sets the class of every step, for which it reads the managed policies that matter.
async fn classify(changes: &mut [Change], observed: &ObservedAccount, clients: &Clients) {
    let mut documents = step_class::PolicyTexts::new();
    for arn in step_class::policies_needed(changes, observed) {
        let document = observe::managed_document(clients, &arn).await;
        documents.insert(arn, document);
    }
    step_class::classify(changes, observed, &documents).await;
}

/// What a plan that takes over what exists would change in an account, for whoever compares it: `verify`.
pub(crate) async fn compare(
    owner: &str,
    desired: &Account,
    observed: &ObservedAccount,
    clients: &Clients,
) -> Vec<Change> {
    let mut changes =
        steps_for(owner, desired, observed, PlanOptions { adopt: true, ..PlanOptions::default() });
    equal::drop_equal(&mut changes, observed).await;
    classify(&mut changes, observed, clients).await;
    changes
}

/// The changes of one account, in dependency order: the provider, roles and their policies, the association, then
/// what of ours the file no longer has.
fn steps_for(
    owner: &str,
    desired: &Account,
    observed: &ObservedAccount,
    options: PlanOptions,
) -> Vec<Change> {
    let providers = desired.providers.iter().map(|own| {
        let found = observed.providers.get(&own.arn);
        provider::change(owner, own, found.map(|found| &found.provider))
    });
    let mut changes: Vec<Change> = providers.collect();
    for expected in &desired.roles {
        let found = observed.roles.get(expected.arn.name());
        changes.extend(role::changes(owner, expected, found, options));
    }
    changes.extend(association::changes(owner, desired, observed, options));
    changes.extend(destroy::left_over(owner, desired, observed));
    changes
}

/// Whether the tags say that this federation made it.
pub(crate) fn is_owned(tags: &std::collections::BTreeMap<String, String>, owner: &str) -> bool {
    tags.get(OWNER_TAG).is_some_and(|name| name == owner)
}
