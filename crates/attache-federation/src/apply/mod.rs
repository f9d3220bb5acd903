//! Applies a plan step by step, in its order, and reports each.
//!
//! Nothing is rolled back. A step that fails ends it with an error that names the step and those before
//! it; planning again finds the rest, because the state is AWS's and not a file's.

mod operation;
mod retry;

use attache_aws_accounts::Connections;
use attache_identifiers::AccountId;
use serde::Serialize;

use crate::clients::Clients;
use crate::document::Federation;
use crate::error::FederationError;
use crate::plan::{Action, Plan};

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
}

/// Applies a plan and reports each step as it ends. A plan without steps changes nothing.
///
/// # Errors
/// [`FederationError::Blocked`] before anything is changed when the plan has something blocked, and
/// [`FederationError::Widens`] when it widens something and that is not allowed;
/// [`FederationError::Account`], also before anything is changed; [`FederationError::Stopped`] when a step fails.
pub async fn apply(
    federation: &Federation,
    plan: &Plan,
    connections: &Connections,
    options: ApplyOptions,
    mut progress: impl FnMut(&Step),
) -> Result<ApplyReport, FederationError> {
    refuse_blocked(plan)?;
    refuse_widening(plan, options)?;
    let work: Vec<(AccountId, &Operation)> = plan
        .changes()
        .flat_map(|(account, change)| change.operations.iter().map(move |op| (account, op)))
        .collect();
    let clients = open(federation, &work, connections).await?;
    let of = work.len();
    let mut steps: Vec<Step> = Vec::new();
    for (index, (account, operation)) in work.into_iter().enumerate() {
        let what = operation.to_string();
        let Some(clients) = clients.iter().find(|c| c.account == account) else { continue };
        if let Err(source) = retry::with_retry(operation, clients).await {
            let done = steps.into_iter().map(|step| step.what).collect();
            return Err(FederationError::Stopped {
                done,
                step: what,
                of,
                source: Box::new(source),
            });
        }
        let step = Step { number: index + 1, of, account, what };
        progress(&step);
        steps.push(step);
    }
    Ok(ApplyReport { steps })
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

/// All accounts' clients before the first change: wrong credentials for the last account must not
/// leave the first one changed.
async fn open(
    federation: &Federation,
    work: &[(AccountId, &Operation)],
    connections: &Connections,
) -> Result<Vec<Clients>, FederationError> {
    let mut clients: Vec<Clients> = Vec::new();
    for (account, _) in work {
        if !clients.iter().any(|c| c.account == *account) {
            clients.push(Clients::open(connections, *account, federation.region(*account)).await?);
        }
    }
    Ok(clients)
}
