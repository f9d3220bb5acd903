//! Applies a plan step by step, in its order, and reports each.
//!
//! Nothing is rolled back. A step that fails ends its account's part, and the error names the step and what
//! was done; planning again finds the rest, because the state is AWS's and not a file's.

mod association;
mod operation;
mod retry;

use std::time::Duration;

use attache_aws_accounts::{AccountError, Connections};
use attache_identifiers::AccountId;
use serde::Serialize;

use crate::clients::Clients;
use crate::document::Federation;
use crate::error::{FederationError, Stop};
use crate::patience::Patience;
use crate::plan::{Action, Plan};

pub(crate) use association::AssociationName;
pub(crate) use operation::Operation;

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// In which account.
    pub account: AccountId,
    /// What was done, as a verb phrase: `create the role CauselyAccess`.
    pub what: String,
}

/// The steps that were done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplyReport {
    /// Every step, in order.
    pub steps: Vec<Step>,
}

/// Options of [`apply`].
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplyOptions {
    /// Carry out steps that widen something that exists, or are not known not to.
    pub allow_widening: bool,
    /// How long throttled calls are repeated.
    pub timeout: Duration,
}

/// Applies a plan and reports each step as it ends. A plan without steps changes nothing. An account in
/// which a step fails stops there, and the others go on.
///
/// # Errors
/// [`FederationError::Blocked`] before anything is changed when the plan has something blocked, and
/// [`FederationError::Widens`] when it widens something and that is not allowed;
/// [`FederationError::Unread`], also before anything is changed, when the credentials for one account
/// are another account's, or nothing could be read; [`FederationError::Stopped`] when a step failed
/// or an account could not be read, once all others are done.
pub async fn apply(
    federation: &Federation,
    plan: &Plan,
    connections: &Connections,
    options: ApplyOptions,
    mut progress: impl FnMut(&Step),
) -> Result<ApplyReport, FederationError> {
    refuse_blocked(plan)?;
    refuse_widening(plan, options)?;
    refuse_unread(plan)?;
    let work: Vec<(AccountId, &Operation)> = plan
        .changes()
        .flat_map(|(account, change)| change.operations.iter().map(move |op| (account, op)))
        .collect();
    let of = work.len();
    let (clients, mut stops) = open(federation, &work, connections, options).await?;
    let mut steps: Vec<Step> = Vec::new();
    for (index, (account, operation)) in work.into_iter().enumerate() {
        let number = index + 1;
        let Some(clients) = clients.iter().find(|c| c.account == account) else { continue };
        if stops.iter().any(|stop: &Stop| stop.account == account) {
            continue;
        }
        if let Err(source) = retry::with_retry(operation, clients, &federation.name).await {
            stops.push(Stop { account, number, of, source });
            continue;
        }
        let step = Step { number, of, account, what: operation.to_string() };
        progress(&step);
        steps.push(step);
    }
    if stops.is_empty() && plan.unread.is_empty() {
        return Ok(ApplyReport { steps });
    }
    Err(FederationError::Stopped { done: steps, stops, unread: plan.unread.clone() })
}

fn refuse_blocked(plan: &Plan) -> Result<(), FederationError> {
    let blocked = plan.changes().filter(|(_, change)| change.action == Action::Blocked);
    let reasons: Vec<String> = blocked
        .map(|(account, change)| {
            format!("in {account}, {}", change.note.as_deref().unwrap_or("a resource is blocked"))
        })
        .collect();
    if reasons.is_empty() { Ok(()) } else { Err(FederationError::Blocked { reasons }) }
}

fn refuse_widening(plan: &Plan, options: ApplyOptions) -> Result<(), FederationError> {
    if options.allow_widening {
        return Ok(());
    }
    let steps = plan.widening();
    if steps.is_empty() { Ok(()) } else { Err(FederationError::Widens { steps }) }
}

/// Credentials of another account change nothing anywhere: whoever mixed up one may have mixed up more.
fn refuse_unread(plan: &Plan) -> Result<(), FederationError> {
    let mixed_up = plan.unread.iter().any(|account| account.is_other_account);
    if mixed_up || plan.accounts.is_empty() && !plan.unread.is_empty() {
        return Err(FederationError::Unread { accounts: plan.unread.clone() });
    }
    Ok(())
}

/// All accounts' clients before the first change: credentials that became another account's since the plan
/// must not leave the first account changed.
async fn open(
    federation: &Federation,
    work: &[(AccountId, &Operation)],
    connections: &Connections,
    options: ApplyOptions,
) -> Result<(Vec<Clients>, Vec<Stop>), FederationError> {
    let patience = Patience::of(options.timeout);
    let (mut clients, mut stops): (Vec<Clients>, Vec<Stop>) = (Vec::new(), Vec::new());
    for (index, (account, _)) in work.iter().enumerate() {
        let known = clients.iter().any(|c| c.account == *account)
            || stops.iter().any(|stop| stop.account == *account);
        if known {
            continue;
        }
        let region = federation.region(*account);
        match Clients::open(connections, *account, region, patience).await {
            Ok(opened) => clients.push(opened),
            Err(error @ AccountError::WrongAccount { .. }) => return Err(error.into()),
            Err(error) => stops.push(Stop {
                account: *account,
                number: index + 1,
                of: work.len(),
                source: error.into(),
            }),
        }
    }
    Ok((clients, stops))
}
