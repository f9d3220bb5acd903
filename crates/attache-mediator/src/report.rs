//! Reports for the API and the page, from accounts, inventory and coverage.

use std::collections::BTreeSet;

use attache_aws_accounts::LinkStatus;
use attache_identifiers::printable;

use crate::account::{Account, AccountReport, State, Warning};
use crate::chain::{links, resources};
use crate::inventory::{Filter, ResourceCount};
use crate::mediator::Shared;
use crate::view_model::{Chain, CoverageLine, Row, View};
use crate::{Coverage, MediatorError, Outcome};

/// Ours: rows in the page itself. The API has them all.
const ROWS: usize = 500;

/// Every account with its chain.
pub(crate) async fn accounts(shared: &Shared) -> Result<Vec<AccountReport>, MediatorError> {
    let coverage = shared.inventory.coverage().await?;
    let counts = shared.inventory.counts().await?;
    Ok(shared.accounts.iter().map(|account| report(account, &coverage, &counts)).collect())
}

/// What the page shows.
pub(crate) async fn view(shared: &Shared) -> Result<View, MediatorError> {
    let coverage = shared.inventory.coverage().await?;
    let counts = shared.inventory.counts().await?;
    let filter = Filter { limit: ROWS, ..Filter::default() };
    let listing = shared.inventory.resources(&filter).await?;
    let chains = shared.accounts.iter().map(|account| Chain {
        account: account.id().to_string(),
        links: links(account, &coverage, &counts),
    });
    let kinds: BTreeSet<String> = counts.iter().map(|counted| counted.kind.clone()).collect();
    // Whoever may make a resource gives it its name.
    let shown = |text: String| printable(&text).into_owned();
    let rows = listing.resources.into_iter().map(|resource| Row {
        kind: resource.kind,
        account: resource.account,
        region: shown(resource.region),
        id: shown(resource.id),
        name: shown(resource.name),
        arn: shown(resource.arn),
    });
    Ok(View {
        chains: chains.collect(),
        scraped_at: coverage.iter().map(|line| line.at).max(),
        coverage: coverage.iter().map(line).collect(),
        resources: rows.collect(),
        kinds: kinds.into_iter().collect(),
        total: listing.total,
    })
}

fn line(coverage: &Coverage) -> CoverageLine {
    let message = match coverage.remedy.as_str() {
        "" => coverage.message.clone(),
        remedy => format!("{}. Remedy: {remedy}", coverage.message),
    };
    CoverageLine {
        account: coverage.account.clone(),
        region: coverage.region.clone(),
        kind: coverage.kind.clone(),
        status: coverage.status.name().to_owned(),
        tone: tone(coverage.status),
        count: coverage.count,
        message,
    }
}

fn tone(outcome: Outcome) -> LinkStatus {
    match outcome {
        Outcome::Ok => LinkStatus::Ok,
        Outcome::Throttled => LinkStatus::Warn,
        Outcome::Denied | Outcome::NoSession | Outcome::Failed => LinkStatus::Fail,
    }
}

fn report(account: &Account, coverage: &[Coverage], counts: &[ResourceCount]) -> AccountReport {
    let State { session, session_error, .. } = account.state();
    let target = &account.target;
    let id = account.id().to_string();
    let chain = links(account, coverage, counts);
    let error = session_error.as_ref().map(|(session_error, evidence)| Warning {
        message: session_error.to_string(),
        remedy: session_error.remedy(&target.role, &target.home, evidence),
    });
    AccountReport {
        session_error: session_error.map(|(session_error, _)| session_error),
        identity_arn: session.as_ref().map(|session| session.identity_arn.clone()),
        role_arn: target.role.to_string(),
        secret: target.secret.clone(),
        claimed_arn: target.declared.arn.clone(),
        claimed_account: target.declared.account.to_string(),
        regions: target.regions.iter().map(ToString::to_string).collect(),
        status: chain.iter().map(|link| link.status).max().unwrap_or(LinkStatus::Unknown),
        resources: resources(&id, counts),
        session_expires_at: session.map(|session| session.expires_at),
        warnings: account.warnings(),
        error,
        chain,
        id,
    }
}
