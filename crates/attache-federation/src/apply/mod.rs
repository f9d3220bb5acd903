//! Applies a plan: in each account step by step, in several accounts at once; and reports each step.
//!
//! Nothing is rolled back. A step that fails ends its account's part, and the error names the step and what
//! was done; planning again finds the rest, because the state is AWS's and not a file's.

mod association;
mod operation;
mod parts;
mod retry;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use attache_aws_accounts::{AccountError, Connections};
use attache_identifiers::AccountId;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::clients::{ACCOUNTS_AT_ONCE, Clients};
use crate::document::Federation;
use crate::error::{FederationError, Stop};
use crate::patience::Patience;
use crate::plan::{Action, Plan};

use parts::Part;

pub(crate) use association::AssociationName;
pub(crate) use operation::Operation;
pub use parts::in_progress;

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// In the plan, from 1. The steps of other accounts may be done before it or after it.
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
    /// Every step, in the plan's order.
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
/// The source account's part is done alone, before the others' or, where it is removed, after them: a trust
/// policy can name a role only once it is there.
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
    progress: impl FnMut(&Step),
) -> Result<ApplyReport, FederationError> {
    refuse_blocked(plan)?;
    refuse_widening(plan, options)?;
    refuse_unread(plan)?;
    let parts = parts::of(plan);
    let (clients, mut stops) = open(federation, &parts, connections, options).await?;
    let progress = Mutex::new(progress);
    let report = |step: &Step| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress(step);
    };
    let mut steps: Vec<Step> = Vec::new();
    for at_once in parts::groups(&parts, federation.source().account()) {
        let running = at_once.iter().filter_map(|part| {
            let clients = clients.get(&part.account)?;
            Some(part.carry_out(clients, &federation.name, &report))
        });
        let ended: Vec<_> =
            stream::iter(running).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
        for (done, stop) in ended {
            steps.extend(done);
            stops.extend(stop);
        }
    }
    steps.sort_by_key(|step| step.number);
    stops.sort_by_key(|stop| stop.number);
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
    parts: &[Part<'_>],
    connections: &Connections,
    options: ApplyOptions,
) -> Result<(BTreeMap<AccountId, Clients>, Vec<Stop>), FederationError> {
    let patience = Patience::of(options.timeout);
    let opening = parts.iter().map(|part| async move {
        let region = federation.region(part.account);
        (part, Clients::open(connections, part.account, region, patience).await)
    });
    let opened: Vec<_> = stream::iter(opening).buffered(ACCOUNTS_AT_ONCE).collect().await;
    let (mut clients, mut stops) = (BTreeMap::new(), Vec::new());
    for (part, opened) in opened {
        match opened {
            Ok(opened) => drop(clients.insert(part.account, opened)),
            Err(error @ AccountError::WrongAccount { .. }) => return Err(error.into()),
            Err(error) => stops.extend(part.first().map(|number| part.stop(number, error.into()))),
        }
    }
    Ok((clients, stops))
}
